using CsvHelper;

namespace MnistVae;

/// <summary>One line of history.csv; terms are in nats an image.</summary>
/// <param name="Elbo">Of the training images, the bound that the run is about: reconstruction minus KL, or the importance weighted bound.</param>
/// <param name="TestElbo">Null in epochs without a test; so are the test's terms, which older histories lack.</param>
/// <param name="GradientNorm">The mean, over every tenth step of the epoch, of the Euclidean norm of the gradient of the loss an image, before clipping; null in older histories.</param>
/// <param name="Seconds">Wall-clock time of this epoch.</param>
[CsvRecord]
public sealed partial record EpochRow(
    [CsvColumn("epoch")] int Epoch,
    [CsvColumn("elbo")] double Elbo,
    [CsvColumn("reconstruction")] double Reconstruction,
    [CsvColumn("kl")] double Kl,
    [CsvColumn("test_elbo", Optional = true)] double? TestElbo,
    [CsvColumn("test_reconstruction", Optional = true)] double? TestReconstruction,
    [CsvColumn("test_kl", Optional = true)] double? TestKl,
    [CsvColumn("gradient_norm", Optional = true)] double? GradientNorm,
    [CsvColumn("images_per_second")] double ImagesPerSecond,
    [CsvColumn("seconds")] double Seconds) : IHistoryRow
{
    long IHistoryRow.Place => Epoch;
}

/// <summary>One line of validation.csv: the validation images after a step, in nats an image.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Seconds">Wall-clock time of this measurement.</param>
[CsvRecord]
public sealed partial record ValidationRow(
    [CsvColumn("step")] long Step,
    [CsvColumn("elbo")] double Elbo,
    [CsvColumn("reconstruction")] double Reconstruction,
    [CsvColumn("kl")] double Kl,
    [CsvColumn("seconds")] double Seconds) : IHistoryRow
{
    long IHistoryRow.Place => Step;
}
