namespace ProbVae.Reports;

/// <summary>What charts have in common: two axes with marks, the colours.</summary>
internal static class ChartFrame
{
    public const int Width = 480;
    public const int Height = 300;
    public const int Left = 74;
    public const int Right = 12;
    public const int Top = 12;
    public const int Bottom = 46;

    /// <summary>How many colours there are; a series beyond the last one starts over.</summary>
    public const int Colours = 10;

    public static string Colour(int index) => $"c{index % Colours}";

    public static void Nothing(Markup markup, int height = Height) =>
        markup.Element("text", "No values to show.", ("x", $"{Width / 2}"), ("y", $"{height / 2}"), ("class", "middle"));

    /// <summary>Both axes, with lines across the drawing at the marks.</summary>
    public static void Axes(Markup markup, Axis x, string xLabel, Axis y, string yLabel, int height = Height)
    {
        var floor = height - Bottom;
        Levels(markup, y);
        foreach (var value in x.Ticks)
        {
            var place = Number.Coordinate(x.Place(value));
            markup.Empty("line", ("class", "axis"), ("x1", place), ("x2", place), ("y1", $"{floor}"), ("y2", $"{floor + 4}"));
            markup.Element("text", Number.Tick(value, x.Step), ("class", "middle"), ("x", place), ("y", $"{floor + 18}"));
        }

        markup.Empty("line", ("class", "axis"), ("x1", $"{Left}"), ("x2", $"{Width - Right}"), ("y1", $"{floor}"), ("y2", $"{floor}"));
        Labels(markup, xLabel, yLabel, height);
    }

    /// <summary>Lines across the drawing at the marks of the axis that goes upwards.</summary>
    public static void Levels(Markup markup, Axis y)
    {
        foreach (var value in y.Ticks)
        {
            var place = Number.Coordinate(y.Place(value));
            markup.Empty("line", ("class", "grid"), ("x1", $"{Left}"), ("x2", $"{Width - Right}"), ("y1", place), ("y2", place));
            markup.Element("text", Number.Tick(value, y.Step), ("class", "end"), ("x", $"{Left - 6}"), ("y", Number.Coordinate(y.Place(value) + 4)));
        }
    }

    public static void Labels(Markup markup, string xLabel, string yLabel, int height = Height)
    {
        var middle = Top + ((height - Top - Bottom) / 2);
        markup.Element("text", xLabel, ("class", "middle label"), ("x", $"{Left + ((Width - Left - Right) / 2)}"), ("y", $"{height - 8}"));
        markup.Element("text", yLabel, ("class", "middle label"), ("x", "0"), ("y", "0"), ("transform", $"translate(13 {middle}) rotate(-90)"));
    }
}
