using TorchSharp;

namespace MnistVae.Tests.Data;

public sealed class BatchesTests
{
    private const int Draws = 4000;

    [Fact]
    public void GreyLevelsBecomeFractions()
    {
        byte[] pixels = new byte[DigitSet.PixelCount];
        pixels[1] = 51;
        pixels[2] = 255;
        float[] row = new Batches(new DigitSet(pixels, null), Binarization.None, 0).Pixels([0], 0);
        Assert.Equal([0f, 0.2f, 1f], row[..3]);
    }

    [Fact]
    public void DynamicPixelsAreDrawnWithTheirGreyLevelAsProbability()
    {
        byte[] pixels = [.. Enumerable.Range(0, DigitSet.PixelCount).Select(i => (byte)(i % 256))];
        var batches = new Batches(new DigitSet(pixels, null), Binarization.Dynamic, 7);
        double[] means = new double[DigitSet.PixelCount];
        for (int epoch = 0; epoch < Draws; epoch++)
        {
            float[] row = batches.Pixels([0], epoch);
            for (int i = 0; i < row.Length; i++)
            {
                means[i] += row[i] / Draws;
            }
        }

        Assert.Equal((0, 1), (means[0], Math.Round(means[255], 6)));
        for (int i = 0; i < means.Length; i++)
        {
            double probability = pixels[i] / 255.0;
            double fiveSigma = 5 * Math.Sqrt(probability * (1 - probability) / Draws);
            Assert.InRange(means[i], probability - fiveSigma - 1e-6, probability + fiveSigma + 1e-6);
        }
    }

    [Fact]
    public void DynamicPixelsDependOnEpochAndImageButNotOnTheBatch()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 20, 1);
        var batches = new Batches(digits, Binarization.Dynamic, 1);
        float[] alone = batches.Pixels([5], 2);
        float[] together = batches.Pixels([4, 5], 2);
        Assert.Equal(alone, together[DigitSet.PixelCount..]);
        Assert.NotEqual(alone, batches.Pixels([5], 3));
    }

    [Fact]
    public void AnEpochShowsEveryImageOnceInAnOrderOfItsOwn()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 50, 1);
        var batches = new Batches(digits, Binarization.None, 1);
        int[] first = [.. batches.Shuffled(1, 16).SelectMany(images => images)];
        int[] second = [.. batches.Shuffled(2, 16).SelectMany(images => images)];
        Assert.Equal(Enumerable.Range(0, 50), first.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, batches.Shuffled(1, 50).Single());
        Assert.Equal(4, batches.PerEpoch(16));
        Assert.Equal([16, 16, 16, 2], batches.Shuffled(1, 16).Select(images => images.Length));
    }

    [Fact]
    public void RowsBecomeAFloatTensor()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 4, 1);
        var batches = new Batches(digits, Binarization.None, 0);
        using var batch = batches.Load([2, 0], epoch: 0);
        Assert.Equal([2L, DigitSet.PixelCount], batch.Images.shape);
        Assert.Equal(torch.ScalarType.Float32, batch.Images.dtype);
        Assert.Equal(batches.Pixels([2, 0], 0), batch.Images.data<float>().ToArray());
    }
}
