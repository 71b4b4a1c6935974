using static TorchSharp.torch;

namespace ProbVae.Reports;

/// <summary>Charts of a sampler's chains, and of a calibration.</summary>
public static class ChainLooks
{
    private const int RankBins = 20;

    /// <summary>The draws of one number in their order, a line for each chain: chains that have mixed lie on one another.</summary>
    /// <param name="posterior">Draws of a sampler.</param>
    /// <param name="site">A latent variable or a computed quantity.</param>
    /// <param name="element">Which of its numbers, counted from 0 through its tensor.</param>
    /// <exception cref="ModelException">The posterior has no such site, or its draws come from no chains.</exception>
    public static LineChart TraceChart(this Posterior posterior, SiteHandle site, int element = 0) => new(
        $"Trace of {Name(posterior, site, element)}", "draw", "value",
        [.. Chains(posterior, site, element).Select((chain, number) => new LineSeries($"chain {number}", [.. chain.Select((value, draw) => new ChartPoint(draw, value))]) { Dash = 0 })]) { HasWholeMarks = true };

    /// <summary>
    /// How the draws' ranks among those of all chains are spread in each chain (Vehtari et al. 2021): level where the chains have the same distribution.
    /// </summary>
    /// <param name="posterior">Draws of a sampler.</param>
    /// <param name="site">A latent variable or a computed quantity.</param>
    /// <param name="element">Which of its numbers, counted from 0 through its tensor.</param>
    /// <exception cref="ModelException">The posterior has no such site, or its draws come from no chains.</exception>
    public static LineChart RankChart(this Posterior posterior, SiteHandle site, int element = 0)
    {
        var chains = Chains(posterior, site, element);
        var order = chains.SelectMany((chain, number) => chain.Select(value => (value, number))).OrderBy(draw => draw.value).ToList();
        var bins = Math.Min(RankBins, chains[0].Length);
        var counts = chains.Select(_ => new int[bins]).ToList();
        for (var rank = 0; rank < order.Count; rank++)
        {
            counts[order[rank].number][(int)((long)rank * bins / order.Count)]++;
        }

        return new(
            $"Ranks of {Name(posterior, site, element)}", "rank among all draws", "draws of the chain",
            [.. counts.Select((bars, number) => new LineSeries($"chain {number}", [.. bars.Select((count, bin) => new ChartPoint((bin + 0.5) * order.Count / bins, count))]))])
        { References = [new("level", (double)chains[0].Length / bins)] };
    }

    /// <summary>
    /// How the energy is spread, and its changes from draw to draw (Betancourt 2016): where the changes are much narrower, the tails are explored poorly.
    /// </summary>
    /// <param name="posterior">Draws of a sampler.</param>
    /// <exception cref="ModelException">The posterior's draws come from no chains.</exception>
    public static SideBySide EnergyChart(this Posterior posterior)
    {
        var energies = Sampled(posterior).Energies;
        var centred = energies.SelectMany(chain => chain.Average() is var mean ? chain.Select(energy => energy - mean) : []).ToList();
        var changes = energies.SelectMany(chain => chain.Skip(1).Zip(chain, (next, before) => next - before)).ToList();
        return new([new Histogram("Energy about its mean", "nats", centred), new Histogram("Changes of the energy", "nats", changes)]);
    }

    /// <summary>How many simulations have which rank: level, within some √ of the level, where the inference is calibrated.</summary>
    /// <param name="row">A number's ranks.</param>
    public static BarChart RankChart(this CalibrationRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (bins, width) = (row.Bins, (row.Draws + 1) / row.Bins.Count);
        return new($"Ranks of {row.Name}", "rank", "simulations", [.. bins.Select((count, bin) => new Bar($"{bin * width}–{((bin + 1) * width) - 1}", count))]);
    }

    private static double[][] Chains(Posterior posterior, SiteHandle site, int element)
    {
        var chains = Sampled(posterior);
        using var scope = NewDisposeScope();
        var numbers = posterior[site].detach().cpu().to(ScalarType.Float64).reshape(posterior.Draws, -1);
        ArgumentOutOfRangeException.ThrowIfNegative(element);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(element, numbers.shape[1]);
        return [.. numbers.select(1, element).contiguous().data<double>().ToArray().Chunk(chains.Draws)];
    }

    private static SampledChains Sampled(Posterior posterior)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        return posterior.Chains ?? throw new ModelException($"The draws of this posterior of '{posterior.Model}' come from a guide and are independent, so there are no chains to show; Nuts.Sample makes some.");
    }

    private static string Name(Posterior posterior, SiteHandle site, int element) => posterior[site].numel() == posterior.Draws ? site.Name : $"{site.Name}[{element}]";
}
