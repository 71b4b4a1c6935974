using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Bounds over several draws: their values by hand, their expectations and gradients by quadrature.</summary>
public sealed class MultiSampleTests
{
    [Fact]
    public void IwaeOfLocalLatentsIsASumOverRowsOfLogMeanWeights()
    {
        using var local = new LocalModel(total: 6);
        using var svi = local.Svi(Elbo.Iwae(5));
        using var scope = NewDisposeScope();
        var step = svi.Evaluate(local.Data, key: new RandomKey(3));

        // The same draws by hand: the engine folds run 0 and the site's name into the key.
        var noise = Inferences.Numbers(new Normal(zeros(5, 3, dtype: ScalarType.Float64), 1).Sample(new RandomKey(3).Fold(0).Fold("z")));
        var at = local.At;
        double bound = 0, elbo = 0;
        for (var row = 0; row < 3; row++)
        {
            double[] logs = [.. Enumerable.Range(0, 5).Select(draw => LocalModel.LogWeight(LocalModel.Rows[row], noise[(draw * 3) + row], at))];
            bound += 2 * GaussHermite.LogMeanExp(logs);
            elbo += 2 * logs.Average();
        }

        Assert.Equal(-bound, step.Loss, 6);
        Assert.Equal(elbo, step.Elbo, 6);
        Assert.True(-step.Loss > step.Elbo, "L_5 lies above the mean of its draws.");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0.5, 2)]
    [InlineData(-1, 2)]
    [InlineData(1, 2)]
    [InlineData(0.9999, 2)]
    public void TheirGradientsMeetTheBoundByQuadrature(double alpha, int draws)
    {
        using var local = new LocalModel();
        using var svi = local.Svi(alpha == 0 ? Elbo.Iwae(draws) : Elbo.Renyi(alpha, draws));
        var (losses, gradients) = EstimatorRuns.Take(svi, local.Data, local.Parameters, 400);

        Inferences.AssertEstimates(-Bound(alpha, draws, local.At), Inferences.Mean(losses), $"loss, alpha {alpha}, {draws} draws");
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -Bound(alpha, draws, at), local.At), $"alpha {alpha}, {draws} draws");
    }

    [Fact]
    public void NearTheElboTheRenyiBoundGrowsWithTheVarianceOfItsWeights()
    {
        // L_α = mean log w + (1 − α) / 2 · variance of log w + O((1 − α)²): by logarithms at 1 − α = 0.002, by the expansion at 0.0005.
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.Renyi(1, 3));
        double At(double power) => -svi.Evaluate(local.Data, Elbo.Renyi(1 - power, 3), new RandomKey(4)).Loss;
        Assert.True(At(0.002) > At(0));
        Assert.Equal(4, (At(0.002) - At(0)) / (At(0.0005) - At(0)), 0.02);
        Assert.Equal(At(-0.0005) - At(0), At(0) - At(0.0005), 1e-9);
    }

    [Fact]
    public void TheIwaeBoundGrowsWithDrawsTowardsTheEvidence()
    {
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.Iwae(1));
        // One draw and two by quadrature; forty by an average over 400 evaluations.
        List<(double Mean, double Error)> means = [(Bound(0, 1, local.At), 0), (Bound(0, 2, local.At), 0)];
        foreach (var draws in new[] { 40 })
        {
            means.Add(Inferences.Mean([.. Enumerable.Range(0, 400).Select(i => -svi.Evaluate(local.Data, Elbo.Iwae(draws), new RandomKey(9).Fold(i)).Loss)]));
        }

        var evidence = LocalModel.LogEvidence(local.At[0]);
        for (var i = 1; i < means.Count; i++)
        {
            Assert.True(means[i].Mean - means[i - 1].Mean > 4 * (means[i].Error + means[i - 1].Error), $"L_K rose from {means[i - 1]} to {means[i]}; bound: 4 standard errors.");
        }

        Assert.All(means, mean => Assert.True(mean.Mean < evidence + (4 * mean.Error), $"{mean} above log p = {evidence}"));
        Assert.True(evidence - means[^1].Mean < 0.1, $"L_40 = {means[^1].Mean}, log p = {evidence}; bound: 0.1 nats.");
    }

    [Fact]
    public void WithAGlobalLatentTheWeightIsOfTheWholeJoint()
    {
        // mu ~ N(0, 1), x_i | mu ~ N(mu, 0.7): log p(x) in closed form; q = N(c, e^r).
        using Parameter c = new(tensor(0.3)), r = new(tensor(-0.4));
        var model = Model.Given<Tensor>("global").Sample("mu", new Normal(tensor(0.0), 1), out var mu)
            .Plate("rows", total: 3).Observe("x", s => new Normal(s[mu], 0.7), out _).Build();
        var guide = Guide.For(model).Sample(mu, _ => new Normal(c, r.exp())).Build();
        using var data = tensor(LocalModel.Rows);
        using var svi = Svi.For(model, guide, Elbo.Iwae(2), Inferences.Still, seed: 2);
        var (losses, gradients) = EstimatorRuns.Take(svi, data, [c, r], 400);

        double Bound(double[] at) => GaussHermite.Mean((first, second) => GaussHermite.LogMeanExp(LogWeight(first, at), LogWeight(second, at)));
        double LogWeight(double noise, double[] at)
        {
            var z = at[0] + (Math.Exp(at[1]) * noise);
            return LocalModel.LogNormal(z, 0, 1) + LocalModel.Rows.Sum(x => LocalModel.LogNormal(x, z, 0.7)) - LocalModel.LogNormal(z, at[0], Math.Exp(at[1]));
        }

        Inferences.AssertEstimates(-Bound([0.3, -0.4]), Inferences.Mean(losses), "loss");
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -Bound(at), [0.3, -0.4]), "global");
    }

    [Fact]
    public void WhatReadsNoDrawIsInNoWeight()
    {
        // An observation outside the plate that reads nothing must not make one weight of the rows'.
        using var local = new LocalModel();
        using Parameter a = new(tensor(0.3));
        var (mean, slope, shift, scale) = (local.A, local.B, local.C, local.R);
        var model = Model.Given<Tensor>("with a constant").Observe("size", s => new Normal(a, 1), data => tensor(3.0), out _)
            .Plate("rows", total: 3).Sample("z", s => new Normal(mean.expand(3), 1), out var z)
            .Observe("x", s => new Normal(s[z], LocalModel.Deviation), data => data, out _).Build();
        var guide = Guide.For(model).Sample(z, data => new Normal((slope * data) + shift, scale.exp().expand(3))).Build();
        using var svi = Svi.For(model, guide, Elbo.Iwae(4), Inferences.Still);
        using var plain = local.Svi(Elbo.Iwae(4));
        var difference = svi.Evaluate(local.Data, key: new RandomKey(1)).Loss - plain.Evaluate(local.Data, key: new RandomKey(1)).Loss;
        Assert.Equal(-LocalModel.LogNormal(3, 0.3, 1), difference, 6);
    }

    [Fact]
    public void ASubsampledPlateInsideAWeightIsRefused()
    {
        var model = Model.Given<Tensor>("global").Sample("mu", Normal.Standard(1), out var mu)
            .Plate("rows", total: 10, data => data.shape[0]).Observe("x", s => new Normal(s[mu].squeeze(-1), 0.7), out _).Build();
        using var c = new Parameter(zeros(1));
        var guide = Guide.For(model).Sample(mu, _ => new Normal(c, 1)).Build();
        using var svi = Svi.For(model, guide, Elbo.Iwae(3), Inferences.Still);
        using var data = zeros(4);
        Assert.Equal(
            "Site 'x': Elbo.Iwae(3) weighs whole draws, and plate rows (4 of 10) is subsampled inside one weight, since not every latent variable stands in it; the logarithm of a minibatch's weight is no bound. Give the whole data, or use Elbo.MeanField, Elbo.Trace or Elbo.StickingTheLanding.",
            Assert.Throws<ModelException>(() => svi.Step(data)).Problems.Single());
    }

    [Fact]
    public void ImpossibleNumbersAreRefused()
    {
        Assert.StartsWith("Elbo.Iwae(0): 0 draws were asked for; give at least 1.", Assert.Throws<ArgumentOutOfRangeException>(() => Elbo.Iwae(0)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Elbo.Renyi: alpha is NaN; give a finite order", Assert.Throws<ArgumentOutOfRangeException>(() => Elbo.Renyi(double.NaN, 3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Elbo.Renyi(0.5, 0));
    }

    // E of the estimate over two draws (or one): a row at a time, since a row has its own weights.
    internal static double Bound(double alpha, int draws, double[] at) => LocalModel.Rows.Sum(x =>
        draws == 1 || alpha == 1 ? GaussHermite.Mean(noise => LocalModel.LogWeight(x, noise, at))
            : GaussHermite.Mean((first, second) => GaussHermite.LogMeanExp((1 - alpha) * LocalModel.LogWeight(x, first, at), (1 - alpha) * LocalModel.LogWeight(x, second, at)) / (1 - alpha)));
}
