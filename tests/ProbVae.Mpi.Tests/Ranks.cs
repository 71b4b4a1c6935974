using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ProbVae.Mpi.Tests;

/// <summary>A program, run by mpiexec: what all ranks printed, and how it ended.</summary>
internal sealed partial record Ranks(int Code, string Printed, string Errors)
{
    /// <summary>The tests that run one mpiexec after another: ranks that share a core wait for each other's turns.</summary>
    public const string OneByOne = "ranks";

    // Ranks wait for each other at each step: beside other work on two cores that takes its time.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // MPICH's own name goes first: mpiexec may be Open MPI's.
    private static string? Mpiexec { get; } = new[] { "mpiexec.mpich", "mpiexec", "mpiexec.exe" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(IsOurs);

    /// <summary>Runs the program on so many ranks; skips the test where there is no MPI.</summary>
    /// <param name="ranks">How many; 0 for the program by itself.</param>
    /// <param name="arguments">The program's.</param>
    /// <param name="told">Called with each line that is printed on the way.</param>
    /// <param name="program">The program; tests/MpiRanks unless given.</param>
    public static Ranks Run(int ranks, string[] arguments, Action<string>? told = null, string? program = null)
    {
        program ??= Path.Combine(AppContext.BaseDirectory.Replace("ProbVae.Mpi.Tests", "MpiRanks", StringComparison.Ordinal), "MpiRanks.dll");
        Assert.SkipUnless(ranks == 0 || Mpiexec is not null, "There is no MPICH here: mpiexec.mpich is not on the path. On Debian: apt install mpich.");
        string[] started = ranks == 0 ? ["dotnet", program, .. arguments] : [Mpiexec!, "-n", $"{ranks}", "dotnet", program, .. arguments];
        using var process = new Process { StartInfo = new(started[0], started[1..]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        StringBuilder printed = new(), errors = new();
        process.OutputDataReceived += (_, line) => Keep(printed, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Longest))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{string.Join(' ', started)} did not end within {Longest.TotalSeconds} s:{Environment.NewLine}{printed}{errors}");
        }

        process.WaitForExit();
        return new(process.ExitCode, printed.ToString(), errors.ToString());

        void Keep(StringBuilder kept, string? line)
        {
            if (line is not null)
            {
                lock (kept)
                {
                    kept.AppendLine(line);
                }

                told?.Invoke(line);
            }
        }
    }

    /// <summary>The numbers that rank 0 printed.</summary>
    public double[] Numbers => [.. Printed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>The processes of the ranks, as they told them themselves.</summary>
    public IEnumerable<int> Processes => Told().Matches(Errors).Select(match => int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture));

    private static bool IsOurs(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var asked = Process.Start(new ProcessStartInfo(path, OperatingSystem.IsWindows() ? [] : ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return !asked.StandardOutput.ReadToEnd().Contains("Open", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"rank \d+ of \d+, process (?<id>\d+)")]
    private static partial Regex Told();
}
