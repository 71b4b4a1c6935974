using System.CommandLine;

namespace MnistVae.Commands;

/// <summary>Options that several verbs share, with the same name, range and words in each.</summary>
public static class CommonOptions
{
    public const string DefaultRun = "runs/mnist-vae";

    private const int MostThreads = 1024;
    private const int MostImages = 1_000_000;

    public static Option<string> Run(string description) => OptionFactory.Folder("--run", description, DefaultRun);

    public static Option<string?> Data(string otherwise) =>
        OptionFactory.PathOrNone("--data", "DIR", $"Folder with mnist/ and binarized_mnist/ (or the idx files themselves); otherwise {otherwise}.");

    public static Option<int?> Limit() =>
        OptionFactory.WholeOrNone("--limit", "At most so many training and test images, evenly spaced, for a quick run.", 1, MostImages);

    public static Option<int> Batch(string description) => OptionFactory.Whole("--batch", description, 128, 1, 65_536);

    public static Option<int> Count(string description, int standard) => OptionFactory.Whole("--count", description, standard, 1, 10_000);

    public static Option<int> Columns() => OptionFactory.Whole("--columns", "Digits in a row of the picture.", 10, 1, 100);

    public static Option<string?> Out(string name) =>
        OptionFactory.PathOrNone("--out", "FILE", $"The picture to write, a PNG file; otherwise {name} in the run's folder.");

    public static Option<DeviceKind> Device() => OptionFactory.Choice("--device", "Where torch computes.", DeviceKind.Cpu);

    public static Option<int> Threads() => OptionFactory.Whole("--threads", "Threads for torch; 0 leaves the number to torch.", 0, 0, MostThreads);

    /// <summary>The path in full, so that a record stays right when read from another folder.</summary>
    public static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
