using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Examples.Gallery;

/// <summary>The command line: <c>list</c>, <c>all</c> or an example's name, then <c>--seed N</c> and <c>--steps N</c>.</summary>
public static class Commands
{
    /// <summary>Does what the arguments say.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Where the text goes.</param>
    /// <returns>0; 1 when a check failed; 2 when the arguments were not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        var (seed, steps) = (0L, (int?)null);
        for (var i = 1; i < arguments.Count; i += 2)
        {
            if (arguments[i] is not ("--seed" or "--steps") || i + 1 == arguments.Count
                || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (arguments[i] == "--steps" && number < 1))
            {
                output.WriteLine($"'{string.Join(' ', arguments.Skip(i))}' is not understood; after the example's name come --seed N, N a whole number from 0 on, and --steps N, N from 1 on.");
                return 2;
            }

            (seed, steps) = arguments[i] == "--seed" ? (number, steps) : (seed, (int?)number);
        }

        var asked = arguments.Count == 0 ? "list" : arguments[0];
        if (asked == "list")
        {
            List(output);
            return 0;
        }

        var chosen = Example.All.Where(example => asked == "all" || example.Name == asked).ToList();
        if (chosen.Count == 0)
        {
            output.WriteLine($"There is no example '{asked}'; name one of these, or all:");
            List(output);
            return 2;
        }

        // Every example runs, also after one that failed.
        var failed = chosen.FindAll(example => !Passes(example, output, seed, steps));
        return failed.Count == 0 ? 0 : 1;
    }

    private static void List(TextWriter output)
    {
        var width = Example.All.Max(example => example.Name.Length);
        foreach (var example in Example.All)
        {
            output.WriteLine($"  {example.Name.PadRight(width)}  {example.Summary}");
        }
    }

    private static bool Passes(Example example, TextWriter output, long seed, int? steps)
    {
        output.WriteLine($"== {example.Name}: {example.Summary}");
        output.WriteLine();
        var report = new Report(output, seed, steps);
        var watch = Stopwatch.StartNew();
        using (NewDisposeScope())
        {
            example.Run(report);
        }

        var failed = report.Checks.Count(check => !check.Passes);
        var seconds = watch.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
        output.WriteLine($"{report.Checks.Count - failed} of {report.Checks.Count} checks hold; {seconds} s.");
        output.WriteLine();
        return failed == 0 && report.Checks.Count > 0;
    }
}
