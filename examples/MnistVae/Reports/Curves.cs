using MnistVae.Runs;
using ProbVae.Reports;

namespace MnistVae.Reports;

/// <summary>The histories of one run or of several as charts, over epochs.</summary>
public static class Curves
{
    // The first epochs lie far from all others, and say little.
    private const double Cut = 0.05;
    private const string Epochs = "epochs";
    private const string Nats = "nats an image";

    /// <summary>How many colours the lines of so many runs take, from the first on: one a run, or of one run alone one a set.</summary>
    public static int Colours(int runs) => runs == 1 ? Sets.Length : runs;

    private static readonly string[] Sets = ["training", "validation", "test"];

    /// <summary>ELBO, reconstruction and KL of training, validation and test; the importance weighted bound and the gradients where there are such.</summary>
    /// <param name="runs">With a name each; one alone needs none.</param>
    public static IReadOnlyList<LineChart> Of(IReadOnlyList<RunHistory> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        CurveTerm[] terms = [CurveTerm.Elbo, CurveTerm.WeightedBound, CurveTerm.Reconstruction, CurveTerm.Kl, CurveTerm.GradientNorm];
        return [.. terms.Select(term => (Term: term, Chart: Of(runs, term)))
            .Where(pair => pair.Chart.Series.Count > 0 || pair.Term is not (CurveTerm.WeightedBound or CurveTerm.GradientNorm))
            .Select(pair => pair.Chart)];
    }

    /// <summary>One term over the epochs.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{RunHistory})"/>
    public static LineChart Of(IReadOnlyList<RunHistory> runs, CurveTerm term)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (term == CurveTerm.WeightedBound && runs.Any(run => run.WeightedBound is not null))
        {
            // Beside other bounds the ELBO is one of them: L_1.
            runs = [.. runs.Select(run => run with { WeightedBound = run.WeightedBound ?? "L_1" })];
        }

        var lines = runs.SelectMany((run, i) => LinesOf(run, runs.Count == 1 ? null : i, term));
        return new LineChart(TitleOf(term, runs), Epochs, UnitOf(term), [.. lines.Where(line => line.Points.Count > 0)])
        {
            CutStart = term == CurveTerm.Speed ? 0 : Cut,
            HasWholeMarks = true,
        };
    }

    private static string TitleOf(CurveTerm term, IReadOnlyList<RunHistory> runs) => term switch
    {
        CurveTerm.Elbo => "ELBO",
        CurveTerm.WeightedBound => $"Importance weighted bound, {BoundOf(runs)}",
        CurveTerm.Reconstruction => "Reconstruction, E_q log p(x | z)",
        CurveTerm.Kl => "KL(q ‖ p)",
        CurveTerm.GradientNorm => "Norm of the gradient, mean of an epoch",
        _ => "Speed of training",
    };

    private static string UnitOf(CurveTerm term) => term switch
    {
        CurveTerm.GradientNorm => "norm, of the loss an image",
        CurveTerm.Speed => "images a second",
        _ => Nats,
    };

    private static string BoundOf(IReadOnlyList<RunHistory> runs) =>
        runs.Select(run => run.WeightedBound).OfType<string>().Distinct().ToList() is [var only] ? only : RunHistory.AnyWeightedBound;

    // What a run has no values of has no line.
    private static IEnumerable<LineSeries> LinesOf(RunHistory run, int? index, CurveTerm term) => Sets.Select((set, i) =>
        new LineSeries(run.Name.Length == 0 ? set : $"{run.Name}, {set}", [.. PointsOf(run, i, term)])
        {
            // Of several runs, each has its colour, and each set its dashes.
            Colour = index ?? i,
            Dash = i,
        });

    private static IEnumerable<ChartPoint> PointsOf(RunHistory run, int set, CurveTerm term)
    {
        var points = set == 1
            ? run.Validations.Select(row => (X: row.Step / run.StepsAnEpoch, Y: Validated(run, row, term)))
            : run.Epochs.Select(row => (X: (double)row.Epoch, Y: set == 0 ? Trained(run, row, term) : Tested(run, row, term)));
        return points.Where(point => point.Y is not null).Select(point => new ChartPoint(point.X, point.Y!.Value));
    }

    private static double? Trained(RunHistory run, EpochRow row, CurveTerm term) => term switch
    {
        CurveTerm.Elbo => run.Elbo(row),
        CurveTerm.WeightedBound => run.Weighted(row.Elbo),
        CurveTerm.Reconstruction => row.Reconstruction,
        CurveTerm.Kl => row.Kl,
        CurveTerm.GradientNorm => row.GradientNorm,
        _ => row.ImagesPerSecond,
    };

    private static double? Validated(RunHistory run, ValidationRow row, CurveTerm term) => term switch
    {
        CurveTerm.Elbo => run.Elbo(row),
        CurveTerm.WeightedBound => run.Weighted(row.Elbo),
        CurveTerm.Reconstruction => row.Reconstruction,
        CurveTerm.Kl => row.Kl,
        _ => null,
    };

    private static double? Tested(RunHistory run, EpochRow row, CurveTerm term) => term switch
    {
        CurveTerm.Elbo => run.TestElbo(row),
        CurveTerm.WeightedBound => run.Weighted(row.TestElbo),
        CurveTerm.Reconstruction => row.TestReconstruction,
        CurveTerm.Kl => row.TestKl,
        _ => null,
    };
}
