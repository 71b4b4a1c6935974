using System.Runtime.InteropServices;

namespace ProbVae;

/// <summary>What torch refused, as a sentence with its place: libtorch's own message goes on with a stack of C++ frames.</summary>
internal static class TorchRefusal
{
    /// <summary>Whether a failure is torch's: an operation that libtorch refuses, or a tensor that is gone.</summary>
    public static bool Is(Exception failure) => failure is ExternalException || IsGone(failure);

    /// <summary>The first line of what torch said, without a full stop.</summary>
    public static string Words(Exception failure) => IsGone(failure)
        ? "a tensor that it uses was disposed of, with its dispose scope or by itself (its handle is empty)"
        : Telling(failure.Message.Split('\n')).Trim().TrimEnd('.');

    /// <summary>Asks torch for something at a site.</summary>
    /// <exception cref="ModelException">Torch refuses.</exception>
    public static T AtSite<TState, T>(string site, TState state, Func<TState, T> ask)
    {
        try
        {
            return ask(state);
        }
        catch (Exception failure) when (Is(failure))
        {
            throw new ModelException($"Site '{site}': torch refused to draw from its distribution or to score its value: {Words(failure)}.");
        }
    }

    /// <summary>Throws a sentence in place of torch's own words; returns where the failure is not torch's.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="place">Where it happened, as the start of a sentence.</param>
    public static void ThrowIfTorchs(Exception failure, string place)
    {
        if (Is(failure))
        {
            throw new ModelException($"{place}: torch refused what the program does: {Words(failure)}.");
        }
    }

    // A script's refusal begins with where it stands in the script, and ends with what is the matter.
    private static string Telling(string[] lines)
    {
        const string Cause = "RuntimeError: ";
        return lines.FirstOrDefault(line => line.StartsWith(Cause, StringComparison.Ordinal))?[Cause.Length..] ?? lines[0];
    }

    private static bool IsGone(Exception failure) => failure is InvalidOperationException && failure.Message.Contains("empty handle", StringComparison.Ordinal);
}
