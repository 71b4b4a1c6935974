using System.Globalization;

namespace ProbVae.Reports;

/// <summary>Numbers as a report writes them, the same in every culture.</summary>
internal static class Number
{
    /// <summary>A coordinate in a drawing; far outside of it, one is like the other.</summary>
    public static string Coordinate(double value) => Math.Clamp(value, -100_000, 100_000).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A measured value, to five digits.</summary>
    public static string Value(double value) =>
        double.IsFinite(value) && Math.Abs(value) is (>= 1e-4 and < 1e7) or 0
            ? Minus(value.ToString(Math.Abs(value) >= 10_000 ? "0" : "G5", CultureInfo.InvariantCulture))
            : Minus(value.ToString("G4", CultureInfo.InvariantCulture));

    /// <summary>A mark of an axis, with the digits that tell it from its neighbours.</summary>
    public static string Tick(double value, double step)
    {
        if (Math.Abs(value) < step / 2)
        {
            return "0";
        }

        var largest = Math.Abs(value);
        if (largest >= 1e6 || step < 1e-4)
        {
            return Minus(value.ToString("0.###e0", CultureInfo.InvariantCulture));
        }

        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 6);
        return Minus(value.ToString($"F{digits}", CultureInfo.InvariantCulture));
    }

    public static bool IsNumberOrBlank(string cell) =>
        cell.Length == 0 || cell is "–" or "—" || double.TryParse(cell.Replace('−', '-'), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    private static string Minus(string text) => text.Replace('-', '−');
}
