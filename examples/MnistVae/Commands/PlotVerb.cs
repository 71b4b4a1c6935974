using System.CommandLine;
using System.Globalization;
using MnistVae.Reports;
using MnistVae.Runs;
using ProbVae.Reports;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>The verb <c>plot</c>.</summary>
public sealed class PlotVerb
{
    private const int MostSources = 50;
    private const int MostSteps = 10_000_000;

    private readonly Argument<string[]> sources = new("RUN") { Description = "Folders of runs, or CSV files with histories.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> file = OptionFactory.PathOrNone("--out", "FILE", "The SVG file to write.");
    private readonly Option<CurveTerm> term = OptionFactory.Choice("--term", "What the curves show; weighted-bound is what --objective iwae ascends.", CurveTerm.Elbo);
    private readonly Option<string?> title = new("--title") { HelpName = "TEXT", Description = "Above the chart, in place of the term's name.", Arity = ArgumentArity.ExactlyOne };
    private readonly Option<string[]> marks = new("--mark")
    {
        HelpName = "NAME=Y",
        Description = "A level line, such as published=-103.31, or points, as NAME=X:Y,X:Y; may be given several times.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> stepsAnEpoch = OptionFactory.WholeOrNone("--steps-an-epoch", "Gradient steps an epoch, where a CSV file counts steps.", 1, MostSteps);

    public static Verb Of()
    {
        var verb = new PlotVerb();
        return new Verb(
            "plot",
            "Draw the curves of runs as an SVG file.",
            [new OptionGroup("Chart", verb.file, verb.term, verb.title, verb.marks, verb.stepsAnEpoch)],
            [
                new Example("plot runs/a --out elbo.svg", "A run's ELBO over its epochs: training, validation, test."),
                new Example("plot runs/a runs/b --term kl --out kl.svg", "The KL terms of two runs."),
                new Example("plot deep-epochs.csv deep-validation.csv --steps-an-epoch 391 --mark published=-103.31 --out deep.svg", "Histories that were kept without their run, and a published figure."),
            ],
            verb.RunAsync)
        {
            Operand = verb.sources,
            Stopping = "Stopping as soon as the chart is written.",
        };
    }

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        string[] named = parsed.GetValue(sources) ?? [];
        if (named.Length is < 1 or > MostSources)
        {
            throw new UserError($"plot takes from 1 to {MostSources} runs, but {named.Length} were named; name folders of runs, or CSV files with their histories, one after the other.");
        }

        string path = CommonOptions.Full(parsed.GetValue(file)) ?? throw new UserError("plot has no file to write; name one with --out.");
        var (levels, points) = Marks(parsed.GetValue(marks) ?? []);
        var runs = RunHistory.Read(named, parsed.GetValue(stepsAnEpoch));
        var chart = Curves.Of(runs, parsed.GetValue(term));
        chart = chart with
        {
            Title = parsed.GetValue(title) ?? chart.Title,
            References = levels,
            Series = [.. chart.Series, .. points.Select((series, i) => series with { Colour = Curves.Colours(runs.Count) + i })],
        };
        AtomicFile.Write(path, chart.WriteSvg);
        context.Console.Profile.Out.Writer.WriteLine($"{chart.Title}: {path}");
        return Task.CompletedTask;
    }

    private static (List<ReferenceLine> Levels, List<LineSeries> Points) Marks(string[] marks)
    {
        var (levels, points) = (new List<ReferenceLine>(), new List<LineSeries>());
        foreach (string mark in marks)
        {
            int sign = mark.LastIndexOf('=');
            string[][] places = [.. mark[(sign + 1)..].Split(',').Select(place => place.Split(':'))];
            double[][] numbers = [.. places.Select(place => place.Select(Number).OfType<double>().ToArray())];
            bool isWhole = sign > 0 && places.Zip(numbers).All(pair => pair.First.Length == pair.Second.Length);
            if (isWhole && numbers is [[var level]])
            {
                levels.Add(new(mark[..sign], level));
            }
            else if (isWhole && numbers.All(place => place.Length == 2))
            {
                points.Add(new(mark[..sign], [.. numbers.Select(place => new ChartPoint(place[0], place[1]))]) { HasLine = false });
            }
            else
            {
                throw new UserError($"--mark is '{mark}', but it must be a name with a number, as published=-103.31, or with points, as published=5:-113.65,10:-108.2.");
            }
        }

        return (levels, points);
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
