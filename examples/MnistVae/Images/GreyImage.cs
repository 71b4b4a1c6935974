namespace MnistVae.Images;

/// <summary>A picture of 8-bit grey levels, row after row.</summary>
public sealed class GreyImage
{
    private readonly byte[] pixels;

    public GreyImage(int width, int height, byte fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        Width = width;
        Height = height;
        pixels = new byte[width * height];
        Array.Fill(pixels, fill);
    }

    public int Width { get; }

    public int Height { get; }

    public ReadOnlySpan<byte> Row(int y) => pixels.AsSpan(y * Width, Width);

    /// <summary>Fills a rectangle with one grey level.</summary>
    public void Fill(int x, int y, int width, int height, byte level)
    {
        for (int row = y; row < y + height; row++)
        {
            pixels.AsSpan((row * Width) + x, width).Fill(level);
        }
    }
}
