using System.Runtime.InteropServices;
using SkiaSharp;

namespace MnistVae;

/// <summary>Digits laid out on one picture for people to look at, as the bytes of a PNG file.</summary>
public static class ContactSheet
{
    private const int DefaultScale = 2;
    private const int Gap = 2;
    private const int PairGap = 8;
    private const int Margin = 8;

    private static readonly SKColor Paper = new(96, 96, 96);

    /// <summary>A grid of digits, filled row by row.</summary>
    /// <param name="images">N x 784 values in [0, 1].</param>
    public static byte[] Grid(float[] images, int columns, int scale = DefaultScale) => Lay([images], columns, scale);

    /// <summary>Pairs of rows: the originals and, directly below them, as many reconstructions.</summary>
    /// <param name="originals">N x 784 values in [0, 1].</param>
    public static byte[] Pairs(float[] originals, float[] reconstructions, int columns, int scale = DefaultScale) =>
        Lay([originals, reconstructions], columns, scale);

    private static byte[] Lay(float[][] rows, int columns, int scale)
    {
        int count = rows[0].Length / DigitSet.PixelCount, cell = DigitSet.Side * scale;
        if (count == 0 || rows.Any(row => row.Length != count * DigitSet.PixelCount))
        {
            throw new ArgumentException($"The blocks have {string.Join(" and ", rows.Select(row => row.Length))} values, which are not as many images of {DigitSet.PixelCount}.", nameof(rows));
        }

        columns = Math.Clamp(columns, 1, count);
        int lines = (count + columns - 1) / columns, gap = rows.Length == 1 ? Gap : PairGap, height = (rows.Length * (cell + Gap)) - Gap;
        var size = new SKSizeI((2 * Margin) + (columns * (cell + Gap)) - Gap, (2 * Margin) + (lines * (height + gap)) - gap);
        using var sheet = new SKBitmap(size.Width, size.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(Paper);
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < count; i++)
            {
                int x = Margin + (i % columns * (cell + Gap)), y = Margin + (i / columns * (height + gap)) + (row * (cell + Gap));
                using var digit = Digit(new(rows[row], i * DigitSet.PixelCount, DigitSet.PixelCount));
                canvas.DrawBitmap(digit, SKRect.Create(x, y, cell, cell));
            }
        }

        using var png = sheet.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    private static SKBitmap Digit(ArraySegment<float> levels)
    {
        var digit = new SKBitmap(DigitSet.Side, DigitSet.Side, SKColorType.Gray8, SKAlphaType.Opaque);
        // A value that is no number shows as black rather than stopping a picture.
        byte[] pixels = [.. levels.Select(level => float.IsNaN(level) ? (byte)0 : (byte)MathF.Round(255 * Math.Clamp(level, 0, 1)))];
        Marshal.Copy(pixels, 0, digit.GetPixels(), pixels.Length);
        return digit;
    }
}
