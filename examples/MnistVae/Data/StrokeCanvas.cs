namespace MnistVae.Data;

/// <summary>A 28 x 28 canvas on which a round pen draws anti-aliased lines.</summary>
public sealed class StrokeCanvas
{
    private readonly double[] coverage = new double[DigitSet.PixelCount];

    public void Clear() => Array.Clear(coverage);

    /// <summary>Draws from one point to another, in pixels, with the pen's radius.</summary>
    public void Line(double x0, double y0, double x1, double y1, double radius)
    {
        double reach = radius + 1;
        var (left, right) = Span(Math.Min(x0, x1) - reach, Math.Max(x0, x1) + reach);
        var (top, bottom) = Span(Math.Min(y0, y1) - reach, Math.Max(y0, y1) + reach);
        double dx = x1 - x0;
        double dy = y1 - y0;
        double inverse = 1 / Math.Max((dx * dx) + (dy * dy), 1e-12);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                double px = x + 0.5 - x0;
                double py = y + 0.5 - y0;
                double along = Math.Clamp(((px * dx) + (py * dy)) * inverse, 0, 1);
                double ex = px - (along * dx);
                double ey = py - (along * dy);
                double cover = radius + 0.5 - Math.Sqrt((ex * ex) + (ey * ey));
                ref double cell = ref coverage[(y * DigitSet.Side) + x];
                cell = Math.Max(cell, Math.Min(cover, 1));
            }
        }
    }

    /// <summary>Writes the grey levels, 0 to 255.</summary>
    public void CopyTo(Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Round(255 * coverage[i]);
        }
    }

    private static (int First, int Last) Span(double low, double high) =>
        (Math.Max(0, (int)Math.Floor(low)), Math.Min(DigitSet.Side - 1, (int)Math.Floor(high)));
}
