using System.CommandLine;
using System.Runtime.InteropServices;

namespace MnistVae;

/// <summary>The program: parses the command line, runs the verb, and turns errors into a sentence and an exit code.</summary>
public sealed class App(VaeCommands commands, DataLocations locations, TextWriter output, TextWriter error)
{
    /// <summary>All that was asked for was done, be it that --patience ended training early.</summary>
    public const int Success = 0;

    /// <summary>Something that the user can put right, which a sentence on standard error says.</summary>
    public const int UserMistake = 2;

    /// <summary>Ctrl-C or a request to terminate; what was learnt was kept.</summary>
    public const int Interrupted = 130;

    private readonly IReadOnlyList<Verb> verbs = Verb.All(commands, locations);

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var root = new RootCommand("A variational autoencoder of handwritten digits, written in ProbVae. Without a verb it trains; each verb has a --help of its own.");
        foreach (var verb in verbs)
        {
            root.Subcommands.Add(CommandOf(verb));
        }

        var parsed = root.Parse(arguments.Count == 0 ? ["train"] : arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            string of = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            return Complain($"{Problem(parsed)} See MnistVae{of} --help.");
        }

        try
        {
            // Ctrl-C is the caller's matter, which cancels the token.
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output };
            return await parsed.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsUsersMatter(failure))
        {
            return Complain(failure switch
            {
                UserError or InvalidDataException or FolderInUseException or FileNotWrittenException or FileNotReadException or CheckpointException =>
                    failure.Message,
                ModelException of => of.Problems[0],
                IOException or UnauthorizedAccessException => $"Reading or writing failed ({failure.Message.TrimEnd('.')}); free some space, or look at where the output goes.",
                _ => "There is not enough memory for this; take less at a time with --batch, --count, --samples or --particles, or a smaller model with --hidden and --latent.",
            });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await error.WriteLineAsync("Stopped.").ConfigureAwait(false);
            return Interrupted;
        }
    }

    /// <summary>Whether a failure is the user's to put right: a sentence, and no stack trace.</summary>
    public static bool IsUsersMatter(Exception failure) => failure
        is UserError or ModelException or OutOfMemoryException or IOException or InvalidDataException or UnauthorizedAccessException
        // What libtorch's allocators say, on the CPU and on CUDA; it has no type of its own.
        || (failure is ExternalException && new[] { "allocate memory", "out of memory" }.Any(words => failure.Message.Contains(words, StringComparison.Ordinal)));

    private Command CommandOf(Verb verb)
    {
        var command = new Command(verb.Name, verb.Summary);
        verb.Tables.SelectMany(table => table.Options).ToList().ForEach(command.Options.Add);
        if (verb.Operand is { } operand)
        {
            command.Arguments.Add(operand);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            using var stopping = cancellation.Register(() => Tell($"{verb.Stopping} Press Ctrl-C again to quit at once."));
            await verb.Run(parsed, new CommandContext(output, error, cancellation)).ConfigureAwait(false);
            return Success;
        });
        return command;
    }

    // Not among the figures. On a terminal, below the line that moves.
    private void Tell(string sentence) => error.WriteLine(error == Console.Error && !Console.IsErrorRedirected ? Environment.NewLine + sentence : sentence);

    // A name that was typed or read may hold letters that break a line or steer a terminal.
    private int Complain(string sentence)
    {
        error.WriteLine($"error: {string.Concat(sentence.Select(letter => char.IsControl(letter) ? ' ' : letter))}");
        return UserMistake;
    }

    // A word that nobody knows is the cause of whatever else the parser misses.
    private string Problem(ParseResult parsed) => parsed.UnmatchedTokens.Count == 0
        ? parsed.Errors[0].Message.TrimEnd('.') + "."
        : parsed.CommandResult.Command is RootCommand
            ? $"'{parsed.UnmatchedTokens[0]}' is not a verb of this program; the verbs are {string.Join(", ", verbs.Select(verb => verb.Name))}."
            : $"'{parsed.UnmatchedTokens[0]}' is not an option of {parsed.CommandResult.Command.Name}.";
}
