namespace ProbVae.Benchmarks;

/// <summary>Compares the log density of ten families, summed over a batch and differentiated, with formulas written on torch.</summary>
internal static class FamilyComparison
{
    /// <summary>The most that a family may cost, as a multiple of the formula's time.</summary>
    private const double Target = 1.10;

    private const int WarmUpSteps = 60;

    /// <summary>Measures and prints.</summary>
    /// <param name="duration">How long each family's comparison runs.</param>
    /// <returns>The process's exit code: 0 where all targets are met.</returns>
    public static int Run(TimeSpan duration)
    {
        Console.WriteLine($"log density of {DensityProblems.Batch} x {DensityProblems.Pixels} values, summed, with the gradients of all arguments; float32");
        Console.WriteLine($"{"",-40}{"µs",8}{"ratio",8}{"its fifths",18}{"median ratio",14}{"tensors",9}");
        List<string> missed = [];
        foreach (var make in DensityProblems.All)
        {
            using var problem = make();
            var ratio = Compare(problem, duration);
            if (problem.MustBeFaster ? ratio >= 1 : ratio > Target)
            {
                missed.Add($"{problem.Name} ({ratio:F2} where {(problem.MustBeFaster ? "below 1" : $"at most {Target:F2}")} is asked)");
            }
        }

        Console.WriteLine(missed.Count == 0 ? "All targets are met." : $"Missed: {string.Join(", ", missed)}.");
        return missed.Count == 0 ? 0 : 1;
    }

    // The engine's time as a multiple of the first formula's.
    private static double Compare(DensityProblem problem, TimeSpan duration)
    {
        var formulas = problem.ByHand.Select(hand => DensityStep.OfFormula(problem, hand.Name, hand.Formula)).ToList();
        List<DensityStep> ways = [formulas[0], DensityStep.OfEngine(problem), DensityStep.OfLogProb(problem), .. formulas.Skip(1)];
        var difference = DensityAgreement.Of(problem, ways);
        var timings = new Interleaved(ways, WarmUpSteps, block: TimeSpan.FromMilliseconds(1)).Measure(duration);
        Console.WriteLine($"{problem.Name} ({timings[0].Rounds} rounds; sums and gradients agree within {difference:G1})");
        foreach (var timing in timings)
        {
            var fifths = $"{timing.Spread.Least:F2} to {timing.Spread.Greatest:F2}";
            Console.WriteLine($"  {timing.Name,-38}{timing.Microseconds,8:F0}{timing.Ratio,8:F2}{fifths,18}{timing.MedianRatio,14:F2}{timing.Footprint.Tensors,9:F0}");
        }

        return timings[1].Ratio;
    }
}
