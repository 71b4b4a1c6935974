using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>Runs engine and hand-written step on the same noise: a comparison of times means something only where both compute the same.</summary>
internal static class Agreement
{
    private const int Steps = 50;
    private const double Tolerance = 1e-3;

    /// <summary>The largest relative difference between the losses of a VAE's steps.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static double OfVae(string name, Func<VaeNetworks> networks)
    {
        using var hand = new VaeByHand(networks());
        using var without = new VaeWithoutEngine(networks());
        return Math.Max(Difference(hand.Step), Difference(without.Step));

        double Difference(Func<Tensor, double> other)
        {
            using var svi = new VaeBySvi(networks());
            return LargestDifference(name, svi, step =>
            {
                using var noise = Noise(VaeBySvi.Seed, step, "z", hand.Batch, VaeProblem.Latents);
                return other(noise);
            });
        }
    }

    /// <summary>The largest relative difference between the losses of the steps with flows.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static double OfFlow()
    {
        using var svi = new FlowBySvi();
        using var hand = new FlowByHand();
        return LargestDifference("flow", svi, step =>
        {
            using var noise = Noise(FlowBySvi.Seed, step, "z", VaeProblem.Batch, VaeProblem.Latents);
            return hand.Step(noise);
        });
    }

    /// <summary>The largest relative difference between the losses of the steps of eight schools.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static double OfSchools()
    {
        using var svi = new SchoolsBySvi();
        using var hand = new SchoolsByHand();
        return LargestDifference("eight schools", svi, step =>
        {
            using var mu = Noise(SchoolsBySvi.Seed, step, "mu", SchoolsProblem.Particles, 1);
            using var tau = Noise(SchoolsBySvi.Seed, step, "tau", SchoolsProblem.Particles, 1);
            using var eta = Noise(SchoolsBySvi.Seed, step, "eta", SchoolsProblem.Particles, SchoolsProblem.Schools);
            return hand.Step(mu, tau, eta);
        });
    }

    // The losses after many steps agree only if the gradients and the optimizer's steps do too.
    private static double LargestDifference(string name, IContender svi, Func<int, double> hand)
    {
        var largest = 0.0;
        for (var step = 0; step < Steps; step++)
        {
            var (ours, theirs) = (svi.Step(), hand(step));
            largest = Math.Max(largest, Math.Abs(ours - theirs) / Math.Abs(theirs));
            if (!(largest < Tolerance))
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"{name}: at step {step} the engine's loss is {ours:G9} and the hand-written one {theirs:G9} on the same noise; both must be one model before their times are compared."));
            }
        }

        return largest;
    }

    // The engine's stream for a site: seed, "step", step number, run of particles, site name.
    private static Tensor Noise(long seed, int step, string site, params long[] shape)
    {
        using var generator = new RandomKey(seed).Fold("step").Fold(step).Fold(0).Fold(site).NewGenerator();
        return randn(shape, generator: generator);
    }
}
