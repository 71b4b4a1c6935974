using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>Vectorized particles are independent runs: of structured guides, of nested plates, of each type of number.</summary>
public sealed class ParticleTests
{
    [Fact]
    public void AStructuredGuideInNestedPlatesHasTheSameExpectationEitherWay()
    {
        // Three rows of three columns with vectors of three and three particles: all sizes coincide.
        using Parameter a = Inferences.Scalar(0.3), b = Inferences.Scalar(-0.2);
        var model = Model.Given<Tensor>("m").Sample("w", Normal.Standard(3), out var w)
            .Plate("rows", total: 6, x => x.shape[0], axis: -2)
            .Sample("r", s => new Normal(s[w].sum(-1), 1), out var r)
            .Plate("columns", total: 3, axis: -1, batch: x => x.shape[1])
            .Sample("z", s => new Normal(s[r].unsqueeze(-1) + s[w], 1).ToEvent(), out var z)
            .Observe("y", s => new Normal(s[z] * s[w], 1).ToEvent(), out _).Build();
        var guide = Guide.For(model)
            .Sample(w, _ => new Normal(a.expand(3), 0.5).ToEvent())
            .Sample(r, (x, s) => new Normal((b * s[w].sum(-1)) + x.mean([-1, -2], keepdim: false).unsqueeze(-1), 0.5))
            .Sample(z, (x, s) => new Normal((x * 0.5) + (b * s[r].unsqueeze(-1)) + s[w], 0.5).ToEvent())
            .Build();
        using var svi = Inferences.Svi(model, guide);
        using var data = arange(0, 27, ScalarType.Float32).mul(0.1).view(3, 3, 3);
        // 300 × 3 vectorized and 100 × 3 looped particles; bound: 4 standard errors of the difference.
        foreach (var (vectorized, looped) in new[] { (Elbo.Trace(3), Elbo.Trace(3, vectorized: false)), (Elbo.MeanField(3), Elbo.MeanField(3, vectorized: false)) })
        {
            var (one, other) = (Inferences.MeanElbo(svi, data, vectorized, 300), Inferences.MeanElbo(svi, data, looped, 100));
            Inferences.AssertEstimates(0, (one.Mean - other.Mean, Math.Sqrt((one.Error * one.Error) + (other.Error * other.Error))), "vectorized − looped");
        }
    }

    [Fact]
    public void ALambdaThatSumsOverTheParticlesIsRefused()
    {
        // A sum over all axes is right for one particle and mixes several; the scalar that comes out would fit any shape.
        using var loc = Inferences.Scalar(0.5);
        var model = Model.Given<Tensor>("m").Sample("w", Normal.Standard(3), out var w).Observe("y", s => new Normal(s[w].sum(), 1), out _).Build();
        var guide = Guide.For(model).Sample(w, _ => new Normal(loc.expand(3), 1).ToEvent()).Build();
        using var data = tensor(1f);
        using var one = Inferences.Svi(model, guide, Elbo.MeanField());
        Assert.True(double.IsFinite(one.Step(data).Elbo));
        using var four = Inferences.Svi(model, guide, Elbo.MeanField(particles: 4));
        Assert.Contains("vectorized: false", Assert.Throws<ModelException>(() => four.Step(data)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ModelsInFloat64StayInFloat64(int particles)
    {
        using Parameter loc = new(zeros([2], ScalarType.Float64)), scale = new(ones([2], ScalarType.Float64));
        var model = Model.Given<Tensor>("m").Plate("points", 2).Sample("z", new Normal(0, 1), out var z)
            .Observe("y", s => new Normal(s[z], 1e-9), out var y).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(loc, scale)).Build();
        using var svi = Svi.For(model, guide, Elbo.MeanField(particles), Inferences.Adam());
        using var data = tensor(new[] { 1.0, 2.0 });
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
        Assert.Equal(ScalarType.Float64, guide.Trace(data, new RandomKey(1))[z].Value.dtype);
        Assert.Equal(ScalarType.Float64, loc.grad!.dtype);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void BitsMayBeOfAnyType(ScalarType type)
    {
        using var logit = Inferences.Scalar(0.4);
        var model = Model.Given<Tensor>("m").Sample("l", new Normal(0, 1), out var l).Plate("flips", 4)
            .Observe("y", s => Bernoulli.FromLogits(s[l]), out _).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(l, _ => new Delta(logit)).Build());
        using var data = tensor(new[] { 1f, 0, 1, 1 }).to(type);
        var p = 1 / (1 + Math.Exp(-0.4));
        Assert.Equal((3 * Math.Log(p)) + Math.Log(1 - p), svi.Step(data).LogLikelihood, 5);
    }

    [Fact]
    public void WhatTorchRefusesInALambdaNamesTheSiteAndWhatItRead()
    {
        var beside = zeros(3, 2);
        var model = Model.Given<Tensor>("refused").Sample("w", new Normal(zeros(2), 1), out var w).Plate("rows", total: 3)
            .Observe("x", s => new Normal(cat([beside, s[w].unsqueeze(0).expand(3, 2)], dim: -1), 1), out _).Build();
        using Parameter loc = new(zeros(2));
        var guide = Guide.For(model).Sample(w, _ => new Normal(loc, 1)).Build();
        using var one = Svi.For(model, guide, Elbo.Trace(), p => optim.SGD(p, 0.1));
        using var data = zeros(3, 4);
        one.Step(data);
        using var many = Svi.For(model, guide, Elbo.Trace(5), p => optim.SGD(p, 0.1));
        var problem = Assert.Single(Assert.Throws<ModelException>(() => many.Step(data)).Problems);
        Assert.StartsWith("Site 'x': torch refused what its lambda does: ", problem, StringComparison.Ordinal);
        Assert.EndsWith(". It read 'w' (5, 1, 2). The 5 particles are the first axis of what was drawn; a lambda that cannot take it runs with vectorized: false.", problem, StringComparison.Ordinal);
    }
}
