using System.CommandLine;

namespace MnistVae.Commands;

/// <summary>Options that belong together, under one heading of the help page.</summary>
public sealed record OptionGroup(string Title, params Option[] Options);

/// <summary>A command line to learn from, and what it does.</summary>
public sealed record Example(string Arguments, string Explanation);

/// <summary>One verb of the program, as the command line and the help page see it.</summary>
public sealed record Verb(
    string Name,
    string Summary,
    IReadOnlyList<OptionGroup> Groups,
    IReadOnlyList<Example> Examples,
    Func<ParseResult, CommandContext, Task> Run)
{
    /// <summary>What happens on the first Ctrl-C or request to terminate, as one sentence.</summary>
    public required string Stopping { get; init; }

    /// <summary>What stands after the verb without a name of its own, or null.</summary>
    public Argument? Operand { get; init; }
}
