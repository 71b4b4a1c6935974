using System.Diagnostics;
using System.Globalization;
using ProbVae.Examples.Posteriors.Models;
using ProbVae.Examples.Posteriors.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Fitting;

/// <summary>
/// One recipe for all models. The two normal families start where guides start by themselves and descend by natural gradients. The other
/// families have parameters without such a geometry: they start at the medians that AutoMultivariateNormal found, with its typical standard deviation,
/// and use Adam. The sampler takes neither: four chains with all covariances in their mass matrices.
/// </summary>
public static class Recipe
{
    private const int Particles = 16;

    /// <summary>Fits a guide.</summary>
    /// <param name="problem">The model with its data.</param>
    /// <param name="family">The guide.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="steps">How many steps the normal families take; flows and factors take twice as many.</param>
    public static FittedPosterior Fit(Problem problem, Family family, long seed = 1, int steps = 1500)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var (model, data) = (problem.Model, problem.Observations);
        if (family is Family.AutoMultivariateNormal or Family.AutoNormal)
        {
            return Timed(problem, seed, () => Descend(problem, Normal(problem, family, seed), NaturalGradient.Descent(rate: 0.5), steps, seed));
        }

        if (family == Family.Nuts)
        {
            var (posterior, time) = Timed(() => Sample(problem, seed));
            return new(Moments(posterior), double.NaN, time);
        }

        var first = Guide.AutoMultivariateNormal(model, data, seed: seed);
        using (Descend(problem, first, NaturalGradient.Descent(rate: 0.5), steps, seed))
        {
            var start = InitTo.Value([.. first.Median(data).Select(entry => (entry.Key, (TensorLike)entry.Value))]);
            var scale = TypicalScale(first);
            return Timed(problem, seed, () => family switch
            {
                Family.AutoLaplace => Laplace(problem, start, steps, seed),
                Family.AutoIaf => Descend(problem, Guide.AutoIaf(model, data, init: start, scale: scale, seed: seed), Adam(0.01), 2 * steps, seed),
                _ => Descend(problem, Guide.AutoLowRankMultivariateNormal(model, data, init: start, scale: scale, seed: seed), Adam(0.01), 2 * steps, seed),
            });
        }
    }

    /// <summary>Four chains of the No-U-Turn sampler.</summary>
    /// <param name="problem">The model with its data.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    public static Posterior Sample(Problem problem, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return Nuts.Sample(problem.Model, problem.Observations, new RandomKey(seed), warmup: 500, draws: 500, options: new() { MassMatrix = MassMatrix.Dense, TargetAcceptance = 0.9 });
    }

    /// <summary>A number's name in the reference, which counts from 1.</summary>
    public static string FromOne(string name) => name.Split('[', ']') is [var site, var index, _]
        ? string.Create(CultureInfo.InvariantCulture, $"{site}[{int.Parse(index, CultureInfo.InvariantCulture) + 1}]")
        : name;

    private static Guide<Tensor> Normal(Problem problem, Family family, long seed) => family == Family.AutoNormal
        ? Guide.AutoNormal(problem.Model, problem.Observations, seed: seed)
        : Guide.AutoMultivariateNormal(problem.Model, problem.Observations, seed: seed);

    // The geometric mean of the standard deviations in unconstrained space.
    private static double TypicalScale(AutoMultivariateNormal<Tensor> guide)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return guide.Covariance.diagonal().log().mean().mul(0.5).exp().ToDouble();
    }

    private static GroupedOptimizer Adam(double rate) => LearningRates.By(("", rate)).Adam();

    private static Svi<Tensor> Descend(Problem problem, Guide<Tensor> guide, GroupedOptimizer optimizer, int steps, long seed)
    {
        var svi = Svi.For(problem.Model, guide, Elbo.StickingTheLanding(Particles), optimizer, seed).Schedule(LearningRateSchedule.Cosine(steps));
        svi.Fit(problem.Observations, steps);
        return svi;
    }

    private static Svi<Tensor> Laplace(Problem problem, InitTo start, int steps, long seed)
    {
        var (model, data) = (problem.Model, problem.Observations);
        var mode = Guide.AutoLaplace(model, data, init: start, seed: seed);
        using var climb = Svi.For(model, mode, Elbo.Trace(), Adam(0.02), seed).Schedule(LearningRateSchedule.Cosine(steps));
        climb.Fit(data, steps);
        return Svi.For(model, mode.Gaussian(data), Elbo.Trace(), Adam(0.01), seed);
    }

    private static FittedPosterior Timed(Problem problem, long seed, Func<Svi<Tensor>> fit)
    {
        var (svi, time) = Timed(fit);
        using var fitted = svi;
        var elbo = svi.Evaluate(problem.Observations, Elbo.Trace(particles: 1000)).Elbo;
        return new(Moments(svi.Posterior(problem.Observations, draws: 20_000, new RandomKey(seed).Fold("moments"))), elbo, time);
    }

    private static (T Found, TimeSpan Time) Timed<T>(Func<T> find)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var found = find();
        process.Refresh();
        return (found, process.TotalProcessorTime - before);
    }

    private static Dictionary<string, ReferenceMoments> Moments(Posterior posterior) =>
        posterior.Summary().Rows.ToDictionary(row => FromOne(row.Name), row => new ReferenceMoments(row.Mean, row.StandardDeviation));
}
