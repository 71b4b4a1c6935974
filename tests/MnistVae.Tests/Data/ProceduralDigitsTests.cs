namespace MnistVae.Tests.Data;

public sealed class ProceduralDigitsTests
{
    [Fact]
    public void TheSeedDecidesTheImages()
    {
        var (first, _) = ProceduralDigits.Draw(3, 50, 10);
        var (again, _) = ProceduralDigits.Draw(3, 50, 10);
        var (different, _) = ProceduralDigits.Draw(4, 50, 10);
        Assert.Equal(first.Pixels, again.Pixels);
        Assert.False(first.Pixels.SequenceEqual(different.Pixels));
    }

    [Fact]
    public void TestImagesFollowTheTrainingImages()
    {
        var (all, _) = ProceduralDigits.Draw(0, 60, 1);
        var (_, test) = ProceduralDigits.Draw(0, 50, 10);
        Assert.Equal(all.Image(50), test.Image(0));
    }

    // MNIST's images have about 25 to 310 full pixels of ink.
    [Fact]
    public void EveryDigitHasAsMuchInkAsHandwriting()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 2000, 1);
        Assert.All(Enumerable.Range(0, digits.Count), i => Assert.InRange(digits.Image(i).ToArray().Sum(level => level) / 255, 20, 310));
    }

    [Fact]
    public void HardlyADigitTouchesTheRim()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 2000, 1);
        Assert.InRange(Enumerable.Range(0, digits.Count).Count(i => TouchesRim(digits.Image(i))), 0, 20);
    }

    [Fact]
    public void AllTenClassesComeUpAboutEquallyOften()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 5000, 1);
        var counts = digits.Labels.ToArray().CountBy(label => label).ToDictionary();
        Assert.Equal(10, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 400, 600));
    }

    // Chance is 10%; nearest class means reach about 80% on MNIST.
    [Fact]
    public void ClassesCanBeToldApart()
    {
        var (train, test) = ProceduralDigits.Draw(0, 3000, 500);
        double[][] means = ClassMeans(train);
        int right = Enumerable.Range(0, test.Count).Count(i => Nearest(means, test.Image(i)) == test.Labels[i]);
        Assert.InRange(right / 500.0, 0.7, 1);
    }

    private static bool TouchesRim(ReadOnlySpan<byte> image)
    {
        for (int i = 0; i < DigitSet.Side; i++)
        {
            int last = DigitSet.Side - 1;
            if ((image[i] | image[(last * DigitSet.Side) + i] | image[i * DigitSet.Side] | image[(i * DigitSet.Side) + last]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static double[][] ClassMeans(DigitSet digits)
    {
        double[][] sums = [.. Enumerable.Range(0, 10).Select(_ => new double[DigitSet.PixelCount])];
        int[] counts = new int[10];
        for (int i = 0; i < digits.Count; i++)
        {
            int label = digits.Labels[i];
            counts[label]++;
            for (int pixel = 0; pixel < DigitSet.PixelCount; pixel++)
            {
                sums[label][pixel] += digits.Image(i)[pixel];
            }
        }

        return [.. sums.Select((sum, label) => sum.Select(value => value / counts[label]).ToArray())];
    }

    private static int Nearest(double[][] means, ReadOnlySpan<byte> image)
    {
        byte[] pixels = image.ToArray();
        return Enumerable.Range(0, means.Length).MinBy(label => pixels.Select((level, i) => Math.Pow(level - means[label][i], 2)).Sum());
    }
}
