using System.Globalization;

namespace ProbVae.Examples.Gallery;

/// <summary>What an example writes to, and what it is told: its seed, and how many steps it may take at most.</summary>
/// <param name="output">Where the text goes.</param>
/// <param name="seed">Where the fit's randomness comes from; the data have a fixed key of their own.</param>
/// <param name="mostSteps">A limit to each fit, to see the checks fail.</param>
public sealed class Report(TextWriter output, long seed = 0, int? mostSteps = null)
{
    private readonly List<Check> _checks = [];

    /// <summary>Where the fit's randomness comes from.</summary>
    public long Seed => seed;

    /// <summary>The claims so far.</summary>
    public IReadOnlyList<Check> Checks => _checks;

    /// <summary>How many steps to take.</summary>
    /// <param name="wanted">What the example needs.</param>
    public int Steps(int wanted) => Math.Min(wanted, mostSteps ?? wanted);

    /// <summary>Writes a line.</summary>
    public void Write(string line = "") => output.WriteLine(line);

    /// <summary>Writes a table: the first column to the left, the others to the right.</summary>
    /// <param name="header">The columns' names.</param>
    /// <param name="rows">The rows.</param>
    public void Table(string[] header, IEnumerable<string[]> rows)
    {
        ArgumentNullException.ThrowIfNull(header);
        string[][] lines = [header, .. rows];
        var widths = header.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        for (var i = 0; i < lines.Length; i++)
        {
            var cells = lines[i].Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]));
            Write($"  {string.Join("  ", cells)}".TrimEnd());
            if (i == 0)
            {
                Write($"  {string.Join("  ", widths.Select(width => new string('-', width)))}");
            }
        }

        Write();
    }

    /// <summary>Claims that a figure is another, up to a tolerance.</summary>
    public void Near(string claim, double received, double expected, double tolerance) =>
        Add(claim, received, expected - tolerance, expected + tolerance, $"{expected:0.####} ± {tolerance:0.#####}");

    /// <summary>Claims that a figure is at least another.</summary>
    public void AtLeast(string claim, double received, double bound) => Add(claim, received, bound, double.PositiveInfinity, $"at least {bound:0.####}");

    /// <summary>Claims that a figure is at most another.</summary>
    public void AtMost(string claim, double received, double bound) => Add(claim, received, double.NegativeInfinity, bound, $"at most {bound:0.####}");

    private void Add(string claim, double received, double least, double greatest, FormattableString expected)
    {
        var check = new Check(claim, received, least, greatest, expected.ToString(CultureInfo.InvariantCulture));
        _checks.Add(check);
        Write(check.ToString());
    }
}
