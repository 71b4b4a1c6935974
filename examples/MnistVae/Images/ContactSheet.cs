using MnistVae.Data;

namespace MnistVae.Images;

/// <summary>Lays digits out on one picture for people to look at.</summary>
public static class ContactSheet
{
    public const int DefaultScale = 2;

    private const int Gap = 2;
    private const int PairGap = 8;
    private const int Margin = 8;
    private const byte Paper = 96;

    /// <summary>A grid of digits, filled row by row.</summary>
    /// <param name="images">N x 784 values in [0, 1].</param>
    public static GreyImage Grid(ReadOnlySpan<float> images, int columns, int scale = DefaultScale)
    {
        int count = CountOf(images);
        columns = ColumnsFor(count, columns);
        int rows = (count + columns - 1) / columns;
        int cell = DigitSet.Side * scale;
        var sheet = new GreyImage(Extent(columns, cell), Extent(rows, cell), Paper);
        for (int i = 0; i < count; i++)
        {
            Place(sheet, Digit(images, i), Offset(i % columns, cell), Offset(i / columns, cell), scale);
        }

        return sheet;
    }

    /// <summary>Pairs of rows: the originals and, directly below them, their reconstructions.</summary>
    /// <param name="originals">N x 784 values in [0, 1].</param>
    /// <param name="reconstructions">As many, in the same order.</param>
    public static GreyImage Pairs(ReadOnlySpan<float> originals, ReadOnlySpan<float> reconstructions, int columns, int scale = DefaultScale)
    {
        int count = CountOf(originals);
        if (reconstructions.Length != originals.Length)
        {
            throw new ArgumentException($"There are {CountOf(reconstructions)} reconstructions for {count} originals.", nameof(reconstructions));
        }

        columns = ColumnsFor(count, columns);
        int pairs = (count + columns - 1) / columns;
        int cell = DigitSet.Side * scale;
        int pairHeight = (2 * cell) + Gap;
        int height = (2 * Margin) + (pairs * pairHeight) + ((pairs - 1) * PairGap);
        var sheet = new GreyImage(Extent(columns, cell), height, Paper);
        for (int i = 0; i < count; i++)
        {
            int x = Offset(i % columns, cell);
            int y = Margin + (i / columns * (pairHeight + PairGap));
            Place(sheet, Digit(originals, i), x, y, scale);
            Place(sheet, Digit(reconstructions, i), x, y + cell + Gap, scale);
        }

        return sheet;
    }

    private static int CountOf(ReadOnlySpan<float> images) =>
        images.Length > 0 && images.Length % DigitSet.PixelCount == 0
            ? images.Length / DigitSet.PixelCount
            : throw new ArgumentException($"The block has {images.Length} values, which is not a positive multiple of {DigitSet.PixelCount}.", nameof(images));

    private static int ColumnsFor(int count, int columns) => Math.Clamp(columns, 1, count);

    private static int Extent(int cells, int cell) => (2 * Margin) + (cells * cell) + ((cells - 1) * Gap);

    private static int Offset(int index, int cell) => Margin + (index * (cell + Gap));

    private static ReadOnlySpan<float> Digit(ReadOnlySpan<float> images, int index) =>
        images.Slice(index * DigitSet.PixelCount, DigitSet.PixelCount);

    private static void Place(GreyImage sheet, ReadOnlySpan<float> digit, int left, int top, int scale)
    {
        for (int i = 0; i < digit.Length; i++)
        {
            sheet.Fill(left + (i % DigitSet.Side * scale), top + (i / DigitSet.Side * scale), scale, scale, Level(digit[i]));
        }
    }

    // A value that is no number shows as black rather than stopping a picture.
    private static byte Level(float value) => float.IsNaN(value) ? (byte)0 : (byte)MathF.Round(255 * Math.Clamp(value, 0, 1));
}
