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
        return new(
            name, run.History.Read(), run.Validations.Read(), Math.Ceiling(run.Record.Data.TrainCount / (double)options.Batch),
            options.Objective == Objective.Iwae ? $"L_{options.Particles}" : null);
    }

    /// <summary>The histories in folders of runs and in CSV files that were kept without theirs; two files of a run are one history.</summary>
    /// <param name="sources">Folders, and files as <c>history.csv</c> and <c>validation.csv</c> are; NAME-epochs.csv and NAME-validation.csv belong together.</param>
    /// <param name="stepsAnEpoch">Of the files; null where none counts steps.</param>
    public static IReadOnlyList<RunHistory> Read(IReadOnlyList<string> sources, int? stepsAnEpoch)
    {
        List<RunHistory> read = [];
        foreach (string source in sources.Select(Path.GetFullPath))
        {
            var history = File.Exists(source) ? OfFile(source, stepsAnEpoch) : Of(Path.GetFileName(source), RunFolder.Open(source));
            int same = File.Exists(source) ? read.FindIndex(other => other.Name == history.Name) : -1;
            if (same < 0)
            {
                read.Add(history);
                continue;
            }

            read[same] = read[same] with
            {
                Epochs = [.. read[same].Epochs, .. history.Epochs],
                Validations = [.. read[same].Validations, .. history.Validations],
                WeightedBound = read[same].WeightedBound ?? history.WeightedBound,
            };
        }

        return read.Count == 1 ? [read[0] with { Name = "" }] : read;
    }

    private static RunHistory OfFile(string path, int? stepsAnEpoch)
    {
        string header = FirstLine(path);
        bool isEpochs = header.StartsWith("epoch,", StringComparison.Ordinal);
        if (!isEpochs && !header.StartsWith("step,", StringComparison.Ordinal))
        {
            throw new UserError($"{path} begins with '{header}', but a history's columns are those of {RunFolder.HistoryName} or {RunFolder.ValidationName}; name such a file or the folder of a run.");
        }

        if (!isEpochs && stepsAnEpoch is null)
        {
            throw new UserError($"{path} counts steps, so say with --steps-an-epoch how many an epoch had: the training images over the batch, rounded up.");
        }

        IReadOnlyList<EpochRow> epochs = isEpochs ? new History<EpochRow>(path).Read() : [];
        IReadOnlyList<ValidationRow> validations = isEpochs ? [] : new History<ValidationRow>(path).Read();
        bool isWeighted = epochs.Any(row => IsWeighted(row.Elbo, row.Reconstruction, row.Kl)) || validations.Any(row => IsWeighted(row.Elbo, row.Reconstruction, row.Kl));
        return new(NameOf(path), epochs, validations, stepsAnEpoch ?? 1, isWeighted ? AnyWeightedBound : null);
    }

    // A file tells no objective, but only of the ELBO the terms make up the whole.
    private static bool IsWeighted(double bound, double reconstruction, double kl) =>
        Math.Abs(bound - (reconstruction - kl)) > Rounding * (Math.Abs(reconstruction) + Math.Abs(kl));

    private static string NameOf(string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        return Path.GetFileName(path) is RunFolder.HistoryName or RunFolder.ValidationName
            ? Path.GetFileName(Path.GetDirectoryName(path)!)
            : new[] { "-epochs", "-validation" }.FirstOrDefault(ending => file.EndsWith(ending, StringComparison.Ordinal)) is { } end ? file[..^end.Length] : file;
    }

    private static string FirstLine(string path)
    {
        // A file that is no text may be one long line.
        char[] beginning = new char[200];
        using var reader = new StreamReader(path);
        return new string(beginning, 0, reader.ReadBlock(beginning)).Split('\r', '\n')[0];
    }
}
