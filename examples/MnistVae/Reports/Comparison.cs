using MnistVae.Runs;
using ProbVae.Reports;

namespace MnistVae.Reports;

/// <summary>Runs side by side: the options in which they differ, and where each of them ended.</summary>
public sealed class Comparison
{
    private readonly IReadOnlyList<(string Name, RunFolder Run)> runs;

    /// <param name="runs">Two or more.</param>
    public Comparison(IReadOnlyList<RunFolder> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        this.runs = [.. runs.Select(run => (NameOf(run, runs), run))];
        Rows = [.. Differing(this.runs.Select(run => RunFacts.Options(run.Run.Record.Options))), .. DifferingData(), .. Measured()];
    }

    /// <summary>The runs' names: their folders', with what lies above where two are called alike.</summary>
    public IReadOnlyList<string> Names => [.. runs.Select(run => run.Name)];

    /// <summary>A row's name, and its value in each run.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Rows { get; }

    /// <summary>The page with the table and the runs' curves over one another.</summary>
    public Report ToReport() => new(
        $"{runs.Count} runs compared",
        "Terms are in nats an image: ELBO = reconstruction − KL. L_K is the importance weighted bound, of the runs that ascended it. Options that are the same in all runs are left out.",
        [
            new Section("Options and results", new Table(["", .. Names], [.. Rows.Select(row => (string[])[row.Name, .. row.Values])])),
            new Section("Curves", new SideBySide([.. Curves.Of([.. runs.Select(run => RunHistory.Of(run.Name, run.Run))])])),
        ]);

    private static string NameOf(RunFolder run, IReadOnlyList<RunFolder> all)
    {
        string name = Path.GetFileName(run.Folder);
        return all.Count(other => Path.GetFileName(other.Folder) == name) == 1 ? name : run.Folder;
    }

    private IEnumerable<(string Name, IReadOnlyList<string> Values)> DifferingData() => Differing(runs.Select(run => new[]
    {
        ("data used", run.Run.Record.Data.Name),
        ("training images", $"{run.Run.Record.Data.TrainCount}"),
        ("test images", $"{run.Run.Record.Data.TestCount}"),
    }));

    private static IEnumerable<(string Name, IReadOnlyList<string> Values)> Differing(IEnumerable<IReadOnlyList<(string Name, string Value)>> facts) =>
        Transposed(facts).Where(row => row.Values.Distinct().Count() > 1);

    private IEnumerable<(string Name, IReadOnlyList<string> Values)> Measured() =>
        Transposed(runs.Select(run => RunFacts.Results(run.Run, RunHistory.AnyWeightedBound))).Where(row => row.Values.Any(value => value != RunFacts.None));

    private static IEnumerable<(string Name, IReadOnlyList<string> Values)> Transposed(IEnumerable<IReadOnlyList<(string Name, string Value)>> facts)
    {
        var columns = facts.ToList();
        return columns[0].Select((fact, i) => (fact.Name, (IReadOnlyList<string>)[.. columns.Select(column => column[i].Value)]));
    }
}
