using System.Collections;
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Reflection;

namespace MnistVae;

/// <summary>Makes an option of the command line of a record's property, whose value by default is the option's.</summary>
/// <param name="description">What the option does, as the help page has it.</param>
/// <param name="low">The least number.</param>
/// <param name="high">The greatest number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string description, double low = 0, double high = 0) : Attribute
{
    public string Description => description;

    public double Low => low;

    public double High => high;

    /// <summary>What it is called; the property's name unless given.</summary>
    public string? Name { get; init; }

    /// <summary>What a text is: a path to a DIR or a FILE, or any TEXT.</summary>
    public string Kind { get; init; } = "TEXT";

    /// <summary>Whether a resumed run may have another: how long it goes on, and where and how often things happen, but not what is computed.</summary>
    public bool MayChange { get; init; }
}

/// <summary>The options of a record: each is made, read, checked and written in this one place.</summary>
public sealed class OptionTable
{
    private readonly Row[] rows;

    /// <param name="record">Whose properties they are; the ones without <see cref="OptionAttribute"/> are none.</param>
    public OptionTable(Type record)
    {
        object defaults = Activator.CreateInstance(record)!;
        rows = [.. record.GetProperties().Where(property => property.IsDefined(typeof(OptionAttribute))).Select(property => new Row(property, defaults))];
    }

    public IEnumerable<Option> Options => rows.Select(row => row.Option);

    /// <summary>Sets what the command line says in a record.</summary>
    /// <param name="record">Its other properties stay as they are.</param>
    public T Read<T>(ParseResult parsed, T record)
        where T : class
    {
        foreach (var row in rows.Where(row => row.IsGiven(parsed)))
        {
            row.Set(record, parsed);
        }

        return record;
    }

    /// <summary>Whether an option stands on the command line.</summary>
    /// <param name="property">Of the record.</param>
    public bool IsGiven(ParseResult parsed, string property) => Array.Find(rows, row => row.Property.Name == property)!.IsGiven(parsed);

    /// <summary>The options on the command line that may not change when a run is resumed, and do.</summary>
    public IEnumerable<(string Name, string? Given, string? Recorded)> Changed(ParseResult parsed, object given, object recorded) =>
        from row in rows
        where !row.Rule.MayChange && row.IsGiven(parsed) && row.Written(given) != row.Written(recorded)
        select (row.Option.Name, row.Written(given), row.Written(recorded));

    /// <summary>What is wrong with a record's values, in the words that the command line gets; null where nothing is.</summary>
    public static string? Problem(object record) =>
        new OptionTable(record.GetType()).rows.Select(row => row.Written(record) is { } text ? row.Problem(text) : null).FirstOrDefault(problem => problem is not null);

    /// <summary>How a member of an enumeration is written: in lower case with hyphens.</summary>
    public static string Spell(Enum value) => value is OptimizerKind.RmsProp ? "rmsprop" : Spell($"{value}");

    private static string Spell(string name) => string.Concat(name.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

    /// <summary>A property and its option, which takes a text; only a flag takes none.</summary>
    private sealed class Row
    {
        private readonly Type type;

        public Row(PropertyInfo property, object defaults)
        {
            (Property, Rule) = (property, property.GetCustomAttribute<OptionAttribute>()!);
            type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            string name = "--" + (Rule.Name ?? Spell(property.Name));
            if (type == typeof(bool))
            {
                Option = new Option<bool>(name) { Description = Rule.Description };
                return;
            }

            Option = type == typeof(string[])
                ? new Option<string[]>(name) { Arity = ArgumentArity.OneOrMore }
                : new Option<string>(name) { Arity = ArgumentArity.ExactlyOne };
            Option.HelpName = HelpName;
            Option.Description = Written(defaults) is { Length: > 0 } standard ? $"{Rule.Description} [default: {standard}]" : Rule.Description;
            Option.Validators.Add(result => result.Tokens.Select(token => Problem(token.Value)).OfType<string>().ToList().ForEach(result.AddError));
        }

        public PropertyInfo Property { get; }

        public OptionAttribute Rule { get; }

        public Option Option { get; }

        private string HelpName => Choices is { } choices ? string.Join('|', choices)
            : type == typeof(string) || type == typeof(string[]) ? Rule.Kind
            : type == typeof(double) ? "X"
            : type == typeof(IReadOnlyList<int>) ? "N[,N...]" : "N";

        private string[]? Choices => type.IsEnum ? [.. Enum.GetValues(type).Cast<Enum>().Select(Spell)] : null;

        public bool IsGiven(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false };

        public void Set(object record, ParseResult parsed) => Property.SetValue(record, Option switch
        {
            Option<bool> flag => parsed.GetValue(flag),
            Option<string[]> texts => parsed.GetValue(texts),
            Option<string> text => Value(parsed.GetValue(text)!),
            _ => throw new InvalidOperationException($"{Option.Name} is of no kind that is read here."),
        });

        /// <summary>A record's value as it is written on the command line; null where it is not set.</summary>
        public string? Written(object record) => Property.GetValue(record) switch
        {
            null or bool or string[] => null,
            string text => text,
            Enum member => Spell(member),
            IEnumerable values => string.Join(',', values.Cast<object>()),
            var value => Convert.ToString(value, CultureInfo.InvariantCulture),
        };

        public string? Problem(string text) => Value(text) is null ? $"{Option.Name} is '{text}', but it must be {Expected}." : null;

        // Null where the text is no such value.
        private object? Value(string text) => type switch
        {
            _ when type == typeof(string) => Rule.Kind == "TEXT" ? text : string.IsNullOrWhiteSpace(text) ? null : Path.GetFullPath(text),
            _ when type == typeof(string[]) => text,
            _ when type == typeof(int) => Number<int>(text, NumberStyles.AllowLeadingSign),
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null,
            _ when type == typeof(double) => Number<double>(text, NumberStyles.Float),
            _ when type.IsEnum => Array.IndexOf(Choices!, text) is >= 0 and var index ? Enum.GetValues(type).GetValue(index) : null,
            _ => Wholes(text),
        };

        private string Expected => type switch
        {
            _ when type == typeof(string) => "a path",
            _ when type == typeof(int) => FormattableString.Invariant($"a whole number from {Rule.Low} to {Rule.High}"),
            _ when type == typeof(long) => "a whole number from 0 up",
            _ when type == typeof(double) => FormattableString.Invariant($"a number from {Rule.Low:0.##########} to {Rule.High}"),
            _ when type.IsEnum => $"one of {string.Join(", ", Choices!)}",
            _ => FormattableString.Invariant($"1 to 8 whole numbers from {Rule.Low} to {Rule.High} with commas between"),
        };

        private T? Number<T>(string text, NumberStyles styles)
            where T : struct, INumber<T> =>
            T.TryParse(text, styles, CultureInfo.InvariantCulture, out var value) && double.CreateSaturating(value) is var size && size >= Rule.Low && size <= Rule.High ? value : null;

        private int[]? Wholes(string text)
        {
            int?[] values = [.. text.Split(',').Select(part => Number<int>(part, NumberStyles.AllowLeadingSign))];
            return values.Length <= 8 && values.All(value => value is not null) ? [.. values.OfType<int>()] : null;
        }
    }
}
