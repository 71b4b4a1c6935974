using System.Collections;
using System.CommandLine;
using System.Globalization;

namespace MnistVae.Commands;

/// <summary>An option of train that a run's record keeps.</summary>
public abstract class RecordedOption(Option option)
{
    /// <summary>The option on the command line.</summary>
    public Option Option { get; } = option;

    /// <summary>Whether it stands on the command line.</summary>
    public bool IsGiven(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetResult(Option) is { Implicit: false };
    }

    /// <summary>A record's value as it is written on the command line; null where it is not set.</summary>
    public abstract string? Written(TrainOptions options);

    /// <summary>The options with what the command line, or else the default, says of this one.</summary>
    public abstract TrainOptions Take(TrainOptions options, ParseResult parsed);
}

/// <inheritdoc cref="RecordedOption"/>
/// <param name="option">The option on the command line.</param>
/// <param name="get">Its value in a record.</param>
/// <param name="with">The record with another value.</param>
public sealed class RecordedOption<T>(Option<T> option, Func<TrainOptions, T> get, Func<TrainOptions, T, TrainOptions> with) : RecordedOption(option)
{
    public override string? Written(TrainOptions options) => get(options) switch
    {
        null => null,
        string text => text,
        Enum member => OptionFactory.Spell(member),
        IEnumerable values => string.Join(',', values.Cast<object>()),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    public override TrainOptions Take(TrainOptions options, ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return with(options, parsed.GetValue(option)!);
    }
}
