using System.Diagnostics;
using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>Effective draws a second and gradients a draw of the No-U-Turn sampler.</summary>
internal static class SamplingRun
{
    /// <summary>Measures and prints a row for each model and way.</summary>
    /// <returns>The process's exit code: 0.</returns>
    public static int Run()
    {
        Console.WriteLine($"{"model",-30}{"chains",8}{"effective draws/s",19}{"gradients/draw",16}{"µs/gradient",13}{"R-hat",8}");
        var schools = (Model: Schools(), Data: SchoolsProblem.Effects());
        var regression = (Model: Regression(out var outcomes), Data: outcomes);

        // The first calls of a process are slow.
        Nuts.Sample(schools.Model, schools.Data, new RandomKey(0), warmup: 200, draws: 200);
        foreach (var (name, (model, data), mass) in new[]
        {
            ("eight schools, non-centred", schools, MassMatrix.Diagonal), ("regression, 500 rows of 8", regression, MassMatrix.Diagonal), ("the same, dense mass matrix", regression, MassMatrix.Dense),
        })
        {
            Print(name, model, data, chains: 4, new() { MassMatrix = mass });
        }

        Print("eight schools, one chain", schools.Model, schools.Data, chains: 1, new());
        return 0;
    }

    // The least bulk size of any number, over the time with warmup. A gradient's time is that of one chain's share.
    private static void Print(string name, Model<Tensor> model, Tensor data, int chains, NutsOptions options)
    {
        long gradients = 0;
        var told = new Told(iteration => gradients += iteration.Gradients);
        var watch = Stopwatch.StartNew();
        var posterior = Nuts.Sample(model, data, new RandomKey(1), chains, warmup: 500, draws: 1000, options: options with { Progress = told });
        var seconds = watch.Elapsed.TotalSeconds;
        var statistics = posterior.Summary().Rows.Select(row => row.Chains!).ToList();
        Console.WriteLine($"{name,-30}{chains,8}{statistics.Min(row => row.BulkSize) / seconds,19:F0}{(double)posterior.Chains!.Gradients / posterior.Draws,16:F1}{1e6 * seconds / gradients,13:F0}{statistics.Max(row => row.RHat),8:F3}");
    }

    private static Model<Tensor> Schools() => Model.Given<Tensor>("schools")
        .Sample("mu", new Normal(0, SchoolsProblem.MuScale), out var mu).Sample("tau", new HalfCauchy(SchoolsProblem.TauScale), out var tau)
        .Plate("schools", total: SchoolsProblem.Schools).Sample("z", new Normal(0, 1), out var z)
        .Observe("y", s => new Normal(s[mu] + (s[tau] * s[z]), SchoolsProblem.Errors()), out _).Build();

    private static Model<Tensor> Regression(out Tensor outcomes)
    {
        using var generator = new RandomKey(5).NewGenerator();
        var inputs = randn([500, 8], generator: generator);
        inputs = inputs + (2 * inputs.select(1, 0).unsqueeze(1));
        outcomes = inputs.sum(1) + randn([500], generator: generator);
        return Model.Given<Tensor>("regression").Sample("w", Normal.Standard(8), out var w).Sample("sigma", new HalfNormal(2), out var sigma)
            .Plate("rows", total: 500).Observe("y", s => new Normal((inputs * s[w]).sum(-1), s[sigma]), out _).Build();
    }

    private sealed class Told(Action<NutsIteration> told) : IProgress<NutsIteration>
    {
        public void Report(NutsIteration value) => told(value);
    }
}
