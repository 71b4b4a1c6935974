namespace ProbVae.Benchmarks;

/// <summary>Compares the engine's step with the hand-written one, for four models, and prints the ratios.</summary>
internal static class StepComparison
{
    /// <summary>The most that a step of the dense VAE may take, as a multiple of its matrix products' time.</summary>
    private const double OfProducts = 1.5;

    private static readonly Dictionary<string, Func<TimeSpan, bool>> Models = new()
    {
        ["vae"] = duration => Compare("VAE 784-200-10-200-784, batch 128, Adam", 0.85, Agreement.OfVae("VAE", VaeNetworks.Dense), duration, warmUpSteps: 400,
            [new VaeByHand(VaeNetworks.Dense()), new VaeBySvi(VaeNetworks.Dense()), new VaeBySvi(VaeNetworks.Dense(), validate: false), new VaeWithoutEngine(VaeNetworks.Dense()), new VaeMatrixProducts()]),
        ["schools"] = duration => Compare("Eight schools, non-centred, 32 particles, Adam", 0.7, Agreement.OfSchools(), duration, warmUpSteps: 12_000,
            [new SchoolsByHand(), new SchoolsBySvi(), new SchoolsBySvi(validate: false)]),
        ["flows"] = duration => Compare("The VAE with two inverse autoregressive flows, Adam", 0.95, Agreement.OfFlow(), duration, warmUpSteps: 400,
            [new FlowByHand(), new FlowBySvi(), new FlowBySvi(validate: false)]),
        ["convolutions"] = duration => Compare("VAE of three convolutions, batch 64, Adam", 0.95, Agreement.OfVae("convolutional VAE", VaeNetworks.Convolutional), duration, warmUpSteps: 200,
            [new VaeByHand(VaeNetworks.Convolutional()), new VaeBySvi(VaeNetworks.Convolutional()), new VaeBySvi(VaeNetworks.Convolutional(), validate: false), new VaeWithoutEngine(VaeNetworks.Convolutional())]),
    };

    /// <summary>The names of the models.</summary>
    public static IEnumerable<string> Names => Models.Keys;

    /// <summary>Measures and prints.</summary>
    /// <param name="duration">How long each comparison runs.</param>
    /// <param name="names">Which models; all of them where none is named.</param>
    /// <returns>The process's exit code: 0 where all targets are met.</returns>
    public static int Run(TimeSpan duration, IReadOnlyList<string> names) =>
        Models.Where(model => names.Count == 0 || names.Contains(model.Key)).Select(model => model.Value(duration)).ToList().TrueForAll(met => met) ? 0 : 1;

    private static bool Compare(string title, double target, double difference, TimeSpan duration, int warmUpSteps, IReadOnlyList<IContender> contenders)
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

        var met = Met("the hand-written step's time", timings[1].Ratio, target);
        return (timings.FirstOrDefault(timing => timing.Name == VaeMatrixProducts.Title) is not { } products
            || Met("the time of its matrix products alone", timings[1].Microseconds / products.Microseconds, OfProducts)) && met;
    }

    private static bool Met(string what, double ratio, double target)
    {
        Console.WriteLine($"  Svi.Step takes {ratio:F2} times {what}; the target, at most {target:F2}, is {(ratio <= target ? "met" : "missed")}.");
        return ratio <= target;
    }
}
