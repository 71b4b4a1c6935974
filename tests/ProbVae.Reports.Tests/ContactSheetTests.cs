using SkiaSharp;
using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

public sealed class ContactSheetTests
{
    private const int Margin = 8;
    private const int Gap = 2;
    private const int Paper = 96;

    [Fact]
    public void DigitsLieInAGridOnPaper()
    {
        using var sheet = SKBitmap.Decode(ContactSheet.Png(Images(0f, 0.2f, 1f), columns: 2, scale: 1));
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
        var digit = Images(0f);
        digit[0, 1, 1] = 1;
        using var sheet = SKBitmap.Decode(ContactSheet.Png(digit, columns: 10, scale: 3));
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
        using var sheet = SKBitmap.Decode(ContactSheet.Png(Images(0f, 0.2f, 0.4f), columns: 2, below: Images(0.6f, 0.8f, 1f), scale: 1));
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
        using var sheet = SKBitmap.Decode(ContactSheet.Png(Images(-3f, 7f, float.NaN), columns: 3, scale: 1));
        Assert.Equal([0, 255, 0], [At(sheet, Margin, Margin), At(sheet, Margin + 30, Margin), At(sheet, Margin + 60, Margin)]);
    }

    [Fact]
    public void ImagesNeedNotBeSquare()
    {
        using var sheet = SKBitmap.Decode(ContactSheet.Png(ones(2, 3, 5), columns: 2, scale: 1));
        Assert.Equal(((2 * Margin) + 5 + Gap + 5, (2 * Margin) + 3), (sheet.Width, sheet.Height));
        Assert.Equal([255, Paper], [At(sheet, Margin + 4, Margin + 2), At(sheet, Margin + 5, Margin + 2)]);
    }

    [Fact]
    public void ImagesOfAnotherShapeAreRefused()
    {
        Assert.Throws<ArgumentException>(() => ContactSheet.Png(ones(28, 28), 1));
        Assert.Throws<ArgumentException>(() => ContactSheet.Png(ones(0, 28, 28), 1));
        var error = Assert.Throws<ArgumentException>(() => ContactSheet.Png(Images(0f, 0f), 1, Images(0f)));
        Assert.StartsWith("ContactSheet: the images have shape (2, 28, 28), those below (1, 28, 28); give ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ContactSheet.Png(Images(0f), 0));
    }

    private static Tensor Images(params float[] levels) => tensor(levels).reshape(-1, 1, 1).repeat(1, 28, 28);

    private static int At(SKBitmap sheet, int x, int y) => sheet.GetPixel(x, y).Red;
}
