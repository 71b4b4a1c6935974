using System.CommandLine;
using MnistVae.Data;

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

    /// <summary>Where a verb that looks at a run finds the data.</summary>
    public static Option<string?> DataOfRun() => Data("the data that the run was trained on");

    /// <summary>Where a verb that starts anew finds the data.</summary>
    public static Option<string?> DataAnywhere() => Data($"{DataLocations.Variable}, the cache, a download, or digits drawn by the program");

    public static Option<int?> Limit() =>
        OptionFactory.WholeOrNone("--limit", "At most so many training and test images, evenly spaced, for a quick run.", 1, MostImages);

    public static Option<int> Batch(string description) => OptionFactory.Whole("--batch", description, 128, 1, 65_536);

    public static Option<DeviceKind> Device() => OptionFactory.Choice("--device", "Where torch computes.", DeviceKind.Cpu);

    public static Option<int> Threads() => OptionFactory.Whole("--threads", "Threads for torch; 0 leaves the number to torch.", 0, 0, MostThreads);

    /// <summary>The path in full, so that a record stays right when read from another folder.</summary>
    public static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
