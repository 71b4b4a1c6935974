using System.Collections;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>Writes the help of the program and of its verbs: usage, options by group with their defaults, examples.</summary>
public sealed class HelpPage(IAnsiConsole console, IReadOnlyList<Verb> verbs) : SynchronousCommandLineAction
{
    public const string ProgramName = "MnistVae";

    private const int ProgramNameWidth = 12;

    // With less room for the text beside a name, it stands below.
    private const int NarrowestText = 24;
    private const int Indent = 2;

    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        var verb = verbs.FirstOrDefault(verb => verb.Name == parseResult.CommandResult.Command.Name);
        if (verb is null)
        {
            WriteProgram();
        }
        else
        {
            WriteVerb(verb);
        }

        return 0;
    }

    private void WriteProgram()
    {
        console.WriteLine("A variational autoencoder of handwritten digits, written in ProbVae.");
        Heading("Usage");
        console.WriteLine($"  {ProgramName} [VERB] [OPTION]...        without a verb: train");
        Heading("Verbs");
        Table(ProgramNameWidth, [.. verbs.Select(verb => (verb.Name, verb.Summary))]);
        Heading("Options");
        Table(ProgramNameWidth, [("--help", "Show this page, or after a verb the verb's options."), ("--version", "Show the version.")]);
        Heading("Examples");
        WriteExamples([.. verbs.Select(verb => verb.Examples[0])]);
    }

    private void WriteVerb(Verb verb)
    {
        console.WriteLine(verb.Summary);
        Heading("Usage");
        console.WriteLine($"  {ProgramName} {verb.Name} {(verb.Operand is null ? "" : $"{verb.Operand.Name}... ")}[OPTION]...");
        int nameWidth = verb.Groups.SelectMany(group => group.Options).Max(option => Signature(option).Length);
        foreach (var group in verb.Groups)
        {
            Heading(group.Title);
            Table(nameWidth, [.. group.Options.Select(option => (Signature(option), Description(option)))]);
        }

        Heading("Examples");
        WriteExamples(verb.Examples);
    }

    private void WriteExamples(IReadOnlyList<Example> examples)
    {
        foreach (var example in examples)
        {
            console.MarkupLineInterpolated($"  [grey]# {example.Explanation}[/]");
            console.WriteLine($"  {ProgramName} {example.Arguments}");
        }
    }

    private void Heading(string title)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold yellow]{title}[/]");
    }

    private void Table(int nameWidth, IReadOnlyList<(string Name, string Text)> rows)
    {
        if (console.Profile.Width < Indent + nameWidth + Indent + NarrowestText)
        {
            foreach (var (name, text) in rows)
            {
                console.Write(new Padder(new Text(name, new Style(Color.Green)), new Padding(Indent, 0, 0, 0)));
                console.Write(new Padder(new Text(text), new Padding(2 * Indent, 0, 0, 0)));
            }

            return;
        }

        var grid = new Grid()
            .AddColumn(new GridColumn().NoWrap().PadLeft(Indent).PadRight(Indent).Width(nameWidth))
            .AddColumn(new GridColumn().PadLeft(0).PadRight(0));
        foreach (var (name, text) in rows)
        {
            grid.AddRow(new Text(name, new Style(Color.Green)), new Text(text));
        }

        console.Write(grid);
    }

    private static string Signature(Option option) => option.HelpName is null ? option.Name : $"{option.Name} {option.HelpName}";

    private static string Description(Option option)
    {
        bool isFlag = option.ValueType == typeof(bool);
        return isFlag || !option.HasDefaultValue ? option.Description! : $"{option.Description} [default: {Spell(option.GetDefaultValue())}]";
    }

    private static string Spell(object? value) => value switch
    {
        string text => text,
        IEnumerable values => string.Join(',', values.Cast<object>()),
        Enum member => OptionFactory.Spell(member),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
