namespace MnistVae.Data;

/// <summary>Draws handwritten-looking digits from a seed, for machines that can get no MNIST.</summary>
public static class ProceduralDigits
{
    public const int Seed = 0;
    public const int TrainCount = 10_000;
    public const int TestCount = 2_000;

    private const int PiecesPerSpan = 5;

    /// <summary>Training and test images with their labels; image i depends on the seed and i only.</summary>
    public static (DigitSet Train, DigitSet Test) Draw(int seed, int trainCount, int testCount) =>
        (DrawSet(seed, 0, trainCount), DrawSet(seed, trainCount, testCount));

    private static DigitSet DrawSet(int seed, int first, int count)
    {
        byte[] pixels = new byte[count * DigitSet.PixelCount];
        byte[] labels = new byte[count];
        var canvas = new StrokeCanvas();
        for (int i = 0; i < count; i++)
        {
            var random = SplitMix.For(seed, first + i);
            labels[i] = (byte)random.Below(10);
            canvas.Clear();
            DrawDigit(canvas, labels[i], ref random);
            canvas.CopyTo(pixels.AsSpan(i * DigitSet.PixelCount, DigitSet.PixelCount));
        }

        return new DigitSet(pixels, labels);
    }

    private static void DrawDigit(StrokeCanvas canvas, int digit, ref SplitMix random)
    {
        var variants = Glyphs.Of(digit);
        var strokes = variants[random.Below(variants.Count)];
        var hand = Hand.Of(ref random);
        var wobble = Wobble.Of(ref random);
        foreach (var stroke in strokes)
        {
            DrawStroke(canvas, stroke, hand, wobble, ref random);
        }
    }

    private static void DrawStroke(StrokeCanvas canvas, Stroke stroke, Hand hand, Wobble wobble, ref SplitMix random)
    {
        var points = new (double X, double Y)[stroke.Points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = hand.Place(wobble.Move(stroke.Points[i], ref random));
        }

        for (int i = 0; i + 1 < points.Length; i++)
        {
            var from = points[i];
            for (int piece = 1; piece <= PiecesPerSpan; piece++)
            {
                double t = (double)piece / PiecesPerSpan;
                var to = stroke.IsCurve ? Curve(points, i, t) : Between(points[i], points[i + 1], t);
                canvas.Line(from.X, from.Y, to.X, to.Y, hand.Radius);
                from = to;
            }
        }
    }

    // Catmull and Rom's curve through the points, the outer tangents taken from the end pieces.
    private static (double X, double Y) Curve((double X, double Y)[] points, int i, double t)
    {
        var p1 = points[i];
        var p2 = points[i + 1];
        var p0 = i > 0 ? points[i - 1] : p1;
        var p3 = i + 2 < points.Length ? points[i + 2] : p2;
        return (Cubic(p0.X, p1.X, p2.X, p3.X, t), Cubic(p0.Y, p1.Y, p2.Y, p3.Y, t));
    }

    private static double Cubic(double a, double b, double c, double d, double t) =>
        0.5 * ((2 * b) + (t * ((c - a) + (t * (((2 * a) - (5 * b) + (4 * c) - d) + (t * ((3 * b) - a - (3 * c) + d)))))));

    private static (double X, double Y) Between((double X, double Y) from, (double X, double Y) to, double t) =>
        (from.X + (t * (to.X - from.X)), from.Y + (t * (to.Y - from.Y)));

    /// <summary>Size, slant, place and pen of one writer's digit.</summary>
    private readonly record struct Hand(double Width, double Height, double Slant, double Turn, double X, double Y, double Radius)
    {
        public static Hand Of(ref SplitMix random) => new(
            Width: 19 * random.Uniform(0.70, 1.02),
            Height: 19 * random.Uniform(0.82, 1.02),
            Slant: Math.Clamp(0.14 + (0.16 * random.Normal()), -0.3, 0.5),
            Turn: 0.07 * random.Normal(),
            X: 14 + random.Uniform(-0.9, 0.9),
            Y: 14 + random.Uniform(-0.9, 0.9),
            Radius: random.Uniform(0.75, 1.7));

        public (double X, double Y) Place((double X, double Y) point)
        {
            double y = (point.Y - 0.5) * Height;
            double x = ((point.X - 0.5) * Width) - (Slant * y);
            double cosine = Math.Cos(Turn);
            double sine = Math.Sin(Turn);
            return (X + (x * cosine) - (y * sine), Y + (x * sine) + (y * cosine));
        }
    }

    /// <summary>A smooth bend of the whole figure, so that strokes which meet still meet, and a little unsteadiness.</summary>
    private readonly record struct Wobble(double BendX, double BendY, double PhaseX, double PhaseY)
    {
        public static Wobble Of(ref SplitMix random) => new(
            0.05 * Math.Clamp(random.Normal(), -2, 2),
            0.04 * Math.Clamp(random.Normal(), -2, 2),
            random.Uniform(0, 2 * Math.PI),
            random.Uniform(0, 2 * Math.PI));

        public (double X, double Y) Move((double X, double Y) point, ref SplitMix random) => (
            point.X + (BendX * Math.Sin((5 * point.Y) + PhaseX)) + (0.012 * random.Normal()),
            point.Y + (BendY * Math.Sin((5 * point.X) + PhaseY)) + (0.012 * random.Normal()));
    }
}
