using MathNet.Numerics;
using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Conjugate models: SVI's posterior mean and sd within 1 % of the exact ones, the ELBO within 0.01 nats of the log evidence.</summary>
public sealed class ConjugateTests
{
    private static readonly double[] Heights = [1.4, 2.3, 0.6, 2.0, 2.8, 1.1, 1.7, 2.4, 0.9, 1.7, 1.2, 2.1];
    private static readonly double[] Flips = [1, 0, 1, 1, 1, 0, 1, 1];
    private static readonly double[] Waits = [0.3, 1.2, 0.1, 0.8, 0.5, 2.1];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NormalMean(bool closedForm)
    {
        var model = NormalModel(out var mu);
        using Parameter loc = Inferences.Scalar(0), logScale = Inferences.Scalar(0);
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, logScale.exp())).Build();
        using var data = tensor(Heights, ScalarType.Float32);
        AssertExact(model, guide, mu, _ => data, data, NormalExact(), steps: 700, closedForm ? Elbo.MeanField(256) : Elbo.Trace(256));
    }

    [Fact]
    public void NormalMeanFromMinibatches()
    {
        var model = NormalModel(out var mu);
        using Parameter loc = Inferences.Scalar(0), logScale = Inferences.Scalar(0);
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, logScale.exp())).Build();
        using var data = tensor(Heights, ScalarType.Float32);
        var batches = Enumerable.Range(0, 4).Select(i => data.slice(0, i * 3, (i + 1) * 3, 1)).ToArray();
        AssertExact(model, guide, mu, step => batches[step % 4], data, NormalExact(), steps: 1500, Elbo.MeanField(256));
    }

    [Fact]
    public void BetaBernoulli()
    {
        var model = Model.Given<Tensor>("coin").Sample("p", new Beta(2, 2), out var p)
            .Plate("flips", total: Flips.Length).Observe("heads", s => Bernoulli.FromProbs(s[p]), out _).Build();
        using Parameter logA = Inferences.Scalar(1), logB = Inferences.Scalar(1);
        var guide = Guide.For(model).Sample(p, _ => new Beta(logA.exp(), logB.exp())).Build();
        using var data = tensor(Flips, ScalarType.Float32);
        var (a, b) = (2 + Flips.Sum(), 2 + Flips.Length - Flips.Sum());
        AssertExact(model, guide, p, _ => data, data,
            (a / (a + b), Math.Sqrt(a * b / ((a + b) * (a + b) * (a + b + 1))), SpecialFunctions.BetaLn(a, b) - SpecialFunctions.BetaLn(2, 2)), steps: 600, Elbo.MeanField(256));
    }

    [Fact]
    public void GammaExponential()
    {
        var model = Model.Given<Tensor>("waits").Sample("rate", Gamma.FromShapeRate(2, 1), out var rate)
            .Plate("waits", total: Waits.Length).Observe("wait", s => new Exponential(s[rate]), out _).Build();
        using Parameter logShape = Inferences.Scalar(1), logRate = Inferences.Scalar(1);
        var guide = Guide.For(model).Sample(rate, _ => Gamma.FromShapeRate(logShape.exp(), logRate.exp())).Build();
        using var data = tensor(Waits, ScalarType.Float32);
        var (shape, inverse) = (2.0 + Waits.Length, 1 + Waits.Sum());
        AssertExact(model, guide, rate, _ => data, data,
            (shape / inverse, Math.Sqrt(shape) / inverse, SpecialFunctions.GammaLn(shape) - (shape * Math.Log(inverse)) - SpecialFunctions.GammaLn(2)), steps: 600, Elbo.MeanField(256));
    }

    private static Model<Tensor> NormalModel(out Latent site)
    {
        var model = Model.Given<Tensor>("mean").Sample("mu", new Normal(0, 2), out var mu)
            .Plate("heights", total: Heights.Length).Observe("y", s => new Normal(s[mu], 1), out _).Build();
        site = mu;
        return model;
    }

    private static (double Mean, double Deviation, double LogEvidence) NormalExact()
    {
        var (n, sum, squares) = (Heights.Length, Heights.Sum(), Heights.Sum(y => y * y));
        var precision = 0.25 + n;
        return (sum / precision, Math.Sqrt(1 / precision), -(0.5 * n * Math.Log(2 * Math.PI)) - (0.5 * Math.Log(4 * precision)) - (0.5 * (squares - (sum * sum / precision))));
    }

    private static void AssertExact(Model<Tensor> model, Guide<Tensor> guide, Latent site, Func<int, Tensor> batch, Tensor data, (double Mean, double Deviation, double LogEvidence) exact, int steps, Elbo elbo)
    {
        using var scope = NewDisposeScope();
        using var svi = Svi.For(model, guide, elbo, Inferences.Adam(0.05), seed: 1);
        Inferences.Fit(svi, steps, batch);
        var posterior = guide.Trace(data, new RandomKey(1))[site].Distribution;
        var (mean, deviation) = (posterior.Mean.ToDouble(), Math.Sqrt(posterior.Variance.ToDouble()));
        Assert.True(Math.Abs((mean / exact.Mean) - 1) < 0.01, $"{model.Name}: mean {mean:F4}, exact {exact.Mean:F4}; bound: 1 %.");
        Assert.True(Math.Abs((deviation / exact.Deviation) - 1) < 0.01, $"{model.Name}: sd {deviation:F4}, exact {exact.Deviation:F4}; bound: 1 %.");
        // Near the exact posterior log p(x, z) − log q(z) is all but the same for each z, so Elbo.Trace has next to no noise.
        var found = svi.Evaluate(data, Elbo.Trace(particles: 4096)).Elbo;
        Assert.True(Math.Abs(found - exact.LogEvidence) < 0.01, $"{model.Name}: ELBO {found:F4}, log evidence {exact.LogEvidence:F4}; bound: 0.01 nats.");
    }
}
