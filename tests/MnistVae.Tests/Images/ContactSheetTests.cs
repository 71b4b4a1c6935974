using SkiaSharp;

namespace MnistVae.Tests.Images;

public sealed class ContactSheetTests
{
    private const int Margin = 8;
    private const int Gap = 2;
    private const int Paper = 96;

    [Fact]
    public void DigitsLieInAGridOnPaper()
    {
        using var sheet = SKBitmap.Decode(ContactSheet.Grid(Rows(0f, 0.2f, 1f), columns: 2, scale: 1));
        Assert.Equal(((2 * Margin) + 28 + Gap + 28, (2 * Margin) + 28 + Gap + 28), (sheet.Width, sheet.Height));
        Assert.Equal(Paper, At(sheet, 0, 0));
        Assert.Equal(0, At(sheet, Margin, Margin));
        Assert.Equal(51, At(sheet, Margin + 28 + Gap, Margin));
        Assert.Equal(255, At(sheet, Margin, Margin + 28 + Gap));
        Assert.Equal(Paper, At(sheet, Margin + 28 + Gap, Margin + 28 + Gap));
    }

    [Fact]
    public void ScalingRepeatsPixels()
    {
        float[] digit = Rows(0f);
        digit[29] = 1;
        using var sheet = SKBitmap.Decode(ContactSheet.Grid(digit, columns: 10, scale: 3));
        int white = 0;
        for (int y = 0; y < sheet.Height; y++)
        {
            white += Enumerable.Range(0, sheet.Width).Count(x => At(sheet, x, y) == byte.MaxValue);
        }

        Assert.Equal(9, white);
        Assert.Equal(255, At(sheet, Margin + 3, Margin + 5));
    }

    [Fact]
    public void OriginalsLieAboveTheirReconstructions()
    {
        using var sheet = SKBitmap.Decode(ContactSheet.Pairs(Rows(0f, 0.2f, 0.4f), Rows(0.6f, 0.8f, 1f), columns: 2, scale: 1));
        int below = Margin + 28 + Gap;
        int secondPair = below + 28 + 8;
        int right = Margin + 28 + Gap;
        Assert.Equal(secondPair + 28 + Gap + 28 + Margin, sheet.Height);
        Assert.Equal([0, 153], [At(sheet, Margin, Margin), At(sheet, Margin, below)]);
        Assert.Equal([51, 204], [At(sheet, right, Margin), At(sheet, right, below)]);
        Assert.Equal([102, 255], [At(sheet, Margin, secondPair), At(sheet, Margin, secondPair + 28 + Gap)]);
    }

    [Fact]
    public void ValuesOutOfRangeAreCut()
    {
        using var sheet = SKBitmap.Decode(ContactSheet.Grid(Rows(-3f, 7f, float.NaN), columns: 3, scale: 1));
        Assert.Equal([0, 255, 0], [At(sheet, Margin, Margin), At(sheet, Margin + 30, Margin), At(sheet, Margin + 60, Margin)]);
    }

    [Fact]
    public void BlocksOfAnotherSizeAreRefused()
    {
        Assert.Throws<ArgumentException>(() => ContactSheet.Grid(new float[100], 1));
        Assert.Throws<ArgumentException>(() => ContactSheet.Pairs(Rows(0f, 0f), Rows(0f), 1));
    }

    private static float[] Rows(params float[] levels) => [.. levels.SelectMany(level => Enumerable.Repeat(level, DigitSet.PixelCount))];

    private static int At(SKBitmap sheet, int x, int y) => sheet.GetPixel(x, y).Red;
}
