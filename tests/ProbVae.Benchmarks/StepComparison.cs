namespace ProbVae.Benchmarks;

/// <summary>Compares the engine's step with the hand-written one, for both models, and prints the ratios.</summary>
internal static class StepComparison
{
    /// <summary>The most that a step of the engine may cost, as a multiple of the hand-written one.</summary>
    private const double Target = 1.10;

    /// <summary>Measures and prints.</summary>
    /// <param name="duration">How long each comparison runs.</param>
    /// <returns>The process's exit code: 0 where both targets are met.</returns>
    public static int Run(TimeSpan duration)
    {
        var vae = Compare("VAE 784-200-10-200-784, batch 128, Adam", Agreement.OfVae(), duration, warmUpSteps: 100,
            [new VaeByHand(), new VaeBySvi(), new VaeBySvi(validate: false), new VaeMatrixProducts()]);
        var schools = Compare("Eight schools, non-centred, 32 particles, Adam", Agreement.OfSchools(), duration, warmUpSteps: 1_500,
            [new SchoolsByHand(), new SchoolsBySvi(), new SchoolsBySvi(validate: false)]);
        return vae && schools ? 0 : 1;
    }

    private static bool Compare(string title, double difference, TimeSpan duration, int warmUpSteps, IReadOnlyList<IContender> contenders)
    {
        var timings = new Interleaved(contenders, warmUpSteps, block: TimeSpan.FromMilliseconds(1)).Measure(duration);
        Console.WriteLine();
        Console.WriteLine($"{title} ({timings[0].Rounds} rounds; losses agree within {difference:G1})");
        Console.WriteLine($"  {"",-28}{"µs a step",10}{"ratio",8}{"its fifths",18}{"median ratio",14}{"tensors",9}{"managed KB",12}");
        foreach (var timing in timings)
        {
            var fifths = $"{timing.Spread.Least:F3} to {timing.Spread.Greatest:F3}";
            Console.WriteLine($"  {timing.Name,-28}{timing.Microseconds,10:F0}{timing.Ratio,8:F3}{fifths,18}{timing.MedianRatio,14:F3}{timing.Footprint.Tensors,9:F0}{timing.Footprint.ManagedBytes / 1024,12:F1}");
        }

        foreach (var contender in contenders)
        {
            contender.Dispose();
        }

        if (timings.FirstOrDefault(timing => timing.Name == VaeMatrixProducts.Title) is { } products)
        {
            Console.WriteLine($"  Svi.Step takes {timings[1].Microseconds / products.Microseconds:F2} times the time of its matrix products alone.");
        }

        var met = timings[1].Ratio <= Target;
        Console.WriteLine($"  Svi.Step takes {timings[1].Ratio:F2} times the hand-written step's time; the target, at most {Target:F2}, is {(met ? "met" : "missed")}.");
        return met;
    }
}
