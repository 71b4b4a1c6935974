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
        var runs = RunHistory.Read(sources, options.StepsAnEpoch);
        var chart = options.Mark.Aggregate(Of(runs, options.Term), (chart, mark) => Marked(chart, mark, runs.Count));
        chart = chart with { Title = options.Title ?? chart.Title };
        WholeFile.Write(path, chart.WriteSvg);
        context.Output.WriteLine($"{chart.Title}: {path}");
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

        string bound = runs.Select(run => run.WeightedBound).Distinct().ToList() is [{ } only] ? only : RunHistory.AnyWeightedBound;
        var (title, unit) = term switch
        {
            CurveTerm.Elbo => ("ELBO", Nats),
            CurveTerm.WeightedBound => ($"Importance weighted bound, {bound}", Nats),
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

    // What a run has no values of has no line. Of several runs, each has its colour, and each set its dashes.
    private static IEnumerable<LineSeries> LinesOf(RunHistory run, int? index, CurveTerm term)
    {
        (string Name, IEnumerable<HistoryPoint> Points)[] sets =
            [("training", run.Training), ("validation", run.Validation), ("test", run.Test)];
        return sets.Select((set, i) => new LineSeries(
            run.Name.Length == 0 ? set.Name : $"{run.Name}, {set.Name}",
            [.. from point in set.Points
                let value = run.Value(point, term)
                where value is not null
                select new ChartPoint(point.Epoch, value.Value)])
        {
            Colour = index ?? i,
            Dash = i,
        });
    }

    // NAME=Y is a level line, NAME=X:Y,X:Y are points in a colour that no run has.
    private static LineChart Marked(LineChart chart, string mark, int runs)
    {
        int sign = mark.LastIndexOf('=');
        double[][] places = [.. mark[(sign + 1)..].Split(',').Select(place => place.Split(':').Select(Number).ToArray())];
        bool isWhole = sign > 0 && places.All(place => place.All(double.IsFinite));
        var points = new LineSeries(mark[..Math.Max(sign, 0)], [.. places.Select(place => new ChartPoint(place[0], place[^1]))])
        {
            HasLine = false,
            Colour = (runs == 1 ? 3 : runs) + chart.Series.Count(line => !line.HasLine),
        };
        return places switch
        {
            [[var level]] when isWhole => chart with { References = [.. chart.References, new(points.Name, level)] },
            _ when isWhole && places.All(place => place.Length == 2) => chart with { Series = [.. chart.Series, points] },
            _ => throw new UserError($"--mark is '{mark}', but it must be a name with a number, as published=-103.31, or with points, as published=5:-113.65,10:-108.2."),
        };
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}
