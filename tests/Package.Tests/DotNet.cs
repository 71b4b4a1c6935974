using System.Diagnostics;

namespace Package.Tests;

/// <summary>The <c>dotnet</c> command, run as from a shell.</summary>
internal static class DotNet
{
    /// <summary>Runs it and gives what it printed; fails the test where it does not end well.</summary>
    public static string Run(string folder, params string[] arguments) => Run(folder, arguments, feed: null);

    /// <summary>Runs it where NuGet looks into a folder of packages too.</summary>
    public static string Run(string folder, string[] arguments, string? feed)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the test's own build set for itself is not the other program's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        // MSBuild takes them for properties. Without links, each program has libtorch once more.
        start.Environment["CreateHardLinksForCopyLocalIfPossible"] = "true";
        start.Environment["CreateHardLinksForPublishFilesIfPossible"] = "true";
        if (feed is not null)
        {
            start.Environment["RestoreAdditionalProjectSources"] = feed;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:{Environment.NewLine}{printed}{errors.GetAwaiter().GetResult()}");
        return printed;
    }
}
