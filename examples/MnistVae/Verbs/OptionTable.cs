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
    public static string Spell(Enum value) => Spell($"{value}");

    private static string Spell(string name) => string.Concat(name.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

    /// <summary>A property and its option, which takes a text; only a flag takes none.</summary>
    private sealed class Row
    {
        private readonly Kind kind;

        public Row(PropertyInfo property, object defaults)
        {
            (Property, Rule) = (property, property.GetCustomAttribute<OptionAttribute>()!);
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            kind = Kind.Of(type, Rule);
            string name = "--" + (Rule.Name ?? Spell(property.Name));
            Option = type == typeof(bool) ? new Option<bool>(name)
                : type == typeof(string[]) ? new Option<string[]>(name) { HelpName = kind.Help, Arity = ArgumentArity.OneOrMore }
                : new Option<string>(name) { HelpName = kind.Help, Arity = ArgumentArity.ExactlyOne };
            Option.Description = Written(defaults) is { Length: > 0 } standard ? $"{Rule.Description} [default: {standard}]" : Rule.Description;
            if (Option is Option<string>)
            {
                Option.Validators.Add(result =>
                    result.Tokens.Select(token => Problem(token.Value)).OfType<string>().ToList().ForEach(result.AddError));
            }
        }

        public PropertyInfo Property { get; }

        public OptionAttribute Rule { get; }

        public Option Option { get; }

        public bool IsGiven(ParseResult parsed) => parsed.GetResult(Option) is { Implicit: false };

        public void Set(object record, ParseResult parsed) => Property.SetValue(record, Option switch
        {
            Option<bool> flag => parsed.GetValue(flag),
            Option<string[]> texts => parsed.GetValue(texts),
            Option<string> text => kind.Read(parsed.GetValue(text)!),
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

        public string? Problem(string text) => kind.Read(text) is null ? $"{Option.Name} is '{text}', but it must be {kind.Expected}." : null;
    }

    /// <summary>How values of a type are written.</summary>
    /// <param name="Help">On the help page.</param>
    /// <param name="Expected">In a refusal.</param>
    /// <param name="Read">The value of a text; null where it is none.</param>
    private sealed record Kind(string Help, string Expected, Func<string, object?> Read)
    {
        private const int MostWholes = 8;

        public static Kind Of(Type type, OptionAttribute rule)
        {
            if (type.IsEnum)
            {
                var members = Enum.GetValues(type).Cast<Enum>().ToDictionary(Spell);
                return new(string.Join('|', members.Keys), $"one of {string.Join(", ", members.Keys)}", members.GetValueOrDefault);
            }

            string range = FormattableString.Invariant($"from {rule.Low:0.##########} to {rule.High}");
            return type switch
            {
                _ when type == typeof(string) && rule.Kind != "TEXT" => new(rule.Kind, "a path", FullPath),
                _ when type == typeof(int) => new("N", $"a whole number {range}", text => Number<int>(text, NumberStyles.AllowLeadingSign, rule)),
                _ when type == typeof(long) => new("N", "a whole number from 0 up", text => Seed(text)),
                _ when type == typeof(double) => new("X", $"a number {range}", text => Number<double>(text, NumberStyles.Float, rule)),
                _ when type == typeof(IReadOnlyList<int>) =>
                    new("N[,N...]", $"1 to {MostWholes} whole numbers {range} with commas between", text => Wholes(text, rule)),
                _ => new(rule.Kind, "a text", text => text),
            };
        }

        private static string? FullPath(string text) => string.IsNullOrWhiteSpace(text) ? null : Path.GetFullPath(text);

        private static long? Seed(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

        private static T? Number<T>(string text, NumberStyles styles, OptionAttribute rule)
            where T : struct, INumber<T> =>
            T.TryParse(text, styles, CultureInfo.InvariantCulture, out var value)
                && double.CreateSaturating(value) is var size && size >= rule.Low && size <= rule.High ? value : null;

        private static int[]? Wholes(string text, OptionAttribute rule)
        {
            int?[] values = [.. text.Split(',').Select(part => Number<int>(part, NumberStyles.AllowLeadingSign, rule))];
            return values.Length <= MostWholes && values.All(value => value is not null) ? [.. values.OfType<int>()] : null;
        }
    }
}
