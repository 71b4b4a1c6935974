using System.Globalization;
using System.Text.Json;
using ProbVae.Reports;

namespace MnistVae;

public sealed record CompareOptions
{
    [Option("A page to write, with the runs' curves over one another.", Kind = "FILE")]
    public string? Html { get; init; }
}

/// <summary>Runs side by side: the options in which they differ, and where each of them ended.</summary>
public sealed class Comparison
{
    /// <summary>Stands where a run has no value.</summary>
    public const string None = "–";

    /// <summary>The file in a run's folder in which what <c>evaluate --json</c> printed may be kept.</summary>
    public const string EvaluationName = "evaluation.json";

    private const int MostRuns = 50;

    private readonly IReadOnlyList<RunHistory> histories;

    /// <param name="runs">Two or more.</param>
    public Comparison(IReadOnlyList<RunFolder> runs)
    {
        // Their folders' names, with what lies above where two are called alike.
        var names = runs.ToLookup(run => Path.GetFileName(run.Folder));
        histories = [.. from run in runs
                        let name = Path.GetFileName(run.Folder)
                        select RunHistory.Of(names[name].Count() == 1 ? name : run.Folder, run)];
        var facts = Rowed(runs.Select(run => Facts(run.Record)));
        var results = Rowed(runs.Zip(histories, (run, history) => Results(run, history, RunHistory.AnyWeightedBound)));
        Rows = [.. facts.Where(row => row.Values.Distinct().Count() > 1), .. results.Where(row => row.Values.Any(value => value != None))];
    }

    /// <summary>The runs' names.</summary>
    public IReadOnlyList<string> Names => [.. histories.Select(run => run.Name)];

    /// <summary>A row's name, and its value in each run.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Rows { get; }

    private string[][] Cells => [.. Rows.Select(row => (string[])[row.Name, .. row.Values])];

    /// <summary>The verb <c>compare</c>.</summary>
    public static void Write(string[] folders, CompareOptions options, CommandContext context)
    {
        if (folders.Length is < 2 or > MostRuns)
        {
            throw new UserError($"compare takes from 2 to {MostRuns} runs, but {folders.Length} were named; name their folders one after the other.");
        }

        var comparison = new Comparison([.. folders.Select(RunFolder.Open)]);
        string[][] cells = [["", .. comparison.Names], .. comparison.Cells];
        int[] widths = [.. cells[0].Select((_, column) => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            var padded = row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            context.Output.WriteLine(string.Join("  ", padded).TrimEnd());
        }

        if (options.Html is { } page)
        {
            WholeFile.Write(page, comparison.ToReport().Write);
            context.Output.WriteLine($"{Environment.NewLine}Page with the curves: {page}");
        }
    }

    /// <summary>The page with the table and the runs' curves over one another.</summary>
    public Report ToReport() => new(
        $"{histories.Count} runs compared",
        "Terms are in nats an image: ELBO = reconstruction − KL. L_K is the importance weighted bound, of the runs that ascended it. " +
        "Options that are the same in all runs are left out.",
        [
            new Section("Options and results", new Table(["", .. Names], Cells)),
            new Section("Curves", new SideBySide([.. Curves.Of(histories)])),
        ]);

    /// <summary>Every option with its value as words, in the order of the record.</summary>
    public static IEnumerable<(string Name, string Value)> Options(RunRecord record) =>
        record.ListOptions().Select(property => (Words(property.Name), Value(property.Value)));

    /// <summary>Where training of the run ended, as its histories tell.</summary>
    /// <param name="weighted">What to call an importance weighted bound, where it ascended one.</param>
    public static IEnumerable<(string Name, string Value)> Results(RunFolder run, RunHistory history, string weighted)
    {
        var epochs = history.Epochs;
        return
        [
            ("epochs done", Text(history.Training.LastOrDefault()?.Epoch, "N0")),
            .. Both("train {0}, last epoch", history.Training.LastOrDefault()),
            .. Both("test {0}, last epoch", history.Test.LastOrDefault()),
            .. Both("test {0}, best epoch", history.Test.MaxBy(point => point.Bound)),
            .. Both("best validation, {0}", history.Validation.MaxBy(point => point.Bound)),
            ("best validation, step", Text(history.Best?.Step, "N0")),
            ("log p(x), if evaluated", Text(Evidence(run))),
            ("images a second", Text(epochs.Average(row => (double?)row.ImagesPerSecond), "N0")),
            ("training, seconds", Text(epochs.Count == 0 ? null : epochs.Sum(row => row.Seconds), "F1")),
            ("validation, seconds", Text(history.Best is null ? null : history.Validations.Sum(row => row.Seconds), "F1")),
        ];

        (string, string)[] Both(string name, HistoryPoint? point) =>
        [
            (string.Format(CultureInfo.InvariantCulture, name, "ELBO"), Text(history.Value(point, CurveTerm.Elbo))),
            (string.Format(CultureInfo.InvariantCulture, name, weighted), Text(history.Value(point, CurveTerm.WeightedBound))),
        ];
    }

    private static IEnumerable<(string, string)> Facts(RunRecord record) =>
    [
        .. Options(record),
        ("data used", record.Data.Name),
        ("training images", $"{record.Data.TrainCount}"),
        ("test images", $"{record.Data.TestCount}"),
    ];

    // From a column a run to a row a name, which all runs have.
    private static IEnumerable<(string Name, IReadOnlyList<string> Values)> Rowed(IEnumerable<IEnumerable<(string Name, string Value)>> columns) =>
        from column in columns
        from fact in column
        group fact.Value by fact.Name into row
        select (row.Key, (IReadOnlyList<string>)[.. row]);

    private static double? Evidence(RunFolder run)
    {
        try
        {
            using var document = run.Has(EvaluationName) ? JsonDocument.Parse(File.ReadAllText(run.PathOf(EvaluationName))) : null;
            return document?.RootElement.GetProperty("figures").GetProperty("logEvidence").GetDouble();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static string Text(double? value, string format = "F2") => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;

    private static string Words(string camel) => string.Concat(camel.Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => None,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Value)),
        JsonValueKind.String when value.GetString() is { Length: > 0 } name && name.All(char.IsAsciiLetter) => Words(name).Trim(),
        _ => value.ToString(),
    };
}
