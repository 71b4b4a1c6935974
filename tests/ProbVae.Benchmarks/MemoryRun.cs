using System.Diagnostics;
using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>Takes many steps of a model and holds live tensors and resident memory against what they were after the first part.</summary>
internal static class MemoryRun
{
    private const int Parts = 20;
    private const double TargetMegabytes = 10;

    /// <summary>Measures and prints.</summary>
    /// <param name="steps">How many steps; at least 2,000.</param>
    /// <param name="schools">Whether eight schools, whose steps are short, rather than the VAE.</param>
    /// <returns>The process's exit code: 0 where live tensors stayed constant and memory within the target.</returns>
    public static int Run(int steps, bool schools)
    {
        using IContender contender = schools ? new SchoolsBySvi() : new VaeBySvi(VaeNetworks.Dense());
        contender.Step();
        var (live, changes, part) = (Tensor.TotalCount, 0, steps / Parts);
        var resident = new List<double>();
        Console.WriteLine($"{"step",8}{"live tensors",14}{"resident MB",14}{"managed MB",14}");
        for (var step = 2; step <= steps; step++)
        {
            contender.Step();
            changes += Tensor.TotalCount == live ? 0 : 1;
            if (step % part == 0)
            {
                resident.Add(ResidentMegabytes());
                Console.WriteLine($"{step,8}{Tensor.TotalCount,14}{resident[^1],14:F1}{GC.GetTotalMemory(forceFullCollection: false) / 1e6,14:F1}");
            }
        }

        var growth = resident.Max() - resident[0];
        Console.WriteLine(changes == 0 ? $"There were {live} live tensors after every step." : $"After {changes} steps the number of live tensors was not the {live} of the first; it must be constant.");
        Console.WriteLine($"Resident memory grew by at most {growth:F1} MB after the first {part} steps; the target is less than {TargetMegabytes} MB.");
        return changes == 0 && growth < TargetMegabytes ? 0 : 1;
    }

    private static double ResidentMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }
}
