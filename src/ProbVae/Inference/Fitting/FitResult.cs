using System.Globalization;

namespace ProbVae;

/// <summary>What ended a fit.</summary>
public enum StopReason
{
    /// <summary>A stopping rule was met.</summary>
    Rule,

    /// <summary>The steps that it was given are taken, and no rule was met.</summary>
    MaximumSteps,

    /// <summary>The sequence of data came to its end.</summary>
    DataEnded,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>How a fit went.</summary>
/// <param name="Reason">What ended it.</param>
/// <param name="Why">The same as a sentence with figures.</param>
/// <param name="Rule">The rule that was met, if one was.</param>
/// <param name="Steps">How many steps were taken.</param>
/// <param name="History">The ELBO by step, and what was measured besides.</param>
/// <param name="Best">The parameters of the best validation score; null without validation.</param>
public sealed record FitResult(StopReason Reason, string Why, StoppingRule? Rule, long Steps, ElboHistory History, BestParameters? Best)
{
    /// <summary>Where each start came to, where several were asked for (<see cref="FitOptions.Starts"/>); the rest of the result is the best one's.</summary>
    public IReadOnlyList<FitStart> Starts { get; init; } = [];

    /// <summary>Which start was kept, counted from 0.</summary>
    public int Start { get; init; }

    /// <summary>What speaks against the fit, in sentences: starts that came to different ends. Null where nothing does, or where there was one start only.</summary>
    public string? Warning { get; init; }

    /// <summary>The mean ELBO of the later half of the steps, with its standard error.</summary>
    public SmoothedElbo Elbo => History.Smoothed();

    /// <summary>Why it stopped, and the ELBO.</summary>
    public override string ToString() => Steps == 0 ? Why : string.Join(Environment.NewLine, [Why,
        $"ELBO {Elbo} over the last {Elbo.Steps} of {Steps} steps.",
        .. Best is null ? Array.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"Best validation score {Best.Score:G6} after step {Best.Step}.")],
        .. Starts.Select(start => $"{start}{(start.Number == Start ? ", kept" : "")}"),
        .. Warning is null ? Array.Empty<string>() : [Warning]]);
}

/// <summary>The parameters of a fit's best validation score.</summary>
/// <param name="Step">After how many of the fit's steps.</param>
/// <param name="Score">The score.</param>
/// <param name="Parameters">Parameters and buffers as they were then.</param>
public sealed record BestParameters(long Step, double Score, ParameterSnapshot Parameters)
{
    /// <summary>Step and score.</summary>
    public override string ToString() => FormattableString.Invariant($"best validation score {Score:G6} after step {Step}: {Parameters}");
}
