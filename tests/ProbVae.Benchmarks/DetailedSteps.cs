using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>
/// The same steps under BenchmarkDotNet, for its statistics of one contender: distribution, collections, allocations.
/// In process, because a program that it builds elsewhere would not know the torch provider. For ratios see <see cref="Interleaved"/>.
/// </summary>
public static class DetailedSteps
{
    /// <summary>Runs all cases.</summary>
    public static int Run()
    {
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10);
        BenchmarkRunner.Run([typeof(VaeSteps), typeof(SchoolsSteps)], DefaultConfig.Instance.AddJob(job));
        return 0;
    }
}

/// <summary>A step of the VAE.</summary>
[MemoryDiagnoser]
public class VaeSteps
{
    private VaeByHand _hand = null!;
    private VaeBySvi _svi = null!;
    private VaeMatrixProducts _products = null!;

    /// <summary>Builds the contenders.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        // Here, because libtorch counts threads for each calling thread, and BenchmarkDotNet starts its own.
        set_num_threads(1);
        (_hand, _svi, _products) = (new VaeByHand(VaeNetworks.Dense()), new VaeBySvi(VaeNetworks.Dense()), new VaeMatrixProducts());
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _hand.Dispose();
        _svi.Dispose();
        _products.Dispose();
    }

    /// <summary>The hand-written step.</summary>
    [Benchmark(Baseline = true)]
    public double ByHand() => _hand.Step();

    /// <summary>The engine's step.</summary>
    [Benchmark]
    public double BySvi() => _svi.Step();

    /// <summary>The step's matrix products alone.</summary>
    [Benchmark]
    public double MatrixProducts() => _products.Step();
}

/// <summary>A step of eight schools with 32 particles.</summary>
[MemoryDiagnoser]
public class SchoolsSteps
{
    private SchoolsByHand _hand = null!;
    private SchoolsBySvi _svi = null!;

    /// <summary>Builds the contenders.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        set_num_threads(1);
        (_hand, _svi) = (new SchoolsByHand(), new SchoolsBySvi());
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _hand.Dispose();
        _svi.Dispose();
    }

    /// <summary>The hand-written step.</summary>
    [Benchmark(Baseline = true)]
    public double ByHand() => _hand.Step();

    /// <summary>The engine's step.</summary>
    [Benchmark]
    public double BySvi() => _svi.Step();
}
