using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Reweighted wake-sleep: the mean of its two gradients is what its own formula says, and its bias against the exact ones shrinks with draws.</summary>
public sealed class ReweightedWakeSleepTests
{
    [Fact]
    public void BothPhasesMeetTheirFormulaByQuadrature()
    {
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.ReweightedWakeSleep(2));
        var (losses, gradients) = EstimatorRuns.Take(svi, local.Data, local.Parameters, 600);
        Inferences.AssertEstimates(-MultiSampleTests.Bound(0, 2, local.At), Inferences.Mean(losses), "loss");

        // The model's part is the gradient of L_2 in a; the guide's is −E Σ ŵ_k ∇ log q(z_k) at draws from the guide as it is.
        var exact = GaussHermite.Gradient(at => -MultiSampleTests.Bound(0, 2, [at[0], .. local.At[1..]]), [local.At[0]])
            .Concat(GaussHermite.Gradient(at => Wake(local.At, at), local.At[1..]));
        EstimatorRuns.AssertUnbiased(gradients, [.. exact], "two draws");
    }

    [Fact]
    public void WithManyDrawsTheGuideDescendsTheDivergenceFromThePosterior()
    {
        // KL(p(z|x) ‖ q(z)) has the gradient −E_p ∇ log q; p(z|x) is normal. Of the bias, O(1/K), less than 0.03 is left at K = 300.
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.ReweightedWakeSleep(300));
        var (_, gradients) = EstimatorRuns.Take(svi, local.Data, local.Parameters, 200);
        var precision = 1 + (1 / (LocalModel.Deviation * LocalModel.Deviation));
        var exact = GaussHermite.Gradient(at => -LocalModel.Rows.Sum(x => GaussHermite.Mean(noise =>
        {
            var z = ((local.At[0] + (x / (LocalModel.Deviation * LocalModel.Deviation))) / precision) + (noise / Math.Sqrt(precision));
            return LocalModel.LogNormal(z, (at[0] * x) + at[1], Math.Exp(at[2]));
        })), local.At[1..]);
        for (var i = 0; i < 3; i++)
        {
            var (mean, error) = Inferences.Mean([.. gradients.Select(gradient => gradient[i + 1])]);
            Assert.True(Math.Abs(mean - exact[i]) < 0.03 + (4 * error), $"parameter {i}: {mean} ± {error}, exact {exact[i]}; bound: 0.03 + 4 standard errors.");
        }
    }

    [Fact]
    public void TrainsBitsWithoutAPathwiseGradient()
    {
        // A mixture's responsibilities: x_i | z_i ~ N(2 z_i, 0.7), whose posterior log odds are known.
        double[] rows = [0.4, 2.6, -0.5, 1.2];
        var model = Model.Given<Tensor>("mixture").Plate("rows", total: 4)
            .Sample("z", s => Bernoulli.FromProbs(full(4, 0.3, ScalarType.Float64)), out var z)
            .Observe("x", s => new Normal(2 * s[z], 0.7), out _).Build();
        using Parameter logits = new(zeros(4, ScalarType.Float64));
        var guide = Guide.For(model).Sample(z, _ => Bernoulli.FromLogits(logits)).Build();
        using var data = tensor(rows);
        using var svi = Svi.For(model, guide, Elbo.ReweightedWakeSleep(64), Inferences.Adam(0.1), seed: 1);
        Inferences.Fit(svi, 400, _ => data);
        var found = Inferences.Numbers(logits.sigmoid());
        for (var i = 0; i < 4; i++)
        {
            var odds = 0.3 / 0.7 * Math.Exp(LocalModel.LogNormal(rows[i], 2, 0.7) - LocalModel.LogNormal(rows[i], 0, 0.7));
            Assert.True(Math.Abs(found[i] - (odds / (1 + odds))) < 0.02, $"row {i}: {found[i]}, exact {odds / (1 + odds)}; bound: 0.02.");
        }
    }

    [Fact]
    public void WhatItCannotDoIsRefused()
    {
        Assert.StartsWith("Elbo.ReweightedWakeSleep: 1 draws were asked for; give at least 2", Assert.Throws<ArgumentOutOfRangeException>(() => Elbo.ReweightedWakeSleep(1)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Elbo.ReweightedWakeSleep(4) has no KL term", Assert.Throws<ArgumentException>(() => Elbo.ReweightedWakeSleep(4).WithKlWeight(KlWeight.Constant(0.5))).Message, StringComparison.Ordinal);

        using var local = new LocalModel();
        using Parameter point = new(zeros(3, ScalarType.Float64));
        var guide = Guide.For(local.Model).Sample(local.Z, _ => new Delta(point)).Build();
        using var svi = Svi.For(local.Model, guide, Elbo.ReweightedWakeSleep(4), Inferences.Still);
        Assert.Contains("the guide's Delta has no density that Elbo.ReweightedWakeSleep(4) could raise at a draw", Assert.Throws<ModelException>(() => svi.Step(local.Data)).Message, StringComparison.Ordinal);
    }

    // −E Σ_k ŵ_k log q(z_k; at) over pairs of draws from the guide at `drawn`.
    private static double Wake(double[] drawn, double[] at) => -LocalModel.Rows.Sum(x => GaussHermite.Mean((first, second) =>
    {
        double Draw(double noise) => (drawn[1] * x) + drawn[2] + (Math.Exp(drawn[3]) * noise);
        double LogQ(double noise) => LocalModel.LogNormal(Draw(noise), (at[0] * x) + at[1], Math.Exp(at[2]));
        var share = 1 / (1 + Math.Exp(LocalModel.LogWeight(x, second, drawn) - LocalModel.LogWeight(x, first, drawn)));
        return (share * LogQ(first)) + ((1 - share) * LogQ(second));
    }));
}
