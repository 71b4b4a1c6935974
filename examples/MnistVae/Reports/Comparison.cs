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

    private readonly IReadOnlyList<(string Name, RunFolder Run)> runs;

    /// <param name="runs">Two or more.</param>
    public Comparison(IReadOnlyList<RunFolder> runs)
    {
        this.runs = [.. runs.Select(run => (NameOf(run, runs), run))];
        var results = Transposed(run => Results(run, RunHistory.AnyWeightedBound)).Where(row => row.Values.Any(value => value != None));
        Rows = [.. Transposed(run => [.. Options(run.Record), .. DataOf(run)]).Where(row => row.Values.Distinct().Count() > 1), .. results];
    }

    /// <summary>The runs' names: their folders', with what lies above where two are called alike.</summary>
    public IReadOnlyList<string> Names => [.. runs.Select(run => run.Name)];

    /// <summary>A row's name, and its value in each run.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Rows { get; }

    /// <summary>The verb <c>compare</c>.</summary>
    public static void Write(string[] folders, CompareOptions options, CommandContext context)
    {
        if (folders.Length is < 2 or > MostRuns)
        {
            throw new UserError($"compare takes from 2 to {MostRuns} runs, but {folders.Length} were named; name their folders one after the other.");
        }

        var comparison = new Comparison([.. folders.Select(RunFolder.Open)]);
        string[][] cells = [["", .. comparison.Names], .. comparison.Rows.Select(row => (string[])[row.Name, .. row.Values])];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            context.WriteLine(string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }

        if (options.Html is { } page)
        {
            AtomicFile.Write(page, comparison.ToReport().Write);
            context.WriteLine($"{Environment.NewLine}Page with the curves: {page}");
        }
    }

    /// <summary>The page with the table and the runs' curves over one another.</summary>
    public Report ToReport() => new(
        $"{runs.Count} runs compared",
        "Terms are in nats an image: ELBO = reconstruction − KL. L_K is the importance weighted bound, of the runs that ascended it. " +
        "Options that are the same in all runs are left out.",
        [
            new Section("Options and results", new Table(["", .. Names], [.. Rows.Select(row => (string[])[row.Name, .. row.Values])])),
            new Section("Curves", new SideBySide([.. Curves.Of([.. runs.Select(run => RunHistory.Of(run.Name, run.Run))])])),
        ]);

    /// <summary>Every option with its value as words, in the order of the record.</summary>
    public static IReadOnlyList<(string Name, string Value)> Options(RunRecord record) =>
        [.. record.ListOptions().Select(property => (Words(property.Name), Value(property.Value)))];

    /// <summary>Where training of the run ended, as its histories tell.</summary>
    /// <param name="weighted">What to call an importance weighted bound, where it ascended one.</param>
    public static IReadOnlyList<(string Name, string Value)> Results(RunFolder run, string weighted)
    {
        var history = RunHistory.Of("", run);
        var (epochs, best) = (history.Epochs, history.Validation.MaxBy(point => point.Bound));
        return
        [
            ("epochs done", Text(history.Training.LastOrDefault()?.Epoch, "N0")),
            .. Both("train {0}, last epoch", history.Training.LastOrDefault()),
            .. Both("test {0}, last epoch", history.Test.LastOrDefault()),
            .. Both("test {0}, best epoch", history.Test.MaxBy(point => point.Bound)),
            .. Both("best validation, {0}", best),
            ("best validation, step", Text(history.Best?.Step, "N0")),
            ("log p(x), if evaluated", Evidence(run)),
            ("images a second", Text(epochs.Average(row => (double?)row.ImagesPerSecond), "N0")),
            ("training, seconds", Text(epochs.Count == 0 ? null : epochs.Sum(row => row.Seconds), "F1")),
            ("validation, seconds", Text(best is null ? null : history.Validations.Sum(row => row.Seconds), "F1")),
        ];

        (string, string)[] Both(string name, HistoryPoint? point) =>
        [
            (string.Format(CultureInfo.InvariantCulture, name, "ELBO"), Text(history.Value(point, CurveTerm.Elbo))),
            (string.Format(CultureInfo.InvariantCulture, name, weighted), Text(history.Value(point, CurveTerm.WeightedBound))),
        ];
    }

    private static string NameOf(RunFolder run, IReadOnlyList<RunFolder> all)
    {
        string name = Path.GetFileName(run.Folder);
        return all.Count(other => Path.GetFileName(other.Folder) == name) == 1 ? name : run.Folder;
    }

    private static (string, string)[] DataOf(RunFolder run) =>
        [("data used", run.Record.Data.Name), ("training images", $"{run.Record.Data.TrainCount}"), ("test images", $"{run.Record.Data.TestCount}")];

    private IEnumerable<(string Name, IReadOnlyList<string> Values)> Transposed(Func<RunFolder, IReadOnlyList<(string Name, string Value)>> factsOf)
    {
        var columns = runs.Select(run => factsOf(run.Run)).ToList();
        return columns[0].Select((fact, i) => (fact.Name, (IReadOnlyList<string>)[.. columns.Select(column => column[i].Value)]));
    }

    private static string Evidence(RunFolder run)
    {
        try
        {
            using var document = run.Has(EvaluationName) ? JsonDocument.Parse(File.ReadAllText(run.PathOf(EvaluationName))) : null;
            return Text(document?.RootElement.GetProperty("figures").GetProperty("logEvidence").GetDouble());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return None;
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
