namespace MnistVae;

/// <summary>The options of every verb that looks at a trained run.</summary>
public abstract record RunOptions
{
    internal const string DefaultRun = "runs/mnist-vae";

    [Option("Folder of the trained run.", Kind = "DIR")]
    public string Run { get; init; } = DefaultRun;
    [Option("Where torch computes.")]
    public DeviceKind Device { get; init; }
    [Option("Threads for torch; 0 leaves the number to torch.", 0, 1024)]
    public int Threads { get; init; }
}

/// <summary>The options of a verb that draws random numbers.</summary>
public abstract record DrawingOptions : RunOptions
{
    [Option("Decides all draws.")]
    public long Seed { get; init; }
}

/// <summary>The options of a verb that reads the run's data.</summary>
public abstract record DataOptions : DrawingOptions
{
    [Option("Folder with mnist/ and binarized_mnist/ (or the idx files themselves); otherwise the data that the run was trained on.", Kind = "DIR")]
    public string? Data { get; init; }

    // How many test images are looked at.
    internal abstract int? Images { get; }
}

public sealed record SampleOptions : DrawingOptions
{
    [Option("Digits to draw.", 1, 10_000)]
    public int Count { get; init; } = 100;
    [Option("Digits in a row of the picture.", 1, 100)]
    public int Columns { get; init; } = 10;
    [Option("The picture to write, a PNG file; otherwise samples.png in the run's folder.", Kind = "FILE")]
    public string? Out { get; init; }
}

public record ReconstructOptions : DataOptions
{
    [Option("Test images to show, evenly spaced.", 1, 10_000)]
    public int Count { get; init; } = 20;
    [Option("Digits in a row of the picture.", 1, 100)]
    public int Columns { get; init; } = 10;
    [Option("The picture to write, a PNG file; otherwise one named after the verb in the run's folder.", Kind = "FILE")]
    public string? Out { get; init; }

    internal override int? Images => Count;
}

/// <summary>Half of an image.</summary>
public enum ImageHalf { Left, Right, Top, Bottom }

public sealed record CompleteOptions : ReconstructOptions
{
    [Option("The half that the model does not see.")]
    public ImageHalf Hide { get; init; } = ImageHalf.Right;
    [Option("Turns between drawing a code and drawing the hidden half.", 1, 10_000)]
    public int Rounds { get; init; } = 20;
}

public sealed record EvaluateOptions : DataOptions
{
    [Option("At most so many test images, evenly spaced.", 1, 1_000_000)]
    public int? Limit { get; init; }
    [Option("Importance samples an image for the log-likelihood.", 1, 100_000)]
    public int Particles { get; init; } = 100;
    [Option("Images at a time.", 1, 65_536)]
    public int Batch { get; init; } = 128;
    [Option("Print the figures as JSON, and what else is to be said to standard error.")]
    public bool Json { get; init; }

    internal override int? Images => Limit;
}

public sealed record ExportOptions : DataOptions
{
    [Option("Codes of at most so many test images, evenly spaced.", 1, 1_000_000)]
    public int? Limit { get; init; }
    [Option("Digits to draw from the prior.", 1, 100_000)]
    public int Samples { get; init; } = 100;
    [Option("The folder to write to; otherwise export in the run's folder.", Kind = "DIR")]
    public string? Out { get; init; }
    [Option("Images at a time.", 1, 65_536)]
    public int Batch { get; init; } = 128;

    internal override int? Images => Limit;
}

public sealed record ReportOptions : RunOptions
{
    [Option("Folder of the data; otherwise the data that the run was trained on.", Kind = "DIR")]
    public string? Data { get; init; }
}

public sealed record ExploreOptions : RunOptions
{
    [Option("Where the page is served on this machine; 0 for any port that is free.", 0, ushort.MaxValue)]
    public int Port { get; init; } = 8128;
}
