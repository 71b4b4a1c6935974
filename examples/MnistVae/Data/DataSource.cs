namespace MnistVae.Data;

/// <summary>Where the images of a run came from.</summary>
public enum DataOrigin
{
    Option,
    Environment,
    Cache,
    Download,
    Procedural,
}

/// <summary>One file (or drawn block) of images or labels.</summary>
/// <param name="Md5">Of the uncompressed bytes, in lower-case hexadecimal.</param>
/// <param name="IsOriginal">Whether these are the published bytes.</param>
public sealed record DataFile(string Name, string Md5, int Count, bool IsOriginal);

/// <summary>Which data a run used, for the run's record.</summary>
/// <param name="Location">A folder, an address or, for drawn digits, the seed.</param>
/// <param name="Pixels">How the pixels' values came about.</param>
/// <param name="Notices">What the user should know about the choice, a sentence each.</param>
public sealed record DataSource(
    string Name,
    DataOrigin Origin,
    string Location,
    string Pixels,
    int TrainCount,
    int ValidationCount,
    int TestCount,
    IReadOnlyList<DataFile> Files,
    IReadOnlyList<string> Notices)
{
    /// <summary>Whether every file holds the published bytes.</summary>
    public bool IsOriginal => Files.Count > 0 && Files.All(file => file.IsOriginal);

    /// <summary>Whether two sources hold the same images, wherever they lie.</summary>
    public bool HasSameImages(DataSource other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Pixels == other.Pixels
            && TrainCount == other.TrainCount
            && TestCount == other.TestCount
            && Files.Select(file => file.Md5).SequenceEqual(other.Files.Select(file => file.Md5));
    }
}

/// <summary>The images of a run.</summary>
public sealed record DigitData(DigitSet Train, DigitSet? Validation, DigitSet Test, DataSource Source);
