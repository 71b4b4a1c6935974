using MnistVae.Runs;
using ProbVae.Reports;

namespace MnistVae.Reports;

/// <summary>The histories of one run or of several as charts, over epochs.</summary>
public static class Curves
{
    // The first epochs lie far below all others.
    private const double CutLowest = 0.05;
    private const string Epochs = "epochs";
    private const string Nats = "nats an image";
    private const string Training = "training";
    private const string Validation = "validation";
    private const string Test = "test";

    private static readonly string[] Sets = [Training, Validation, Test];

    /// <summary>ELBO, reconstruction and KL: training, validation, test.</summary>
    /// <param name="runs">With a name each; one alone needs none.</param>
    public static IReadOnlyList<LineChart> Of(IReadOnlyList<(string Name, RunFolder Run)> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var read = runs.Select((run, i) => (Name: (run.Name, Index: runs.Count == 1 ? (int?)null : i), Epochs: run.Run.History.Read(), Validations: run.Run.Validations.Read(), PerEpoch: StepsAnEpoch(run.Run))).ToList();
        return
        [
            Chart("ELBO", CutLowest, read.SelectMany(run => new[]
            {
                Line(run.Name, Training, run.Epochs.Select(row => new ChartPoint(row.Epoch, row.Elbo))),
                Line(run.Name, Validation, run.Validations.Select(row => new ChartPoint(row.Step / run.PerEpoch, row.Elbo))),
                Line(run.Name, Test, run.Epochs.Where(row => row.TestElbo is not null).Select(row => new ChartPoint(row.Epoch, row.TestElbo!.Value))),
            })),
            Chart("Reconstruction, E_q log p(x | z)", CutLowest, read.SelectMany(run => new[]
            {
                Line(run.Name, Training, run.Epochs.Select(row => new ChartPoint(row.Epoch, row.Reconstruction))),
                Line(run.Name, Validation, run.Validations.Select(row => new ChartPoint(row.Step / run.PerEpoch, row.Reconstruction))),
            })),
            Chart("KL(q(z | x) ‖ p(z))", 0, read.SelectMany(run => new[]
            {
                Line(run.Name, Training, run.Epochs.Select(row => new ChartPoint(row.Epoch, row.Kl))),
                Line(run.Name, Validation, run.Validations.Select(row => new ChartPoint(row.Step / run.PerEpoch, row.Kl))),
            })),
        ];
    }

    /// <summary>How fast training went.</summary>
    public static LineChart Speed(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new("Speed of training", Epochs, "images a second", [new("images a second", [.. run.History.Read().Select(row => new ChartPoint(row.Epoch, row.ImagesPerSecond))])]) { HasWholeMarks = true };
    }

    // Runs without validation images have no line for them.
    private static LineChart Chart(string title, double cut, IEnumerable<LineSeries> series) =>
        new(title, Epochs, Nats, [.. series.Where(line => line.Points.Count > 0)]) { CutLowest = cut, HasWholeMarks = true };

    // Of several runs, each has its colour, and each set its dashes.
    private static LineSeries Line((string Name, int? Index) run, string set, IEnumerable<ChartPoint> points) => new(run.Name.Length == 0 ? set : $"{run.Name}, {set}", [.. points])
    {
        Colour = run.Index,
        Dash = run.Index is null ? null : Array.IndexOf(Sets, set),
    };

    private static double StepsAnEpoch(RunFolder run) => Math.Ceiling(run.Record.Data.TrainCount / (double)run.Record.Options.Batch);
}
