using ProbVae;

namespace MnistVae.Tests.Data;

public sealed class ProceduralDigitsTests
{
    [Fact]
    public void TheSeedDecidesTheImages()
    {
        var (first, test) = ProceduralDigits.Draw(3, 50, 10);
        var (again, tested) = ProceduralDigits.Draw(3, 50, 10);
        var (different, _) = ProceduralDigits.Draw(4, 50, 10);
        Assert.Equal(Pixels(first), Pixels(again));
        Assert.Equal(Pixels(test), Pixels(tested));
        Assert.NotEqual(Pixels(first), Pixels(different));
        Assert.NotEqual(Pixels(first.Take(10)), Pixels(test));
    }

    [Fact]
    public void MoreImagesOfASeedBeginWithTheSameOnes()
    {
        var (more, moreTests) = ProceduralDigits.Draw(0, 60, 20);
        var (fewer, fewerTests) = ProceduralDigits.Draw(0, 50, 10);
        Assert.Equal(Pixels(fewer), Pixels(more.At(Rows.All(50))));
        Assert.Equal(Pixels(fewerTests), Pixels(moreTests.At(Rows.All(10))));
    }

    // MNIST's images have about 25 to 310 full pixels of ink.
    [Fact]
    public void EveryDigitHasAsMuchInkAsHandwriting()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 2000, 1);
        Assert.All(Enumerable.Range(0, digits.Count), i => Assert.InRange(Image(digits, i).Sum(level => level) / 255, 20, 310));
    }

    [Fact]
    public void HardlyADigitTouchesTheRim()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 2000, 1);
        Assert.InRange(Enumerable.Range(0, digits.Count).Count(i => TouchesRim(Image(digits, i))), 0, 20);
    }

    [Fact]
    public void AllTenClassesComeUpAboutEquallyOften()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 5000, 1);
        var counts = Labels(digits).CountBy(label => label).ToDictionary();
        Assert.Equal(10, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 400, 600));
    }

    // Chance is 10%; nearest class means reach about 80% on MNIST.
    [Fact]
    public void ClassesCanBeToldApart()
    {
        var (train, test) = ProceduralDigits.Draw(0, 3000, 500);
        double[][] means = ClassMeans(train);
        byte[] labels = Labels(test);
        int right = Enumerable.Range(0, test.Count).Count(i => Nearest(means, Image(test, i)) == labels[i]);
        Assert.InRange(right / 500.0, 0.7, 1);
    }

    private static bool TouchesRim(byte[] image)
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
        byte[] labels = Labels(digits);
        for (int i = 0; i < digits.Count; i++)
        {
            int label = labels[i];
            counts[label]++;
            byte[] image = Image(digits, i);
            for (int pixel = 0; pixel < DigitSet.PixelCount; pixel++)
            {
                sums[label][pixel] += image[pixel];
            }
        }

        return [.. sums.Select((sum, label) => sum.Select(value => value / counts[label]).ToArray())];
    }

    private static int Nearest(double[][] means, byte[] image)
    {
        return Enumerable.Range(0, means.Length).MinBy(label => image.Select((level, i) => Math.Pow(level - means[label][i], 2)).Sum());
    }

    private static byte[] Pixels(DigitSet digits) => digits.Levels.data<byte>().ToArray();

    private static byte[] Labels(DigitSet digits) => digits.Labels!.data<byte>().ToArray();

    private static byte[] Image(DigitSet digits, int place) => digits.Levels[place].data<byte>().ToArray();
}
