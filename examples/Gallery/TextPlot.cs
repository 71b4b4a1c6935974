using System.Globalization;

namespace ProbVae.Examples.Gallery;

/// <summary>Plots made of characters.</summary>
public static class TextPlot
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>A row of small columns, from the least value to the greatest.</summary>
    /// <param name="values">Finite numbers.</param>
    /// <param name="width">How many columns at most; values are averaged where there are more.</param>
    public static string Sparkline(IReadOnlyList<double> values, int width = 60)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            return "";
        }

        var columns = Math.Min(width, values.Count);
        var means = Enumerable.Range(0, columns)
            .Select(i => values.Skip(i * values.Count / columns).Take(((i + 1) * values.Count / columns) - (i * values.Count / columns)).Average()).ToArray();
        var (least, span) = (means.Min(), Math.Max(1e-12, means.Max() - means.Min()));
        return string.Concat(means.Select(mean => Levels[(int)Math.Round((mean - least) / span * (Levels.Length - 1))]));
    }

    /// <summary>A bar of a length in proportion to a value.</summary>
    /// <param name="value">From 0 on.</param>
    /// <param name="full">The value of a full bar.</param>
    /// <param name="width">The length of a full bar.</param>
    public static string Bar(double value, double full, int width = 30) =>
        new('█', (int)Math.Round(Math.Clamp(value / full, 0, 1) * width));

    /// <summary>A grid with marks; later marks cover earlier ones.</summary>
    /// <param name="layers">The points of each layer and the character they are drawn with.</param>
    /// <param name="columns">Width in characters.</param>
    /// <param name="rows">Height in lines.</param>
    public static IEnumerable<string> Scatter(IReadOnlyList<(IReadOnlyList<double> X, IReadOnlyList<double> Y, char Mark)> layers, int columns = 90, int rows = 18)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var (left, right) = (layers.Min(layer => layer.X.Min()), layers.Max(layer => layer.X.Max()));
        var (low, high) = (layers.Min(layer => layer.Y.Min()), layers.Max(layer => layer.Y.Max()));
        var grid = Enumerable.Range(0, rows).Select(_ => Enumerable.Repeat(' ', columns).ToArray()).ToArray();
        foreach (var (x, y, mark) in layers)
        {
            for (var i = 0; i < x.Count; i++)
            {
                var column = (int)Math.Round((x[i] - left) / (right - left) * (columns - 1));
                var row = (int)Math.Round((high - y[i]) / (high - low) * (rows - 1));
                grid[row][column] = mark;
            }
        }

        for (var row = 0; row < rows; row++)
        {
            var label = row == 0 ? high : row == rows - 1 ? low : double.NaN;
            yield return $"  {(double.IsNaN(label) ? "" : label.ToString("F2", CultureInfo.InvariantCulture)),7} |{new string(grid[row]).TrimEnd()}";
        }

        yield return $"  {"",7} +{new string('-', columns)}";
        yield return string.Create(CultureInfo.InvariantCulture, $"  {"",8}{left:F2}{new string(' ', columns - 10)}{right:F2}");
    }
}
