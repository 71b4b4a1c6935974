using System.Diagnostics;

namespace ProbVae.Benchmarks;

/// <summary>
/// Times contenders in short blocks that take turns, thousands of them. BenchmarkDotNet runs its cases one after the other, some
/// seconds each; on a machine with other work on it (or with a processor that changes its clock) the speed drifts between them by
/// more than the few per cent that are looked for. Short blocks in turns see the same drift, and the quickest of them saw no other
/// work at all: their 2nd percentile repeats within 1 to 5 % where means and medians of a busy machine differ by a third.
/// </summary>
internal sealed class Interleaved
{
    private const double Undisturbed = 0.02;
    private const int Parts = 5;
    private const int LeastRounds = 100;

    private readonly IReadOnlyList<IContender> _contenders;
    private readonly int _stepsInBlock;

    /// <summary>Warms the contenders up and sets how many steps fill a block.</summary>
    /// <param name="contenders">The first is what the others are compared with.</param>
    /// <param name="warmUpSteps">Steps of each before it counts, for tiered compilation.</param>
    /// <param name="block">How long a block of the first one takes: less than a time slice of the operating system.</param>
    public Interleaved(IReadOnlyList<IContender> contenders, int warmUpSteps, TimeSpan block)
    {
        _contenders = contenders;
        var quickest = contenders.Select(contender => Enumerable.Range(0, warmUpSteps).Min(_ => Seconds(contender, 1))).ToList();
        // The compiler's background thread still works on what the warm-up found hot.
        Thread.Sleep(TimeSpan.FromSeconds(0.5));
        _stepsInBlock = Math.Max(1, (int)(block.TotalSeconds / quickest[0]));
    }

    /// <summary>Measures for a while.</summary>
    /// <param name="duration">How long, for all contenders together.</param>
    /// <returns>One result a contender, in their order.</returns>
    public IReadOnlyList<Timing> Measure(TimeSpan duration)
    {
        var rounds = Rounds(duration);
        return [.. _contenders.Select((contender, i) => Timing(contender, rounds, i))];
    }

    private List<double[]> Rounds(TimeSpan duration)
    {
        var rounds = new List<double[]>();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < duration || rounds.Count < LeastRounds;)
        {
            // Each contender goes first equally often.
            var seconds = new double[_contenders.Count];
            for (var turn = 0; turn < seconds.Length; turn++)
            {
                var contender = (turn + rounds.Count) % seconds.Length;
                // A step of a training loop follows one of its own kind, and finds its code in the caches.
                _contenders[contender].Step();
                seconds[contender] = Seconds(_contenders[contender], _stepsInBlock);
            }

            rounds.Add(seconds);
        }

        return rounds;
    }

    private static Timing Timing(IContender contender, List<double[]> rounds, int index)
    {
        var parts = rounds.Chunk((rounds.Count + Parts - 1) / Parts).Select(Ratio).ToList();
        return new(
            contender.Name,
            Quantile(rounds.Select(round => round[index]), Undisturbed) * 1e6,
            Ratio(rounds),
            (parts.Min(), parts.Max()),
            Quantile(rounds.Select(round => round[index] / round[0]), 0.5),
            rounds.Count,
            Footprint.Of(contender));

        double Ratio(IEnumerable<double[]> some) =>
            Quantile(some.Select(round => round[index]), Undisturbed) / Quantile(some.Select(round => round[0]), Undisturbed);
    }

    private static double Seconds(IContender contender, int steps)
    {
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            contender.Step();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / steps;
    }

    private static double Quantile(IEnumerable<double> sample, double quantile)
    {
        double[] sorted = [.. sample.Order()];
        return sorted[(int)(quantile * (sorted.Length - 1))];
    }
}

/// <summary>What was measured of one contender.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Microseconds">The time of an undisturbed step.</param>
/// <param name="Ratio">To the first contender's time.</param>
/// <param name="Spread">The least and the greatest ratio among the fifths of the run.</param>
/// <param name="MedianRatio">The median ratio to the first contender's block of the same round, disturbed ones included.</param>
/// <param name="Rounds">How many blocks it had.</param>
/// <param name="Footprint">What a step allocates.</param>
internal sealed record Timing(string Name, double Microseconds, double Ratio, (double Least, double Greatest) Spread, double MedianRatio, int Rounds, Footprint Footprint);
