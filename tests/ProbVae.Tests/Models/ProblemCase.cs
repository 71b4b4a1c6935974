namespace ProbVae.Tests.Models;

/// <summary>A program that cannot work, and every sentence that must say so, word for word.</summary>
internal sealed record ProblemCase(Action Run, params string[] Problems)
{
    /// <summary>The nearest program that is right, in words; empty where the sentence says it all.</summary>
    public string Instead { get; init; } = "";

    /// <summary>The nearest program that is right; it must run.</summary>
    public Action? Right { get; init; }

    /// <summary>What is said of a program that the engine puts right by itself; null where it is an exception.</summary>
    public Func<string>? Said { get; init; }

    /// <summary>The sentences that the program gets.</summary>
    public IReadOnlyList<string> Get()
    {
        if (Said is { } said)
        {
            return [said()];
        }

        return Xunit.Record.Exception(Run) switch
        {
            null => ["nothing: it runs"],
            ModelException problem => problem.Problems,
            ArgumentException { ParamName: { } name } problem => [problem.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)],
            var other => [$"{other.GetType().Name}: {other.Message}"],
        };
    }
}
