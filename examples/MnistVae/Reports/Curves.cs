using System.Globalization;
using ProbVae.Reports;

namespace MnistVae;

public sealed record PlotOptions
{
    [Option("The SVG file to write.", Kind = "FILE")]
    public string? Out { get; init; }
    [Option("What the curves show; weighted-bound is what --objective iwae ascends.")]
    public CurveTerm Term { get; init; }
    [Option("Above the chart, in place of the term's name.")]
    public string? Title { get; init; }
    [Option("A level line, such as published=-103.31, or points, as NAME=X:Y,X:Y; may be given several times.", Kind = "NAME=Y")]
    public string[] Mark { get; init; } = [];
    [Option("Gradient steps an epoch, where a CSV file counts steps.", 1, 10_000_000)]
    public int? StepsAnEpoch { get; init; }
}

/// <summary>The histories of one run or of several as charts, over epochs.</summary>
public static class Curves
{
    private const int MostSources = 50;

    // The first epochs lie far from all others, and say little.
    private const double Cut = 0.05;
    private const string Nats = "nats an image";

    /// <summary>The verb <c>plot</c>.</summary>
    public static void Write(string[] sources, PlotOptions options, CommandContext context)
    {
        if (sources.Length is < 1 or > MostSources)
        {
            throw new UserError($"plot takes from 1 to {MostSources} runs, but {sources.Length} were named; name folders of runs, or CSV files with their histories, one after the other.");
        }

        string path = options.Out ?? throw new UserError("plot has no file to write; name one with --out.");
        var marks = options.Mark.Select(MarkOf).ToList();
        var runs = RunHistory.Read(sources, options.StepsAnEpoch);
        var chart = Of(runs, options.Term);
        int colours = runs.Count == 1 ? 3 : runs.Count;
        chart = chart with
        {
            Title = options.Title ?? chart.Title,
            References = [.. marks.Select(mark => mark.Level).OfType<ReferenceLine>()],
            Series = [.. chart.Series, .. marks.Select(mark => mark.Points).OfType<LineSeries>().Select((points, i) => points with { Colour = colours + i })],
        };
        AtomicFile.Write(path, chart.WriteSvg);
        context.WriteLine($"{chart.Title}: {path}");
    }

    /// <summary>ELBO, reconstruction and KL of training, validation and test; the importance weighted bound and the gradients where there are such.</summary>
    /// <param name="runs">With a name each; one alone needs none.</param>
    public static IReadOnlyList<LineChart> Of(IReadOnlyList<RunHistory> runs)
    {
        CurveTerm[] terms = [CurveTerm.Elbo, CurveTerm.WeightedBound, CurveTerm.Reconstruction, CurveTerm.Kl, CurveTerm.GradientNorm];
        return [.. from term in terms
                   let chart = Of(runs, term)
                   where chart.Series.Count > 0 || term is not (CurveTerm.WeightedBound or CurveTerm.GradientNorm)
                   select chart];
    }

    /// <summary>One term over the epochs.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{RunHistory})"/>
    public static LineChart Of(IReadOnlyList<RunHistory> runs, CurveTerm term)
    {
        if (term == CurveTerm.WeightedBound && runs.Any(run => run.WeightedBound is not null))
        {
            // Beside other bounds the ELBO is one of them: L_1.
            runs = [.. runs.Select(run => run with { WeightedBound = run.WeightedBound ?? "L_1" })];
        }

        var (title, unit) = term switch
        {
            CurveTerm.Elbo => ("ELBO", Nats),
            CurveTerm.WeightedBound => ($"Importance weighted bound, {BoundOf(runs)}", Nats),
            CurveTerm.Reconstruction => ("Reconstruction, E_q log p(x | z)", Nats),
            CurveTerm.Kl => ("KL(q ‖ p)", Nats),
            CurveTerm.GradientNorm => ("Norm of the gradient, mean of an epoch", "norm, of the loss an image"),
            _ => ("Speed of training", "images a second"),
        };
        var lines = runs.SelectMany((run, i) => LinesOf(run, runs.Count == 1 ? null : i, term));
        return new LineChart(title, "epochs", unit, [.. lines.Where(line => line.Points.Count > 0)])
        {
            CutStart = term == CurveTerm.Speed ? 0 : Cut,
            HasWholeMarks = true,
        };
    }

    private static string BoundOf(IReadOnlyList<RunHistory> runs) =>
        runs.Select(run => run.WeightedBound).OfType<string>().Distinct().ToList() is [var only] ? only : RunHistory.AnyWeightedBound;

    // What a run has no values of has no line. Of several runs, each has its colour, and each set its dashes.
    private static IEnumerable<LineSeries> LinesOf(RunHistory run, int? index, CurveTerm term) =>
        new[] { ("training", run.Training), ("validation", run.Validation), ("test", run.Test) }.Select((set, i) => new LineSeries(
            run.Name.Length == 0 ? set.Item1 : $"{run.Name}, {set.Item1}",
            [.. set.Item2.Where(point => run.Value(point, term) is not null).Select(point => new ChartPoint(point.Epoch, run.Value(point, term)!.Value))])
        {
            Colour = index ?? i,
            Dash = i,
        });

    private static (ReferenceLine? Level, LineSeries? Points) MarkOf(string mark)
    {
        int sign = mark.LastIndexOf('=');
        double?[][] places = [.. mark[(sign + 1)..].Split(',').Select(place => place.Split(':').Select(Number).ToArray())];
        bool isWhole = sign > 0 && places.All(place => place.All(number => number is not null));
        return places switch
        {
            [[{ } level]] when isWhole => (new(mark[..sign], level), null),
            _ when isWhole && places.All(place => place.Length == 2) =>
                (null, new(mark[..sign], [.. places.Select(place => new ChartPoint(place[0]!.Value, place[1]!.Value))]) { HasLine = false }),
            _ => throw new UserError($"--mark is '{mark}', but it must be a name with a number, as published=-103.31, or with points, as published=5:-113.65,10:-108.2."),
        };
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
