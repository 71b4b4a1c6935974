using static TorchSharp.torch;

namespace ProbVae.Reports;

/// <summary>Charts of a fit, a posterior and a prediction, each in one word.</summary>
public static class Looks
{
    private const int MostPairs = 10;
    private const int MostDots = 500;
    private const int Windows = 60;

    /// <summary>How often a posterior's draws of a site fall where; all its numbers together.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="site">A latent variable or a computed quantity.</param>
    /// <exception cref="ModelException">The posterior has no such site.</exception>
    public static Histogram Histogram(this Posterior posterior, SiteHandle site)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        ArgumentNullException.ThrowIfNull(site);
        return new($"Posterior of {site}", site.Name, Numbers(posterior[site]));
    }

    /// <summary>Each number's median, with the interval from its 5 % to its 95 % quantile: a forest plot.</summary>
    /// <param name="summary">The posterior's summary.</param>
    /// <param name="title">What the chart shows.</param>
    public static IntervalChart Intervals(this PosteriorSummary summary, string title = "Medians and 90 % intervals")
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(title, "value", [.. summary.Rows.Select(row => new IntervalRow(row.Name, row.Lower, row.Median, row.Upper))]);
    }

    /// <summary>
    /// A posterior predictive check (Gelman, Meng and Stern 1996): a statistic of each predicted data set, with that of the observed data
    /// marked. A model that fits makes data sets whose statistics lie on both sides of it.
    /// </summary>
    /// <param name="prediction">Draws from <see cref="Predictive.Posterior{TData}"/>.</param>
    /// <param name="site">The observation.</param>
    /// <param name="observed">What was observed there, of the shape of one draw.</param>
    /// <param name="statistic">A number of one data set: its mean, its greatest value.</param>
    /// <param name="name">What the statistic is.</param>
    /// <exception cref="ArgumentException">The observed data have another shape than a draw.</exception>
    /// <exception cref="ModelException">The prediction has no such site.</exception>
    public static Histogram Check(this Prediction prediction, SiteHandle site, Tensor observed, Func<Tensor, Tensor> statistic, string name = "statistic")
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(statistic);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var draws = prediction[site];
        if (new Shape(draws.shape)[1..] != new Shape(observed.shape))
        {
            throw new ArgumentException($"Check('{site}'): the observed data have shape {new Shape(observed.shape)}, and a predicted data set {new Shape(draws.shape)[1..]}; give the data of that site.", nameof(observed));
        }

        var values = Enumerable.Range(0, (int)draws.shape[0]).Select(draw => statistic(draws[draw]).to(ScalarType.Float64).item<double>()).ToList();
        return new($"Check of {site}: {name}", name, values) { Marked = statistic(observed).to(ScalarType.Float64).item<double>() };
    }

    /// <summary>The ELBO by step: means of windows, with a band of two standard errors of each.</summary>
    /// <param name="history">The fit's history, as in <c>fit.History</c>.</param>
    /// <param name="title">What the chart shows.</param>
    public static LineChart Curve(this ElboHistory history, string title = "ELBO")
    {
        ArgumentNullException.ThrowIfNull(history);
        var size = Math.Max(1, history.Elbos.Count / Windows);
        var windows = history.Elbos.Chunk(size).Where(window => window.Length == size || history.Elbos.Count < size).ToList();
        var points = windows.Select((window, i) => new ChartPoint((i * size) + ((size + 1) / 2.0), window.Average())).ToList();
        var bands = windows.Select(window => 2 * StandardError(window)).Zip(points, (error, point) => (point.Y - error, point.Y + error)).ToList();
        return new(title, "step", "nats", [new LineSeries($"mean of {size} step{(size == 1 ? "" : "s")}", points) { Band = size > 1 ? bands : null }]) { CutStart = 0.1, HasWholeMarks = true };
    }

    /// <summary>Draws of each pair among a posterior's first numbers, as points: what depends on what.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="sites">The sites whose numbers are paired; all unless given.</param>
    public static SideBySide Pairs(this Posterior posterior, params SiteHandle[] sites)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        var columns = (sites.Length == 0 ? posterior.Sites : sites).SelectMany(site => Columns(site, posterior[site])).Take(MostPairs).ToList();
        var pairs = columns.SelectMany((first, i) => columns.Skip(i + 1).Select(second => (first, second))).Take(MostPairs);
        return new([.. pairs.Select(pair => new ScatterChart($"{pair.first.Name} and {pair.second.Name}", pair.first.Name, pair.second.Name,
            [new ScatterClass("draws", [.. pair.first.Values.Zip(pair.second.Values, (x, y) => new ChartPoint(x, y)).Take(MostDots)])]))]);
    }

    private static double StandardError(double[] window)
    {
        var mean = window.Average();
        return window.Length < 2 ? 0 : Math.Sqrt(window.Sum(value => (value - mean) * (value - mean)) / (window.Length - 1) / window.Length);
    }

    private static IEnumerable<(string Name, double[] Values)> Columns(SiteHandle site, Tensor draws)
    {
        using var scope = NewDisposeScope();
        var table = draws.detach().reshape(draws.shape[0], -1);
        return [.. Enumerable.Range(0, (int)Math.Min(MostPairs, table.shape[1])).Select(i => (table.shape[1] == 1 ? site.Name : $"{site.Name}[{i}]", Numbers(table.select(1, i))))];
    }

    private static double[] Numbers(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().cpu().to(ScalarType.Float64).flatten().contiguous().data<double>().ToArray();
    }
}
