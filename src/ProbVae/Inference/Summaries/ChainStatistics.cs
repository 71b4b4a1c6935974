using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What several chains' draws of one number say of themselves (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, Rank-Normalization, Folding, and
/// Localization). Not a number where the draws are all the same.
/// </summary>
/// <param name="RHat">Split R-hat of ranks, the greater of bulk and folded: 1 where chains agree; above 1.01 they have not mixed.</param>
/// <param name="BulkSize">The effective number of draws for the middle of the distribution, by ranks.</param>
/// <param name="TailSize">The effective number of draws for its 5 % and 95 % quantiles, the lesser of the two.</param>
/// <param name="MeanError">The Monte Carlo standard error of the mean.</param>
/// <param name="DeviationError">The Monte Carlo standard error of the standard deviation.</param>
public sealed record ChainStatistics(double RHat, double BulkSize, double TailSize, double MeanError, double DeviationError)
{
    /// <summary>The statistics of chains of one length.</summary>
    internal static ChainStatistics Of(double[][] chains, RankNormalization ranks)
    {
        var all = chains.SelectMany(chain => chain).ToArray();
        if (!Array.TrueForAll(all, double.IsFinite) || Array.TrueForAll(all, value => value == all[0]))
        {
            return new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        }

        var sorted = all.Order().ToArray();
        var (mean, median) = (all.Average(), Quantile(sorted, 0.5));
        var squares = Array.ConvertAll(all, value => (value - mean) * (value - mean));
        var (variance, fourth) = (squares.Average(), squares.Average(square => square * square));
        var bulk = ranks.Of(Split(chains));
        var folded = ranks.Of(Split(Map(chains, value => Math.Abs(value - median))));
        double Tail(double probability) => Quantile(sorted, probability) is var limit ? EffectiveSize(Split(Map(chains, value => value <= limit ? 1 : 0))) : 0;
        return new(
            Math.Max(RHatOf(bulk), RHatOf(folded)),
            EffectiveSize(bulk),
            Math.Min(Tail(0.05), Tail(0.95)),
            Math.Sqrt(variance * all.Length / (all.Length - 1) / EffectiveSize(Split(chains))),
            Math.Sqrt((fourth - (variance * variance)) / EffectiveSize(Split(Map(chains, value => (value - mean) * (value - mean)))) / variance / 4));
    }

    /// <summary>Each chain as its first half and its second; the draw in the middle of an odd number is left out.</summary>
    internal static double[][] Split(double[][] chains) => [.. chains.SelectMany(chain => new[] { chain[..(chain.Length / 2)], chain[^(chain.Length / 2)..] })];

    /// <summary>√(((n − 1) / n W + B / n) / W), of the variance B / n of the chains' means and the mean W of their variances (Gelman and Rubin 1992).</summary>
    internal static double RHatOf(double[][] chains)
    {
        double n = chains[0].Length;
        var (between, within) = (Variance([.. chains.Select(chain => chain.Average())]), chains.Average(Variance));
        return Math.Sqrt((((n - 1) / n * within) + between) / within);
    }

    /// <summary>
    /// The effective number of draws: mn / τ, with autocorrelations over all chains, summed in pairs as long as these are positive, and made to fall
    /// (Geyer 1992; Stan's reference manual, effective sample size).
    /// </summary>
    internal static double EffectiveSize(double[][] chains)
    {
        var (n, total) = (chains[0].Length, (double)chains.Length * chains[0].Length);
        var means = Array.ConvertAll(chains, chain => chain.Average());
        var within = Covariance(0) * n / (n - 1);
        var variance = (within * (n - 1) / n) + (chains.Length > 1 ? Variance(means) : 0);
        if (!(variance > 0))
        {
            return double.NaN;
        }

        double Correlation(int lag) => 1 - ((within - Covariance(lag)) / variance);
        var pairs = new List<double> { 1 + Correlation(1) };
        var (last, lag) = (1.0, 0);
        while (lag + 5 < n && pairs[^1] > 0)
        {
            lag += 2;
            last = Correlation(lag);
            pairs.Add(last + Correlation(lag + 1));
        }

        // All pairs but the last, which ended the sum; of that one, its first half where it is positive.
        var (sum, least) = (0.0, double.PositiveInfinity);
        foreach (var pair in pairs[..^1])
        {
            least = Math.Min(least, pair);
            sum += least;
        }

        var time = -1 + (2 * sum) + Math.Max(0, last);
        return total / Math.Max(time, 1 / Math.Log10(total));

        double Covariance(int apart)
        {
            var sum = 0.0;
            for (var c = 0; c < chains.Length; c++)
            {
                var (chain, mean) = (chains[c], means[c]);
                for (var i = 0; i + apart < n; i++)
                {
                    sum += (chain[i] - mean) * (chain[i + apart] - mean);
                }
            }

            return sum / n / chains.Length;
        }
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }

    private static double Quantile(double[] sorted, double probability)
    {
        var place = probability * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }

    private static double[][] Map(double[][] chains, Func<double, double> map) => Array.ConvertAll(chains, chain => Array.ConvertAll(chain, value => map(value)));
}

/// <summary>Ranks among a number of draws, as quantiles of the standard normal distribution: Φ⁻¹((r − 3/8) / (S + 1/4)) (Blom 1958).</summary>
internal sealed class RankNormalization
{
    // Draws that are the same share the mean of their ranks, which may be a half.
    private readonly double[] _ofHalfRanks;

    /// <summary>Prepares the quantiles of all ranks.</summary>
    /// <param name="draws">How many draws there are in all halves together, S.</param>
    public RankNormalization(int draws)
    {
        using var scope = NewDisposeScope();
        var ranks = arange(2, (2 * draws) + 1, dtype: ScalarType.Float64) / 2;
        _ofHalfRanks = special.ndtri((ranks - 0.375) / (draws + 0.25)).data<double>().ToArray();
    }

    /// <summary>The same chains with each draw's rank among all of them.</summary>
    public double[][] Of(double[][] chains)
    {
        var values = chains.SelectMany(chain => chain).ToArray();
        var places = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), places);
        var ranked = new double[values.Length];
        for (var first = 0; first < places.Length;)
        {
            var end = first + 1;
            while (end < places.Length && values[places[end]] == values[places[first]])
            {
                end++;
            }

            // Ranks first + 1 to end; twice their mean, counted from 2.
            var quantile = _ofHalfRanks[first + end + 1 - 2];
            for (; first < end; first++)
            {
                ranked[places[first]] = quantile;
            }
        }

        return [.. ranked.Chunk(chains[0].Length)];
    }
}
