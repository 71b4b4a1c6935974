using System.Runtime.InteropServices;
using SkiaSharp;
using static TorchSharp.torch;

namespace ProbVae.Reports;

/// <summary>Grey images laid out on one picture for people to look at, as the bytes of a PNG file: what a <see cref="Picture"/> shows.</summary>
public static class ContactSheet
{
    private const int Gap = 2;
    private const int PairGap = 8;
    private const int Margin = 8;
    private const byte Paper = 96;

    /// <summary>Lays images out row by row, and each of a second kind directly below its own of the first, as reconstructions below originals.</summary>
    /// <param name="images">Brightness, of shape [images, height, width]. Range: 0 to 1; what lies outside is cut, and what is no number is black.</param>
    /// <param name="columns">Images in a row. Range: at least 1.</param>
    /// <param name="below">As many images of the same size; none unless given.</param>
    /// <param name="scale">How many pixels wide and high a pixel becomes. Range: at least 1.</param>
    /// <returns>The bytes of a PNG file.</returns>
    /// <exception cref="ArgumentException">A shape is another, or there is no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public static byte[] Png(Tensor images, int columns, Tensor? below = null, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        if (images.dim() != 3 || images.numel() == 0 || (below is not null && !below.shape.AsSpan().SequenceEqual(images.shape)))
        {
            throw new ArgumentException(
                $"ContactSheet: the images have shape {new Shape(images.shape)}{(below is null ? "" : $", those below {new Shape(below.shape)}")}; give [images, height, width], one image or more, and as many below of that size.", nameof(images));
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] rows = [.. new[] { images, below }.OfType<Tensor>().Select(row => Levels(row, scale))];
        return Encoded(Laid(rows, Math.Min(columns, (int)images.shape[0])));
    }

    private static Tensor Levels(Tensor images, int scale) =>
        images.to(CPU).to(ScalarType.Float32).nan_to_num(0).clamp(0, 1).mul(255).round().to(ScalarType.Byte).repeat_interleave(scale, 1).repeat_interleave(scale, 2);

    private static Tensor Laid(Tensor[] rows, int columns)
    {
        var (count, height, width) = (rows[0].shape[0], rows[0].shape[1], rows[0].shape[2]);
        var (lines, gap, high) = ((count + columns - 1) / columns, rows.Length == 1 ? Gap : PairGap, (rows.Length * (height + Gap)) - Gap);
        var sheet = full((2 * Margin) + (lines * (high + gap)) - gap, (2 * Margin) + (columns * (width + Gap)) - Gap, Paper, ScalarType.Byte);
        for (var i = 0; i < count; i++)
        {
            var (x, y) = (Margin + (i % columns * (width + Gap)), Margin + (i / columns * (high + gap)));
            for (var row = 0; row < rows.Length; row++)
            {
                using var image = NewDisposeScope();
                sheet.narrow(0, y + (row * (height + Gap)), height).narrow(1, x, width).copy_(rows[row][i]);
            }
        }

        return sheet;
    }

    private static byte[] Encoded(Tensor sheet)
    {
        using var bitmap = new SKBitmap((int)sheet.shape[1], (int)sheet.shape[0], SKColorType.Gray8, SKAlphaType.Opaque);
        var levels = sheet.data<byte>().ToArray();
        for (var line = 0; line < bitmap.Height; line++)
        {
            Marshal.Copy(levels, line * bitmap.Width, bitmap.GetPixels() + (line * bitmap.RowBytes), bitmap.Width);
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
