using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Handlers;

/// <summary>Numbers that Gaussian models are known to give.</summary>
internal static class Exact
{
    public static double LogNormalDensity(double x, double mean, double variance) =>
        -0.5 * (Math.Log(2 * Math.PI * variance) + ((x - mean) * (x - mean) / variance));

    /// <summary>The ELBO at a guide as it stands, by Monte Carlo: exact in every draw where the guide is the posterior.</summary>
    public static double ElboOf<TData>(Model<TData> model, Guide<TData> guide, TData data, int particles = 1, bool vectorized = true)
    {
        using var svi = Inferences.Svi(model, guide);
        return svi.Evaluate(data, Elbo.Trace(particles, vectorized), new RandomKey(5)).Elbo;
    }

    /// <summary>log p of all sites in the density of a trace, without scales.</summary>
    public static double LogJoint(Trace trace) => trace.Sites.Where(site => site is not UnscoredSite).Sum(site => site.LogProb().to(ScalarType.Float64).sum().ToDouble());
}
