using ProbVae;
using TorchSharp;

namespace MnistVae.Tests.Data;

public sealed class DigitSetTests
{
    private const int Draws = 4000;

    [Fact]
    public void GreyLevelsBecomeFractions()
    {
        byte[] pixels = new byte[DigitSet.PixelCount];
        pixels[1] = 51;
        pixels[2] = 255;
        using var batch = DigitSet.Of(pixels, null).Load(torch.CPU);
        Assert.Equal([0f, 0.2f, 1f], Floats(batch)[..3]);
        Assert.Null(batch.Labels);
    }

    [Fact]
    public void LabelsBecomeAOneAmongZeros()
    {
        using var batch = ProceduralDigits.Draw(0, 9, 1).Train.Load(torch.CPU, new Rows([7, 2]));
        Assert.Equal([2L, DigitSet.PixelCount], batch.Images.shape);
        Assert.Equal(torch.ScalarType.Float32, batch.Images.dtype);
        byte[] labels = ProceduralDigits.Draw(0, 9, 1).Train.Labels!.data<byte>().ToArray();
        Assert.Equal([labels[7], labels[2]], batch.Labels!.argmax(1).data<long>().ToArray().Select(label => (byte)label));
        Assert.Equal(2, batch.Labels.sum().ToSingle());
    }

    [Fact]
    public void PixelsAreDrawnWithTheirGreyLevelAsProbability()
    {
        byte[] pixels = [.. Enumerable.Range(0, DigitSet.PixelCount).Select(i => (byte)(i % 256))];
        var images = DigitSet.Of(pixels, null) with { IsDrawn = true };
        double[] means = new double[DigitSet.PixelCount];
        for (int draw = 0; draw < Draws; draw++)
        {
            using var batch = images.Load(torch.CPU, key: new RandomKey(7).Fold(draw));
            float[] row = Floats(batch);
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
    public void WhatIsDrawnOnceIsBlackOrWhiteAndTheSameEachTime()
    {
        var drawn = ProceduralDigits.Draw(0, 20, 1).Train.DrawnOnce(new RandomKey(3));
        byte[] levels = drawn.Levels.data<byte>().ToArray();
        Assert.Equal<byte>([0, 255], levels.Distinct().Order());
        Assert.Equal(levels, ProceduralDigits.Draw(0, 20, 1).Train.DrawnOnce(new RandomKey(3)).Levels.data<byte>().ToArray());
        Assert.NotEqual(levels, ProceduralDigits.Draw(0, 20, 1).Train.DrawnOnce(new RandomKey(4)).Levels.data<byte>().ToArray());
    }

    [Fact]
    public void AnEpochShowsEachImageOnceInAnOrderAndWithADrawOfItsOwn()
    {
        // The image at a place is known by its first pixel, which is black or white.
        byte[] pixels = [.. Enumerable.Range(0, 20).SelectMany(image => Enumerable.Range(0, DigitSet.PixelCount).Select(i => i < 5 ? (byte)(255 * ((image >> i) & 1)) : (byte)128))];
        var images = DigitSet.Of(pixels, null) with { IsDrawn = true };
        var batches = images.ToLearn(8, torch.CPU, new RandomKey(1), ahead: 0);
        Assert.Equal((20, 3), (batches.Elements, batches.PerPass));
        var (first, second) = (Epoch(batches, 0), Epoch(batches, 1));
        Assert.Equal(Enumerable.Range(0, 20), first.Select(Place).Order());
        Assert.NotEqual(first.Select(Place), second.Select(Place));
        Assert.All(first, row => Assert.NotEqual(row, second.Single(other => Place(other) == Place(row))));
        // So it is whoever asks, and when.
        Assert.Equal(second.SelectMany(row => row), Epoch(images.ToLearn(8, torch.CPU, new RandomKey(1), ahead: 2), 1).SelectMany(row => row));
        Assert.NotEqual(first.Select(Place), Epoch(images.ToLearn(8, torch.CPU, new RandomKey(2), ahead: 0), 0).Select(Place));
    }

    [Fact]
    public void BatchesInOrderAreAllImagesAndFreedOneAfterAnother()
    {
        var images = ProceduralDigits.Draw(0, 10, 1).Train;
        ImageBatch? before = null;
        var rows = new List<float>();
        foreach (var batch in images.Batches(4, torch.CPU))
        {
            Assert.True(before?.Images.IsInvalid ?? true);
            rows.AddRange(Floats(batch));
            before = batch;
        }

        using var all = images.Load(torch.CPU);
        Assert.Equal(Floats(all), rows);
    }

    [Theory]
    [InlineData(4, 0, 2, 5, 7)]
    [InlineData(1, 0)]
    [InlineData(99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    public void PlacesAreEvenlySpaced(int count, params int[] places) => Assert.Equal(places.Select(place => (long)place), ProceduralDigits.Draw(0, 10, 1).Train.Spaced(count).Indices);

    private static List<float[]> Epoch(Minibatches<ImageBatch> batches, int epoch)
    {
        var rows = new List<float[]>();
        for (long step = 0; step < batches.PerPass; step++)
        {
            using var batch = batches.Of((epoch * batches.PerPass) + step);
            rows.AddRange(Floats(batch).Chunk(DigitSet.PixelCount));
        }

        return rows;
    }

    private static int Place(float[] row) => Enumerable.Range(0, 5).Sum(i => row[i] > 0 ? 1 << i : 0);

    private static float[] Floats(ImageBatch batch) => batch.Images.data<float>().ToArray();
}
