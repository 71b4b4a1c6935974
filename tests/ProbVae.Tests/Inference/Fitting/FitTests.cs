using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Fits that end: why, where, and with which parameters.</summary>
public sealed class FitTests
{
    [Fact]
    public void AConvergedFitStopsAndIsRight()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi(lr: 0.05);
        var result = svi.Fit(conjugate.Data, steps: 20_000, new FitOptions { Until = [StoppingRule.RelativeChange(tolerance: 2e-3, window: 50)] });
        Assert.Equal((StopReason.Rule, svi.StepCount), (result.Reason, result.Steps));
        Assert.True(result.Steps < 5000, $"{result.Steps} steps");
        Assert.Contains("The ELBO has settled", result.Why, StringComparison.Ordinal);
        // The posterior's sd is 0.218; Adam at 0.05 with eight particles wanders by less than half of it.
        Assert.Equal(Conjugate.Mean, conjugate.Location.item<float>(), 0.1);
        // With the exact posterior the ELBO is log p(x); q is within 0.5 · (0.1 / 0.218)² ≈ 0.11 nats of it.
        Assert.InRange(result.Elbo.Mean, Evidence(conjugate) - 0.11 - (4 * result.Elbo.StandardError), Evidence(conjugate) + (4 * result.Elbo.StandardError));
        Assert.Equal(result.Steps, result.History.Elbos.Count);
    }

    /// <summary>Case A6: a total that the whole data does not have is said, once, by the fit that sees all data; and by Explain where most of the total is there.</summary>
    [Fact]
    public void AFitOnAllDataSaysWhereAPlateHasAnotherTotal()
    {
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu).Plate("rows", total: 50).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Build();
        using Tensor most = zeros(48), all = zeros(50), few = zeros(10);
        const string Said = "Plate 'rows': the data has 48 of its 50 elements, whose log densities count 1.0417 times each. If that is all the data there is, the total is 48";
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(2, svi.Fit(most, 3).Why.Split(Said).Length);
        Assert.Contains(Said, svi.Explain(most).ToString(), StringComparison.Ordinal);
        using var whole = Inferences.Svi(model, guide);
        Assert.DoesNotContain("Plate", whole.Fit(all, 3).Why, StringComparison.Ordinal);
        Assert.DoesNotContain("Plate", whole.Explain(all).ToString(), StringComparison.Ordinal);
        using var batches = Inferences.Svi(model, guide);
        Assert.DoesNotContain("Plate", batches.Fit([few, few, few]).Why, StringComparison.Ordinal);
        Assert.DoesNotContain("Plate", batches.Explain(few).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AFitThatStillRisesGoesOn()
    {
        var conjugate = new Conjugate(loc: 40);
        using var svi = conjugate.Svi(lr: 0.01);
        var result = svi.Fit(conjugate.Data, steps: 600, new FitOptions { Until = [StoppingRule.RelativeChange(tolerance: 2e-3, window: 50)] });
        Assert.Equal((StopReason.MaximumSteps, 600L), (result.Reason, result.Steps));
        Assert.Null(result.Rule);
        Assert.Contains("no stopping rule was met", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void ASmallGradientEndsAFitAndALargeOneDoesNot()
    {
        // In closed form, the KL of a Normal from a Normal has a gradient without noise.
        Assert.Equal(StopReason.Rule, Fit(below: 0.05).Reason);
        Assert.Equal(StopReason.MaximumSteps, Fit(below: 1e-9).Reason);

        static FitResult Fit(double below)
        {
            TorchSharp.Modules.Parameter loc = new(tensor(3f)), logScale = new(tensor(1f));
            var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
            using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(loc, logScale.exp())).Build(), Elbo.MeanField(), Inferences.Adam(0.05));
            using var nothing = zeros(1);
            var result = svi.Fit(nothing, steps: 400, new FitOptions { Until = [StoppingRule.GradientNorm(below)] });
            Assert.Equal(result.Steps, result.History.GradientNorms.Count);
            return result;
        }
    }

    [Fact]
    public void TheBestParametersAreKeptAndRestoredBitForBit()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        // An equal score is no better one, so the earlier parameters stay.
        double[] scores = [1, 3, 3, 2.5, 2];
        var (measured, seen) = (0, new List<byte[]>());
        var result = svi.Fit(conjugate.Data, steps: 100, new FitOptions
        {
            Until = [StoppingRule.NoImprovement(evaluations: 3)],
            Validation = new Validation(() => { seen.Add(Bytes(svi)); return scores[measured++]; }, Every: 2),
        });
        Assert.Equal((StopReason.Rule, 10L, 4L, 3.0), (result.Reason, result.Steps, result.Best!.Step, result.Best.Score));
        Assert.Equal("Validation has not improved for 3 measurements: the best score is 3, after step 4.", result.Why);
        Assert.Equal(seen[1], Bytes(svi));
        Assert.NotEqual(seen[4], Bytes(svi));
        Assert.Equal([(2, 1), (4, 3), (6, 3), (8, 2.5), (10, 2)], result.History.Scores);
    }

    [Fact]
    public void TheLastStepIsMeasuredToo()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var measured = 0;
        var result = svi.Fit(conjugate.Data, steps: 5, new FitOptions { Validation = new Validation(() => ++measured, Every: 2) });
        Assert.Equal((5L, 3), (result.Best!.Step, measured));
        var after = Bytes(svi);
        result.Best.Parameters.Restore();
        Assert.Equal(after, Bytes(svi));
    }

    [Fact]
    public void WithoutRestoringTheLastParametersStay()
    {
        Conjugate kept = new(loc: 4), plain = new(loc: 4);
        using Svi<Tensor> one = kept.Svi(), other = plain.Svi();
        var worse = 0;
        var result = one.Fit(kept.Data, steps: 6, new FitOptions { RestoreBest = false, Validation = new Validation(() => --worse, Every: 2) });
        other.Fit(plain.Data, steps: 6);
        Assert.Equal(2, result.Best!.Step);
        Assert.Equal(Bytes(other), Bytes(one));
    }

    [Fact]
    public void TheAverageOfTheBestScoreIsRestoredWithIt()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var average = svi.AverageParameters(0.5);
        var (worse, seen) = (0, new List<float>());
        svi.Fit(conjugate.Data, steps: 6, new FitOptions
        {
            Validation = new Validation(() => { using var swapped = average.SwapIn(); seen.Add(conjugate.Location.item<float>()); return --worse; }, Every: 2),
        });
        using var best = average.SwapIn();
        Assert.Equal(seen[0], conjugate.Location.item<float>());
    }

    [Fact]
    public void ACancelledFitStopsAfterItsStepAndStaysThere()
    {
        Conjugate cancelled = new(loc: 4), plain = new(loc: 4);
        using Svi<Tensor> one = cancelled.Svi(), other = plain.Svi();
        using var source = new CancellationTokenSource();
        var worse = 0;
        var result = one.Fit(cancelled.Data, steps: 100, new FitOptions
        {
            Validation = new Validation(() => --worse, Every: 2),
            OnStep = step => { if (step.Number == 7) { source.Cancel(); } },
        }, source.Token);
        other.Fit(plain.Data, steps: 7);
        Assert.Equal((StopReason.Cancelled, 7L), (result.Reason, result.Steps));
        Assert.Equal(Inferences.Snapshot(other), Inferences.Snapshot(one));
    }

    [Fact]
    public void AFitGoesOnWhereItWasAndIsTheSameAsSteps()
    {
        using SmallVae byHand = new(), whole = new(), parts = new(), sequence = new();
        using Svi<Tensor> one = byHand.Svi(), two = whole.Svi(), three = parts.Svi(), four = sequence.Svi();
        for (var step = 0; step < 7; step++)
        {
            using var batch = byHand.Batch(step);
            one.Step(batch);
        }

        two.Fit(step => whole.Batch((int)step), steps: 7);
        three.Fit(step => parts.Batch((int)step), steps: 3);
        three.Fit(step => parts.Batch((int)step), steps: 4);
        var result = four.Fit(Enumerable.Range(0, 7).Select(sequence.Batch));
        Assert.Equal((StopReason.DataEnded, 7L), (result.Reason, result.Steps));
        Assert.All([two, three, four], svi => Assert.Equal(Inferences.Snapshot(one), Inferences.Snapshot(svi)));
    }

    [Fact]
    public void AStepIsToldAfterItWasTaken()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var told = new List<FitStep>();
        var result = svi.Fit(conjugate.Data, steps: 6, new FitOptions { SmoothingWindow = 3, GradientNorms = true, OnStep = told.Add });
        Assert.Equal([1, 2, 3, 4, 5, 6], told.ConvertAll(step => step.Number));
        Assert.Equal(result.History.Elbos, told.ConvertAll(step => step.Estimate.Elbo));
        Assert.Equal(result.History.Elbos.Skip(3).Average(), told[^1].SmoothedElbo, 1e-9);
        Assert.Equal(result.History.Elbos.Take(2).Average(), told[1].SmoothedElbo, 1e-9);
        Assert.Equal(result.History.GradientNorms, told.ConvertAll(step => step.GradientNorm!.Value));
        Assert.All(told, step => Assert.True(step.GradientNorm > 0));
    }

    [Fact]
    public void BatchesThatAFunctionMakesAreFreed()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        var made = new List<Tensor>();
        svi.Fit(step => { made.Add(vae.Batch((int)step)); return made[^1]; }, steps: 3);
        Assert.All(made, batch => Assert.True(batch.IsInvalid));
    }

    [Fact]
    public void HeldOutDataIsMeasuredWithTheSameDrawsAndLeavesTheRunAlone()
    {
        Conjugate watched = new(loc: 4), plain = new(loc: 4);
        using Svi<Tensor> one = watched.Svi(), other = plain.Svi();
        var validation = one.ValidateOn([watched.Data], every: 2);
        Assert.Equal(validation.Score(), validation.Score());
        one.Fit(watched.Data, steps: 6, new FitOptions { Validation = validation, RestoreBest = false });
        other.Fit(plain.Data, steps: 6);
        Assert.Equal(Inferences.Snapshot(other), Inferences.Snapshot(one));
    }

    [Fact]
    public void WhatCannotBeFittedIsRefused()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        Assert.Throws<ArgumentOutOfRangeException>(() => svi.Fit(conjugate.Data, steps: 0));
        Assert.Contains("there is no Validation", Refusal<ArgumentException>(new() { Until = [StoppingRule.NoImprovement()] }), StringComparison.Ordinal);
        Assert.Contains("after step 2 is NaN", Refusal<InvalidOperationException>(new() { Validation = new Validation(() => double.NaN, Every: 2) }), StringComparison.Ordinal);
        Refusal<ArgumentOutOfRangeException>(new() { Validation = new Validation(() => 1, Every: 0) });
        Refusal<ArgumentOutOfRangeException>(new() { SmoothingWindow = 0 });

        string Refusal<T>(FitOptions options)
            where T : Exception => Assert.Throws<T>(() => svi.Fit(conjugate.Data, steps: 5, options)).Message;
    }

    // x ~ Normal(0, I + 11ᵀ): log det = log 21, and xᵀ(I + 11ᵀ)⁻¹x = Σx² − (Σx)² / 21.
    private static double Evidence(Conjugate conjugate)
    {
        var x = Inferences.Numbers(conjugate.Data);
        return -0.5 * ((20 * Math.Log(2 * Math.PI)) + Math.Log(21) + x.Sum(value => value * value) - (x.Sum() * x.Sum() / 21));
    }

    private static byte[] Bytes(Svi<Tensor> svi)
    {
        using var file = new MemoryStream();
        svi.Parameters.SaveSafetensors(file);
        return file.ToArray();
    }
}
