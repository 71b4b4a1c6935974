using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>What train learns from.</summary>
public sealed class TrainDataOptions
{
    public RecordedOption<string?> Data { get; } = new(
        CommonOptions.DataAnywhere(),
        options => options.Data,
        (options, value) => options with { Data = CommonOptions.Full(value) });

    public RecordedOption<Binarization> Binarize { get; } = new(
        OptionFactory.Choice("--binarize", "Pixels as zeros and ones drawn anew each epoch, drawn once and for all, or left grey.", Binarization.Dynamic),
        options => options.Binarize,
        (options, value) => options with { Binarize = value });

    public RecordedOption<int?> Limit { get; } = new(
        CommonOptions.Limit(),
        options => options.Limit,
        (options, value) => options with { Limit = value });

    public RecordedOption<int> HoldOut { get; } = new(
        OptionFactory.Whole("--hold-out", "Training images, the last ones, to keep as validation images where the data has none.", 0, 0, 1_000_000),
        options => options.HoldOut,
        (options, value) => options with { HoldOut = value });

    /// <summary>All of them, as the help page has them.</summary>
    public IReadOnlyList<RecordedOption> All => [Data, Binarize, Limit, HoldOut];
}
