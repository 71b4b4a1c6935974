using SkiaSharp;

namespace MnistVae;

/// <summary>Draws handwritten-looking digits from a seed, for machines that can get no MNIST.</summary>
public static class ProceduralDigits
{
    public const int Seed = 0;
    public const int TrainCount = 10_000;
    public const int TestCount = 2_000;

    // Two ways or more of writing each digit, as SVG paths in a square of 100 units.
    private static readonly SKPath[][] Glyphs =
    [
        Ways("M52 2C12 10 12 94 50 98C90 94 90 8 52 2Z", "M66 8C20 0 0 90 46 97C84 98 98 20 66 8C60 4 54 2 50 2"),
        Ways("M50 2L50 98", "M34 20L54 2L52 98", "M32 22L52 2V97M30 97H74"),
        Ways("M18 24C30 -4 78 -2 78 24C78 48 40 70 16 95L86 94", "M20 22C34 -6 80 0 76 32C72 60 30 100 14 84C20 62 50 92 88 92"),
        Ways("M22 12C42 -4 78 0 76 20C74 42 50 46 42 47C70 48 86 66 78 82C68 104 30 98 18 88", "M20 8C60 -4 90 10 70 36C62 46 46 47 36 48C80 48 92 70 74 88C58 102 36 96 20 94"),
        Ways("M24 6C18 40 18 56 42 56C56 56 68 53 78 50M76 8L70 98", "M62 2L12 64L90 63M64 2L62 98"),
        Ways("M80 4L28 6L24 46C50 34 80 46 79 72C78 98 44 102 18 88", "M86 2L36 5C28 38 40 42 60 52C90 70 70 98 34 98C26 97 20 92 14 86"),
        Ways("M68 3C30 24 12 66 26 88C38 104 76 100 78 74C78 48 36 46 25 72", "M42 2C20 40 14 88 36 96C60 104 86 86 80 72C72 50 34 54 24 80"),
        Ways("M18 9L82 6C60 40 46 70 40 98", "M16 16L18 7L80 6C62 40 54 70 48 98M36 52L78 49"),
        Ways("M72 14C52 -6 24 8 28 24C32 46 78 54 78 79C76 104 24 104 23 81C24 56 76 46 74 20Z", "M50 47C20 40 20 2 52 2C84 4 80 40 50 47C14 54 12 98 50 98C88 98 86 54 50 47Z"),
        Ways("M76 20C60 -6 28 2 25 30C24 56 72 56 77 18C77 50 70 76 62 98", "M78 10C50 -6 12 14 24 40C36 58 66 36 78 12L74 98"),
    ];

    /// <summary>Training and test images with their labels; more images of a seed begin with the same ones.</summary>
    public static (DigitSet Train, DigitSet Test) Draw(int seed, int trainCount, int testCount) =>
        (DrawSet(new Random(seed), trainCount), DrawSet(new Random(~seed), testCount));

    private static DigitSet DrawSet(Random random, int count)
    {
        byte[] pixels = new byte[count * DigitSet.PixelCount];
        byte[] labels = new byte[count];
        using var sheet = new SKBitmap(DigitSet.Side, DigitSet.Side, SKColorType.Gray8, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(sheet);
        using var pen = new SKPaint { Color = SKColors.White, IsAntialias = true, IsStroke = true, StrokeCap = SKStrokeCap.Round, StrokeJoin = SKStrokeJoin.Round };
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)random.Next(Glyphs.Length);
            using var glyph = new SKPath(Glyphs[labels[i]][random.Next(Glyphs[labels[i]].Length)]);
            glyph.Transform(Hand((low, high) => low + ((high - low) * random.NextSingle())));
            pen.StrokeWidth = 1.5f + (1.9f * random.NextSingle());
            canvas.Clear(SKColors.Black);
            canvas.DrawPath(glyph, pen);
            sheet.GetPixelSpan().CopyTo(pixels.AsSpan(i * DigitSet.PixelCount));
        }

        return DigitSet.Of(pixels, labels);
    }

    // Size, slant, turn and place of one writer's digit.
    private static SKMatrix Hand(Func<float, float, float> between)
    {
        var size = SKMatrix.CreateScale(between(0.13f, 0.195f), between(0.155f, 0.195f));
        var slant = SKMatrix.CreateSkew(between(-0.42f, 0.14f), 0);
        var turn = SKMatrix.CreateRotation(between(-0.12f, 0.12f));
        var place = SKMatrix.CreateTranslation(14 + between(-0.9f, 0.9f), 14 + between(-0.9f, 0.9f));
        return SKMatrix.CreateTranslation(-50, -50).PostConcat(size).PostConcat(slant).PostConcat(turn).PostConcat(place);
    }

    private static SKPath[] Ways(params string[] paths) => [.. paths.Select(SKPath.ParseSvgPathData)];
}
