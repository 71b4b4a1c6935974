namespace MnistVae.Commands;

/// <summary>How a training run is carried out, without a say in what it computes but for the seed.</summary>
public sealed class TrainRunOptions
{
    public RecordedOption<double> CheckpointMinutes { get; } = new(
        OptionFactory.Real("--checkpoint-minutes", "Time between two checkpoints at most, which is what a kill can lose; 0 writes one after each step.", 5, 0, 1440),
        options => options.CheckpointMinutes,
        (options, value) => options with { CheckpointMinutes = value });

    public RecordedOption<int> Prefetch { get; } = new(
        OptionFactory.Whole("--prefetch", "Batches to make on another thread while a step runs; the results are the same.", 0, 0, 64),
        options => options.Prefetch,
        (options, value) => options with { Prefetch = value });

    public RecordedOption<long> Seed { get; } = new(
        OptionFactory.Seed("Decides shuffling, starting weights and all samples."),
        options => options.Seed,
        (options, value) => options with { Seed = value });

    public RecordedOption<DeviceKind> Device { get; } = new(
        CommonOptions.Device(),
        options => options.Device,
        (options, value) => options with { Device = value });

    public RecordedOption<int> Threads { get; } = new(
        CommonOptions.Threads(),
        options => options.Threads,
        (options, value) => options with { Threads = value });

    /// <summary>All of them, as the help page has them.</summary>
    public IReadOnlyList<RecordedOption> All => [CheckpointMinutes, Prefetch, Seed, Device, Threads];
}
