using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>One column of a table as a tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Of shape (rows).</param>
/// <param name="Kind">What it holds, in words.</param>
/// <param name="Categories">The words that its numbers stand for, in order; none for numbers.</param>
internal sealed record Column(string Name, Tensor Values, string Kind, IReadOnlyList<string> Categories)
{
    private const int Shown = 4;
    private const int LongestWord = 40;

    // What spreadsheets, R and pandas write where there is no value.
    private static readonly IReadOnlyList<string> Missing = ["", "NA", "N/A", "NaN", "null", "NULL"];

    public static bool IsMissing(object? value) => value is null or DBNull or double.NaN or float.NaN || (value is string text && Missing.Contains(text.Trim()));

    public static Column Of(string name, object[] values, bool labels, ScalarType dtype)
    {
        if (!labels && Array.TrueForAll(values, value => Truth(value) is not null))
        {
            return new(name, tensor(Array.ConvertAll(values, value => Truth(value) == true ? 1.0 : 0.0), dtype), "0 or 1", []);
        }

        var numbers = labels ? [] : values.Select(Number).ToArray();
        if (numbers.Length > 0 && Array.TrueForAll(numbers, number => number is not null))
        {
            return new(name, tensor(Array.ConvertAll(numbers, number => number!.Value), dtype), "numbers", []);
        }

        if (Array.Exists(numbers, number => number is not null))
        {
            var row = Array.FindIndex(numbers, number => number is null);
            throw new ArgumentException($"Columns: column '{Short(name)}' has numbers, and '{Short(values[row])}' in the place of one (value {row + 1}). Mend that value, or say that the column's values are labels: categories: [\"{Short(name)}\"].");
        }

        if (Array.Find(values, value => value is not (string or char or bool or Enum) && Number(value) is null) is { } strange)
        {
            throw new ArgumentException($"Columns: column '{Short(name)}' holds a {strange.GetType().Name}, which is neither a number nor a word; turn it into a number or a text first.");
        }

        string[] words = Array.ConvertAll(values, value => string.Format(CultureInfo.InvariantCulture, "{0}", value).Trim());
        string[] categories = [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var codes = categories.Select((category, code) => (category, code)).ToDictionary(pair => pair.category, pair => (long)pair.code, StringComparer.Ordinal);
        return new(name, tensor(Array.ConvertAll(words, word => codes[word])), "categories", categories);
    }

    /// <summary>The name, and what the numbers are.</summary>
    public override string ToString() => Categories.Count == 0 ? $"{Short(Name)} ({Kind})"
        : $"{Short(Name)} ({Categories.Count} categories: {string.Join(", ", Categories.Take(Shown).Select((category, code) => $"{Short(category)} = {code}"))}{(Categories.Count > Shown ? ", …" : "")})";

    /// <summary>A word as sentences show it: on one line, and cut off where it is long.</summary>
    public static string Short(object? word) => $"{word}".ReplaceLineEndings(" ") is var line && line.Length <= LongestWord ? line : $"{line[..LongestWord]}…";

    private static bool? Truth(object value) => value is bool truth ? truth : value is string text && bool.TryParse(text, out var read) ? read : null;

    private static double? Number(object value) => value switch
    {
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
