using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Models;
using MnistVae.Tests.Models;
using MnistVae.Training;

namespace MnistVae.Tests.Training;

public sealed class CountStudyTests
{
    [Fact]
    public void TheExactProbabilitiesOfAllCountsSumToOne()
    {
        using var model = new InkModel(10);
        using var evidence = model.ExactLogEvidence();
        Assert.Equal([785L], evidence.shape);
        // Every count from 0 to 784; the trapezoidal rule and the ends beyond ±10 leave less than 1e-9.
        Assert.Equal(1, evidence.exp().sum().item<double>(), 1e-9);
    }

    [Fact]
    public void InkIsThePixelsThatAreSet()
    {
        byte[] pixels = new byte[2 * DigitSet.PixelCount];
        pixels[0] = 128;
        pixels[1] = 127;
        pixels.AsSpan(DigitSet.PixelCount, 5).Fill(255);
        using var ink = InkModel.Count(new DigitSet(pixels, null));
        Assert.Equal([1f, 5f], ink.data<float>().ToArray());
    }

    [Fact]
    public void DrawsFromThePriorLearnAWorseModelThanDrawsFromAGuide()
    {
        var options = new CountOptions(null, null, Draws: 2, Steps: 600, Seed: 1, Threads: 1);
        var rows = CountStudy.Run(SmallDigits.Data(Binarization.None), options, CancellationToken.None);
        var (prior, guide) = (rows[0], rows[1]);
        // On these 16 test images, whose ink differs widely, by whole nats: the draws' seed does not decide it.
        Assert.True(guide.Exact > prior.Exact + 0.2, $"{guide} {prior}");
        Assert.True(guide.Spread > prior.Spread, $"{guide} {prior}");
        Assert.True(guide.EffectiveSampleSize > 2 * prior.EffectiveSampleSize, $"{guide} {prior}");
        // log of a mean of K weights lies below log p(x) on the average, and near it where the weights are nearly equal.
        Assert.True(prior.Estimate < prior.Exact - 0.5, $"{prior}");
        Assert.True(Math.Abs(guide.Estimate - guide.Exact) < 0.3, $"{guide}");
    }

    [Fact]
    public void AWeightFromThePriorMayUnderflow()
    {
        // One draw an image, of which about one in six is too far off for float32; that none of 48 is has a probability below 1e-3.
        var data = SmallDigits.Data(Binarization.None);
        var options = new CountOptions(null, null, Draws: 1, Steps: 1, Seed: 2, Threads: 1);
        var rows = CountStudy.Run(data with { Test = data.Train }, options, CancellationToken.None);
        Assert.True(rows[0].UnderflowAtStart > 0);
        Assert.Equal(0, rows[1].UnderflowAtStart);
    }

    [Fact]
    public void TheStudyRepeatsItself()
    {
        var options = new CountOptions(null, null, Draws: 3, Steps: 5, Seed: 4, Threads: 1);
        var data = SmallDigits.Data(Binarization.None);
        Assert.Equal(CountStudy.Run(data, options, CancellationToken.None), CountStudy.Run(data, options, CancellationToken.None));
    }
}
