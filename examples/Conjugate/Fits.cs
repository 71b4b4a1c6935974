using MathNet.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Conjugate;

/// <summary>The three models: each declared, given a guide of its exact family, and fitted.</summary>
public static class Fits
{
    // The data are constants, so that the exact answers are too.
    private static readonly double[] Heights = [1.42, 2.31, 0.58, 1.97, 2.85, 1.13, 1.66, 2.44, 0.91, 1.73];
    private static readonly double[] Flips = [1, 0, 1, 1, 1, 0, 1, 1, 0, 1];
    private static readonly double[] Waits = [0.31, 1.24, 0.08, 0.77, 0.52, 2.10, 0.19, 0.43];

    /// <summary>μ ~ Normal(0, 2), y | μ ~ Normal(μ, 1): the posterior is normal.</summary>
    public static Fit NormalMean()
    {
        var model = Model.Given<Tensor>("normal mean")
            .Sample("mu", new Normal(0, 2), out var mu)
            .Plate("heights", total: Heights.Length)
            .Observe("y", s => new Normal(s[mu], 1), out _)
            .Build();

        using Parameter loc = new(tensor(0f)), logScale = new(tensor(0f));
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, logScale.exp())).Build();
        var found = Train(model, guide, mu, Heights);

        var (n, sum, squares) = (Heights.Length, Heights.Sum(), Heights.Sum(y => y * y));
        var precision = 1 / 4.0 + n;
        var logEvidence = (-0.5 * n * Math.Log(2 * Math.PI)) - (0.5 * Math.Log(4 * precision)) - (0.5 * (squares - (sum * sum / precision)));
        return new("Normal mean", new(sum / precision, Math.Sqrt(1 / precision), logEvidence), found);
    }

    /// <summary>p ~ Beta(2, 2), flips | p ~ Bernoulli(p): the posterior is a beta distribution.</summary>
    public static Fit CoinBias()
    {
        var model = Model.Given<Tensor>("coin bias")
            .Sample("p", new Beta(2, 2), out var p)
            .Plate("flips", total: Flips.Length)
            .Observe("heads", s => Bernoulli.FromProbs(s[p]), out _)
            .Build();

        using Parameter logA = new(tensor(1f)), logB = new(tensor(1f));
        var guide = Guide.For(model).Sample(p, _ => new Beta(logA.exp(), logB.exp())).Build();
        var found = Train(model, guide, p, Flips);

        var (a, b) = (2 + Flips.Sum(), 2 + Flips.Length - Flips.Sum());
        var logEvidence = SpecialFunctions.BetaLn(a, b) - SpecialFunctions.BetaLn(2, 2);
        return new("Coin bias", new(a / (a + b), Math.Sqrt(a * b / ((a + b) * (a + b) * (a + b + 1))), logEvidence), found);
    }

    /// <summary>λ ~ Gamma(2, rate 1), waits | λ ~ Exponential(λ): the posterior is a gamma distribution.</summary>
    public static Fit ExponentialRate()
    {
        var model = Model.Given<Tensor>("exponential rate")
            .Sample("lambda", Gamma.FromShapeRate(2, 1), out var lambda)
            .Plate("waits", total: Waits.Length)
            .Observe("wait", s => new Exponential(s[lambda]), out _)
            .Build();

        using Parameter logShape = new(tensor(1f)), logRate = new(tensor(1f));
        var guide = Guide.For(model).Sample(lambda, _ => Gamma.FromShapeRate(logShape.exp(), logRate.exp())).Build();
        var found = Train(model, guide, lambda, Waits);

        var (shape, rate) = (2.0 + Waits.Length, 1 + Waits.Sum());
        var logEvidence = SpecialFunctions.GammaLn(shape) - (shape * Math.Log(rate)) - SpecialFunctions.GammaLn(2);
        return new("Exponential rate", new(shape / rate, Math.Sqrt(shape) / rate, logEvidence), found);
    }

    private static Posterior Train(Model<Tensor> model, Guide<Tensor> guide, Latent site, double[] observations)
    {
        using var data = tensor(observations, ScalarType.Float32);
        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 64), p => optim.Adam(p, lr: 0.05), seed: 1);
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: 0.997);
        for (var step = 0; step < 2000; step++)
        {
            svi.Step(data);
            schedule.step();
        }

        using var scope = NewDisposeScope();
        var posterior = guide.Trace(data, new RandomKey(1))[site].Distribution;
        // At the exact posterior log p(x, z) − log q(z) is log p(x) for every z, so this estimate has next to no noise there.
        var evidence = svi.Evaluate(data, Elbo.Trace(particles: 4096)).Elbo;
        return new(posterior.Mean.ToDouble(), Math.Sqrt(posterior.Variance.ToDouble()), evidence);
    }
}
