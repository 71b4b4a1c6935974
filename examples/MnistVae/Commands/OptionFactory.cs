using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MnistVae.Commands;

/// <summary>Makes options whose errors are one sentence with the option, the value and what was expected.</summary>
public static class OptionFactory
{
    public static Option<int> Whole(string name, string description, int standard, int low, int high) =>
        New(name, "N", description, _ => standard, result => ParseWhole(result, name, low, high));

    public static Option<int?> WholeOrNone(string name, string description, int low, int high) =>
        New<int?>(name, "N", description, null, result => ParseWhole(result, name, low, high));

    public static Option<long> Seed(string description) =>
        New(
            "--seed",
            "N",
            description,
            _ => 0L,
            result => long.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out long value)
                ? value
                : Refuse<long>(result, "--seed", "a whole number from 0 up"));

    public static Option<double> Real(string name, string description, double standard, double low, double high) =>
        New(name, "X", description, _ => standard, result => ParseReal(result, name, low, high));

    public static Option<double?> RealOrNone(string name, string description, double low, double high) =>
        New<double?>(name, "X", description, null, result => ParseReal(result, name, low, high));

    public static Option<int[]> Wholes(string name, string description, int[] standard, int low, int high, int most)
    {
        return New(name, "N[,N...]", description, _ => standard, Parse);

        int[]? Parse(ArgumentResult result)
        {
            string[] parts = Text(result).Split(',');
            int[] values = [.. parts.Select(part => TryWhole(part, low, high)).OfType<int>()];
            return values.Length == parts.Length && parts.Length <= most
                ? values
                : Refuse<int[]>(result, name, $"1 to {most} whole numbers from {low} to {high} with commas between");
        }
    }

    /// <summary>A choice among the names of an enumeration, written in lower case with hyphens.</summary>
    public static Option<T> Choice<T>(string name, string description, T standard)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetValues<T>().Select(value => Spell(value))];
        return New(name, string.Join('|', names), description, _ => standard, Parse);

        T Parse(ArgumentResult result)
        {
            int index = Array.IndexOf(names, Text(result));
            return index >= 0 ? Enum.GetValues<T>()[index] : Refuse<T>(result, name, "one of " + string.Join(", ", names));
        }
    }

    public static Option<string> Folder(string name, string description, string standard) =>
        New(name, "DIR", description, _ => standard, result => ParsePath(result, name));

    public static Option<string?> PathOrNone(string name, string kind, string description) =>
        New<string?>(name, kind, description, null, result => ParsePath(result, name));

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>How a member of an enumeration is written on the command line: in lower case with hyphens.</summary>
    public static string Spell(Enum value) => value is OptimizerKind.RmsProp ? "rmsprop" : Hyphenate($"{value}");

    private static string Hyphenate(string name) =>
        string.Concat(name.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

    private static Option<T> New<T>(string name, string valueName, string description, Func<ArgumentResult, T>? standard, Func<ArgumentResult, T?> parse) => new(name)
    {
        HelpName = valueName,
        Description = description,
        DefaultValueFactory = standard,
        CustomParser = parse,
        Arity = ArgumentArity.ExactlyOne,
    };

    private static double ParseReal(ArgumentResult result, string name, double low, double high) =>
        double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= low && value <= high
            ? value
            : Refuse<double>(result, name, string.Create(CultureInfo.InvariantCulture, $"a number from {low:0.##########} to {high}"));

    private static int ParseWhole(ArgumentResult result, string name, int low, int high) =>
        TryWhole(Text(result), low, high) ?? Refuse<int>(result, name, $"a whole number from {low} to {high}");

    private static int? TryWhole(string text, int low, int high) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= low && value <= high ? value : null;

    private static string ParsePath(ArgumentResult result, string name) =>
        string.IsNullOrWhiteSpace(Text(result)) ? Refuse<string>(result, name, "a path")! : Text(result);

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : string.Empty;

    private static T? Refuse<T>(ArgumentResult result, string name, string expected)
    {
        result.AddError($"{name} is '{Text(result)}', but it must be {expected}.");
        return default;
    }
}
