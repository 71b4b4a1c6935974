using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018): values are drawn from the prior, data from them, and an
/// inference's draws given these data. If it finds the posterior, each value's rank among the draws is uniform.
/// </summary>
/// <param name="Rows">One for each number of each latent variable.</param>
/// <param name="Draws">How many draws each value was ranked among, L: ranks go from 0 to L.</param>
public sealed record Calibration(IReadOnlyList<CalibrationRow> Rows, int Draws)
{
    private const double Suspicious = 0.01;

    /// <summary>The rows whose ranks are not uniform, at a level of 1 % shared by all rows.</summary>
    public IReadOnlyList<CalibrationRow> Off => [.. Rows.Where(row => row.PValue < Suspicious / Rows.Count)];

    /// <summary>Simulates, infers and ranks.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">Data that tell the sizes, and what is not random.</param>
    /// <param name="simulated">The same with the observations of one simulation, which its argument gives: <c>at => at(y)</c>.</param>
    /// <param name="infer">The inference: <c>(m, d, k) => Nuts.Sample(m, d, k, chains: 1, warmup: 200, draws: 200)</c>, or a fit.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="simulations">How many. Range: at least 20.</param>
    /// <param name="draws">Among how many draws each value is ranked, evenly taken from the inference's; chains should be so thin that these are nearly independent. Range: at least 1.</param>
    /// <param name="cancellation">Asked before each simulation.</param>
    /// <exception cref="ModelException">The prior cannot be drawn from, or the inference has fewer draws or no latent variable of the model's.</exception>
    public static Calibration Of<TData>(
        Model<TData> model,
        TData data,
        Func<Func<SiteHandle, Tensor>, TData> simulated,
        Func<Model<TData>, TData, RandomKey, Posterior> infer,
        RandomKey key,
        int simulations = 200,
        int draws = 63,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(simulated);
        ArgumentNullException.ThrowIfNull(infer);
        ArgumentOutOfRangeException.ThrowIfLessThan(simulations, 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        using var prior = Predictive.Prior(model, data, key.Fold("prior"), simulations, cancellation: cancellation);
        var ranks = new Dictionary<string, List<int>>();
        for (var i = 0; i < simulations; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var posterior = Inferred(infer, model, simulated(site => prior[site][i]), key.Fold(i));
            if (posterior.Draws < draws)
            {
                throw new ModelException($"Calibration: the inference gave {posterior.Draws} draws, and values are to be ranked among {draws}; let it draw more, or give a smaller draws:.");
            }

            foreach (var site in posterior.Latents)
            {
                Rank(site, posterior[site], prior[site][i], draws, ranks);
            }
        }

        return new([.. ranks.Select(entry => new CalibrationRow(entry.Key, entry.Value, draws))], draws);
    }

    /// <summary>Each number's test, and whether any is suspicious.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        TextTable.Render(["", "mean rank", "p of uniform ranks"], Rows.Select(row => new[] { row.Name, (row.Ranks.Average() / Draws).ToString("F2", CultureInfo.InvariantCulture), row.PValue.ToString("G2", CultureInfo.InvariantCulture) })),
        Off.Count == 0 ? $"The ranks of {Rows[0].Ranks.Count} simulations raise no doubt in the inference."
            : $"The ranks of {string.Join(", ", Off.Select(row => row.Name))} are not uniform: the inference does not draw from the posterior. Ranks piled up at both ends mean that its draws are too narrow, in the middle too wide, on one side shifted."]);

    // A fit asks for gradients, which a caller's no_grad would take from it.
    private static Posterior Inferred<TData>(Func<Model<TData>, TData, RandomKey, Posterior> infer, Model<TData> model, TData data, RandomKey key)
    {
        using var grad = enable_grad();
        return infer(model, data, key);
    }

    private static void Rank(Latent site, Tensor drawn, Tensor truth, int draws, Dictionary<string, List<int>> ranks)
    {
        var places = tensor(Enumerable.Range(0, draws).Select(i => (long)((i + 0.5) * drawn.shape[0] / draws)).ToArray(), device: drawn.device);
        var below = drawn.index_select(0, places).lt(truth).sum([0L], type: ScalarType.Int64).reshape(-1).cpu().data<long>().ToArray();
        foreach (var (name, rank) in SummaryRow.Places(drawn.shape[1..]).Select(place => $"{site.Name}{place}").Zip(below))
        {
            if (!ranks.TryGetValue(name, out var list))
            {
                ranks[name] = list = [];
            }

            list.Add((int)rank);
        }
    }
}

/// <summary>The ranks of one number.</summary>
/// <param name="Name">The site, and the place in its tensor.</param>
/// <param name="Ranks">Of each simulation, how many of the draws are below the value that made the data.</param>
/// <param name="Draws">Among how many draws.</param>
public sealed record CalibrationRow(string Name, IReadOnlyList<int> Ranks, int Draws)
{
    /// <summary>How many ranks fall into each of some bins of equal width, at least 5 expected in each.</summary>
    public IReadOnlyList<int> Bins
    {
        get
        {
            var bins = Enumerable.Range(2, 19).Where(count => (Draws + 1) % count == 0 && Ranks.Count >= 5 * count).DefaultIfEmpty(1).Max();
            var counts = new int[bins];
            foreach (var rank in Ranks)
            {
                counts[rank * bins / (Draws + 1)]++;
            }

            return counts;
        }
    }

    /// <summary>The probability of such bins, or ones less even, where ranks are uniform: Pearson's χ² test. 1 where there is one bin only.</summary>
    public double PValue
    {
        get
        {
            var (bins, expected) = (Bins, (double)Ranks.Count / Bins.Count);
            return bins.Count == 1 ? 1 : IncompleteGamma.At((bins.Count - 1) / 2.0, bins.Sum(count => (count - expected) * (count - expected) / expected) / 2, upper: true).Value;
        }
    }
}
