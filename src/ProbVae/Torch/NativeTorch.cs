using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace ProbVae;

/// <summary>Whether TorchSharp's native library loads on this machine, asked before anything else is asked of TorchSharp.</summary>
/// <remarks>
/// TorchSharp 0.107.0, where the loader refuses its library, says that the program has no reference to libtorch, after copying half a
/// gigabyte. The loader knows the true cause.
/// </remarks>
internal static class NativeTorch
{
    // What the build can make optional: docs/torchsharp.md.
    private const string MendedByTheBuild = "GLIBCXX_3.4.32";

    private static readonly Lazy<string?> Problem = new(Try);

    /// <summary>Throws, in a sentence, where the library does not load.</summary>
    /// <exception cref="DllNotFoundException">It does not.</exception>
    public static void Require()
    {
        if (Problem.Value is { } problem)
        {
            throw new DllNotFoundException(problem);
        }
    }

    /// <summary>What the loader's refusal means, and what to do; null where TorchSharp may find another library by itself.</summary>
    /// <param name="refusal">The loader's words.</param>
    /// <param name="platform">The machine's runtime identifier, as in <c>linux-x64</c>.</param>
    internal static string? Sentence(string refusal, string platform)
    {
        string[] missing = [.. Regex.Matches(refusal, "version [`'](?<version>[A-Z]+_[0-9.]+)' not found").Select(match => match.Groups["version"].Value).Distinct()];
        if (missing.Length == 0)
        {
            return null;
        }

        var mend = missing is [MendedByTheBuild]
            ? "build the program on this machine, or anywhere with -p:ProbVaeOlderLinux=true, so that its output has a copy that loads here"
            : "run the program on a newer system, or in a container of one";
        return $"ProbVae cannot load TorchSharp's native library on this machine ({platform}), because its C or C++ library is older than the library asks for and lacks {string.Join(" and ", missing)}; {mend}. docs/torchsharp.md says more.";
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux() || NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out _))
        {
            return null;
        }

        try
        {
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            return null;
        }
        catch (Exception refusal) when (refusal is DllNotFoundException or BadImageFormatException)
        {
            return Sentence(refusal.Message, RuntimeInformation.RuntimeIdentifier);
        }
    }
}
