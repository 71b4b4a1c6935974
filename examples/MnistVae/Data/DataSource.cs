namespace MnistVae;

/// <summary>Grey pixels drawn as zeros and ones anew each time an image is shown, or once and for all, or left in [0, 1].</summary>
public enum Binarization { Dynamic, Static, None }

/// <summary>Where the images of a run came from.</summary>
public enum DataOrigin { Option, Environment, Cache, Download, Procedural }

/// <summary>One file (or drawn block) of images or labels.</summary>
/// <param name="Md5">Of the uncompressed bytes, in lower-case hexadecimal.</param>
/// <param name="IsOriginal">Whether these are the published bytes.</param>
public sealed record DataFile(string Name, string Md5, int Count, bool IsOriginal);

/// <summary>Which data a run used, for the run's record.</summary>
/// <param name="Location">A folder or, for drawn digits, the seed.</param>
/// <param name="Pixels">How the pixels' values came about.</param>
/// <param name="Notices">What the user should know about the choice, a sentence each.</param>
public sealed record DataSource(
    string Name, DataOrigin Origin, string Location, string Pixels, int TrainCount, int ValidationCount, int TestCount,
    IReadOnlyList<DataFile> Files, IReadOnlyList<string> Notices)
{
    /// <summary>Whether every file holds the published bytes.</summary>
    public bool IsOriginal => Files.Count > 0 && Files.All(file => file.IsOriginal);

    /// <summary>Whether two sources hold the same images, wherever they lie.</summary>
    public bool HasSameImages(DataSource other) => Pixels == other.Pixels
        && (TrainCount, TestCount) == (other.TrainCount, other.TestCount)
        && Files.Select(file => file.Md5).SequenceEqual(other.Files.Select(file => file.Md5));

    /// <summary>In words: what, how much, from where.</summary>
    public string Describe() => $"{Name} ({TrainCount} + {TestCount} images, {Location})";
}

/// <summary>The images of a run.</summary>
public sealed record DigitData(DigitSet Train, DigitSet? Validation, DigitSet Test, DataSource Source)
{
    /// <summary>At most so many images of each set, or all where there is no limit.</summary>
    public DigitData Limit(int? limit) => limit is { } most ? Of(Train.Take(most), Validation?.Take(most), Test.Take(most)) : this;

    /// <summary>Keeps the last training images apart as validation images; 0 leaves the data as it is.</summary>
    public DigitData HoldOut(int count)
    {
        if (count == 0)
        {
            return this;
        }

        if (Validation is not null)
        {
            throw new UserError($"--hold-out is {count}, but {Source.Name} has {Validation.Count} validation images of its own; leave --hold-out out.");
        }

        if (count >= Train.Count)
        {
            throw new UserError($"--hold-out is {count}, but there are only {Train.Count} training images; keep fewer of them apart.");
        }

        var (learnt, held) = (Rows.All(Train.Count - count), Enumerable.Range(Train.Count - count, count).Select(place => (long)place));
        var validation = Train.At(new Rows(held));
        return Of(Train.At(learnt), Train.IsDrawn ? validation.DrawnOnce(Digits.Key.Fold("validation")) : validation, Test);
    }

    private DigitData Of(DigitSet train, DigitSet? validation, DigitSet test) =>
        new(train, validation, test, Source with { TrainCount = train.Count, ValidationCount = validation?.Count ?? 0, TestCount = test.Count });
}
