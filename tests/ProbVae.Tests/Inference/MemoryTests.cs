using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>The engine owns the tensors of a step: nothing that it or a lambda makes survives, and what the caller has does.</summary>
public sealed class MemoryTests
{
    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LiveTensorsAreTheSameAfterEachOf300Steps(bool program)
    {
        using var vae = new SmallVae(program: program);
        using var svi = vae.Svi();
        using var batch = vae.Batch(0);
        svi.Step(batch);
        var live = Live;
        for (var step = 0; step < 300; step++)
        {
            svi.Step(batch);
            Assert.Equal(live, Live);
        }
    }

    [Fact]
    public void WhatALambdaAllocatesIsGoneAfterTheStep()
    {
        using var loc = Inferences.Scalar(0);
        var made = new List<Tensor>();
        var model = Model.Given<Tensor>("m").Sample("z", s => new Normal(Plenty(s.Data), 1), out var z)
            .Observe("x", s => new Normal(s[z] + Plenty(s.Data), 1), out _).Build();
        var guide = Guide.For(model).Sample(z, x => new Normal(loc + Plenty(x), 1)).Build();
        using var svi = Inferences.Svi(model, guide, Elbo.Trace(particles: 3, vectorized: false));
        using var data = tensor(0.5f);
        svi.Step(data);
        var live = Live;
        for (var step = 0; step < 20; step++)
        {
            made.Clear();
            svi.Step(data);
            Assert.Equal(live, Live);
            // Three runs of three lambdas.
            Assert.Equal(900, made.Count);
            Assert.All(made, tensor => Assert.True(tensor.IsInvalid));
        }

        Tensor Plenty(Tensor x)
        {
            made.AddRange(Enumerable.Range(0, 100).Select(i => x * i));
            return made[^100].mean();
        }
    }

    [Fact]
    public void TheCallersTensorsAndTheParametersSurvive()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using var batch = vae.Batch(0);
        using var constant = ones(2);
        var model = vae.Model.With(vae.Z, new Normal(constant, 1).ToEvent());
        using var other = Svi.For(model, vae.Guide, Elbo.MeanField(), Inferences.Adam());
        var before = Inferences.Numbers(batch);
        for (var step = 0; step < 3; step++)
        {
            svi.Step(batch);
            other.Step(batch);
        }

        Assert.Equal(before, Inferences.Numbers(batch));
        Assert.Equal([1, 1], Inferences.Numbers(constant));
        Assert.All(svi.Parameters.ByName.Values, parameter => Assert.False(parameter.IsInvalid));
    }

    [Fact]
    public void EvaluateExplainSaveAndLoadLeaveNothing()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using var batch = vae.Batch(0);
        svi.Step(batch);
        var checkpoint = Inferences.Snapshot(svi);
        var live = Live;
        svi.Evaluate(batch);
        Assert.Equal(live, Live);
        svi.Evaluate(batch, Elbo.Trace(particles: 5, vectorized: false));
        Assert.Equal(live, Live);
        _ = svi.Explain(batch).ToString();
        Assert.Equal(live, Live);
        Inferences.Snapshot(svi);
        Assert.Equal(live, Live);
        svi.Load(new MemoryStream(checkpoint));
        Assert.Equal(live, Live);
    }

    [Fact]
    public void TheFirstStepLeavesGradientsAndNothingElse()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using var batch = vae.Batch(0);
        var live = Live;
        _ = svi.Explain(batch);
        Assert.Equal(live, Live);
        svi.Evaluate(batch);
        Assert.Equal(live, Live);
        svi.Step(batch);
        Assert.Equal(live, Live);
    }

    [Fact]
    public void AStepThatThrowsLeavesNothing()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using Tensor batch = vae.Batch(0), outside = full_like(batch, 2), misshapen = zeros(8, 4);
        var failing = false;
        using var loc = Inferences.Scalar(0.5);
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(s[z], failing ? 1e-30 : 1), out _).Build();
        using var poisoned = Inferences.Svi(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build());
        using var number = tensor(3f);
        svi.Step(batch);
        poisoned.Step(number);
        failing = true;
        var live = Live;
        for (var i = 0; i < 3; i++)
        {
            Assert.Throws<ModelException>(() => svi.Step(outside));
            Assert.Equal(live, Live);
            Assert.ThrowsAny<Exception>(() => svi.Step(misshapen));
            Assert.Equal(live, Live);
            Assert.Throws<NonFiniteException>(() => poisoned.Step(number));
            Assert.Equal(live, Live);
        }

        svi.Step(batch);
        Assert.Equal(live, Live);
    }

    [Fact]
    public void AnOuterScopeOfTheCallerGetsNothingFromAStep()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using var batch = vae.Batch(0);
        svi.Step(batch);
        using var scope = NewDisposeScope();
        svi.Step(batch);
        svi.Evaluate(batch);
        Assert.Equal(0, scope.DisposablesCount);
    }
}
