using System.Text.RegularExpressions;

namespace MnistVae;

/// <summary>What a curve shows; the weighted bound is L_K, where a run ascended it.</summary>
public enum CurveTerm { Elbo, WeightedBound, Reconstruction, Kl, GradientNorm, Speed }

/// <summary>What was noted of a set of images at a time.</summary>
/// <param name="Epoch">When; validations lie among epochs.</param>
/// <param name="Bound">The column <c>elbo</c>.</param>
public sealed record HistoryPoint(double Epoch, double? Bound, double? Reconstruction, double? Kl, double? GradientNorm = null, double? Speed = null);

/// <summary>What training wrote down of itself, as curves and tables read it.</summary>
/// <param name="Name">For legends; empty where no other run is beside it.</param>
/// <param name="StepsAnEpoch">Where validations lie among epochs.</param>
/// <param name="WeightedBound">
/// The importance weighted bound that the column <c>elbo</c> holds, such as L_5; null where it holds the ELBO, which then is
/// reconstruction minus KL.
/// </param>
public sealed record RunHistory(string Name, IReadOnlyList<EpochRow> Epochs, IReadOnlyList<ValidationRow> Validations, double StepsAnEpoch, string? WeightedBound)
{
    /// <summary>The bound, whatever its number of draws.</summary>
    public const string AnyWeightedBound = "L_K";

    // Far above rounding, far below what a second draw gains.
    private const double Rounding = 1e-4;
    private const int LongestHeader = 200;

    /// <summary>Of the training images, each the mean over an epoch.</summary>
    public IEnumerable<HistoryPoint> Training =>
        Epochs.Select(row => new HistoryPoint(row.Epoch, row.Elbo, row.Reconstruction, row.Kl, row.GradientNorm, row.ImagesPerSecond));

    /// <summary>Of the validation images.</summary>
    public IEnumerable<HistoryPoint> Validation => Validations.Select(row => new HistoryPoint(row.Step / StepsAnEpoch, row.Elbo, row.Reconstruction, row.Kl));

    /// <summary>Of the test images.</summary>
    public IEnumerable<HistoryPoint> Test => Epochs.Select(row => new HistoryPoint(row.Epoch, row.TestElbo, row.TestReconstruction, row.TestKl));

    /// <summary>The validation that did best by the bound that was ascended, or null where there was none.</summary>
    public ValidationRow? Best => Validations.MaxBy(row => row.Elbo);

    /// <summary>A term at a point, or null where it is not told. The terms of an importance weighted bound make up the ELBO too.</summary>
    public double? Value(HistoryPoint? point, CurveTerm term) => term switch
    {
        CurveTerm.Elbo => WeightedBound is null ? point?.Bound : point?.Reconstruction - point?.Kl,
        CurveTerm.WeightedBound => WeightedBound is null ? null : point?.Bound,
        CurveTerm.Reconstruction => point?.Reconstruction,
        CurveTerm.Kl => point?.Kl,
        CurveTerm.GradientNorm => point?.GradientNorm,
        _ => point?.Speed,
    };

    /// <summary>The history of a run's folder.</summary>
    public static RunHistory Of(string name, RunFolder run)
    {
        var options = run.Record.Options;
        double perEpoch = Math.Ceiling(run.Record.Data.TrainCount / (double)options.Batch);
        return new(name, run.History.Read(), run.Validations.Read(), perEpoch, options.WeightedBound);
    }

    /// <summary>The histories in folders of runs and in CSV files that were kept without theirs; two files of a run are one history.</summary>
    /// <param name="sources">Folders, and files as <c>history.csv</c> and <c>validation.csv</c> are; NAME-epochs.csv and NAME-validation.csv belong together.</param>
    /// <param name="stepsAnEpoch">Of the files; null where none counts steps.</param>
    public static IReadOnlyList<RunHistory> Read(IReadOnlyList<string> sources, int? stepsAnEpoch)
    {
        RunHistory[] read =
        [
            .. from source in sources.Select(Path.GetFullPath)
               group source by File.Exists(source) ? NameOf(source) : source into of
               select File.Exists(of.First()) ? OfFiles(of.Key, of, stepsAnEpoch) : Of(Path.GetFileName(of.Key), RunFolder.Open(of.Key)),
        ];
        return read is [var only] ? [only with { Name = "" }] : read;
    }

    private static RunHistory OfFiles(string name, IEnumerable<string> files, int? stepsAnEpoch)
    {
        var (epochs, validations) = (new List<EpochRow>(), new List<ValidationRow>());
        foreach (string file in files)
        {
            string header = File.ReadLines(file).FirstOrDefault("");
            bool countsSteps = header.StartsWith("step,", StringComparison.Ordinal);
            if (header.StartsWith("epoch,", StringComparison.Ordinal))
            {
                epochs.AddRange(new TrainingHistory<EpochRow>(file).Read());
            }
            else if (countsSteps && stepsAnEpoch is not null)
            {
                validations.AddRange(new TrainingHistory<ValidationRow>(file).Read());
            }
            else
            {
                throw new UserError(countsSteps
                    ? $"{file} counts steps, so say with --steps-an-epoch how many an epoch had: the training images over the batch, rounded up."
                    : $"{file} begins with '{header[..Math.Min(header.Length, LongestHeader)]}', but a history's columns are those of {RunFolder.HistoryName} or {RunFolder.ValidationName}; name such a file or the folder of a run.");
            }
        }

        var history = new RunHistory(name, epochs, validations, stepsAnEpoch ?? 1, null);
        return history with { WeightedBound = history.Training.Concat(history.Validation).Any(IsWeighted) ? AnyWeightedBound : null };
    }

    // A file tells no objective, but only of the ELBO the terms make up the whole.
    private static bool IsWeighted(HistoryPoint point) => point is { Bound: { } bound, Reconstruction: { } reconstruction, Kl: { } kl }
        && Math.Abs(bound - (reconstruction - kl)) > Rounding * (Math.Abs(reconstruction) + Math.Abs(kl));

    private static string NameOf(string file) => Path.GetFileName(file) is RunFolder.HistoryName or RunFolder.ValidationName
        ? Path.GetFileName(Path.GetDirectoryName(file)!)
        : Regex.Replace(Path.GetFileNameWithoutExtension(file), "-(epochs|validation)$", "");
}
