using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference.Sampling;

/// <summary>Chains that are kept in a file: a run that goes on is the run that was never interrupted.</summary>
public sealed class SamplingCheckpointTests : IDisposable
{
    private const int Warmup = 24;
    private const int Draws = 14;

    private static readonly RandomKey Key = new(11);

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _folder = Directory.CreateTempSubdirectory("probvae-chains").FullName;
    private readonly Tensor _effects = tensor(new[] { 28f, 8, -3, 7, -1, 1, 18, 12 });

    private string At => Path.Combine(_folder, "chains.nuts");

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1, MassMatrix.Diagonal, true)]
    [InlineData(6, MassMatrix.Dense, true)]
    [InlineData(22, MassMatrix.Diagonal, true)]
    [InlineData(23, MassMatrix.Dense, true)]
    [InlineData(30, MassMatrix.Diagonal, true)]
    [InlineData(29, MassMatrix.Dense, false)]
    public void AnInterruptedRunGoesOnAsIfItHadNotBeen(int iteration, MassMatrix mass, bool vectorized)
    {
        // A warmup of 24 has one window, of the iterations 4 to 22; after it the run is interrupted before the search for a step size.
        var options = new NutsOptions { MassMatrix = mass, Vectorized = vectorized };
        var whole = Sample(options);
        var kept = options with { Checkpoint = At };
        Interrupt(kept, iteration);
        Assert.True(File.Exists(At));
        var seen = new List<NutsIteration>();
        var resumed = Sample(kept with { Progress = new Told(seen.Add) });
        AssertSame(whole, resumed);
        Assert.Equal(vectorized, resumed.Chains!.IsVectorized);
        Assert.Equal(iteration + 1, seen.First(report => report.Chain == 0).Iteration);
        Assert.All(seen, report => Assert.InRange(report.Iteration, 2, Warmup + Draws));
    }

    [Fact]
    public void SeveralInterruptionsAndWhatWasWrittenBetweenChangeNothing()
    {
        var kept = new NutsOptions { Checkpoint = At, CheckpointEvery = TimeSpan.Zero };
        foreach (var iteration in new[] { 3, 12, 23, 25, 32 })
        {
            Interrupt(kept, iteration);
        }

        AssertSame(Sample(new()), Sample(kept));
    }

    [Fact]
    public void EachPointIsEvaluatedBesideTheSameOtherPoints()
    {
        // So nothing depends on whether a row of the model's numbers depends on the rows beside it.
        List<double[]> whole = [], resumed = [];
        Sample(new(), model: Schools(seen: whole));
        var kept = new NutsOptions { Checkpoint = At };
        Interrupt(kept, 25);
        Sample(kept, model: Schools(seen: resumed));

        // The first dozen are what the sampler learns of the model.
        var last = resumed.Count - 12;
        Assert.InRange(last, 20, whole.Count - 50);
        Assert.Equal(whole[^last..], resumed[^last..]);
    }

    [Fact]
    public void AKilledRunGoesOnFromItsLastCheckpoint()
    {
        // What is thrown ends the run at once: nothing but what was written after the iterations before is left.
        var kept = new NutsOptions { Checkpoint = At, CheckpointEvery = TimeSpan.Zero };
        var killed = kept with { Progress = new Told(report => _ = report is { Chain: 1, Iteration: 30 } ? throw new InvalidOperationException("killed") : 0) };
        Assert.Throws<InvalidOperationException>(() => Sample(killed));
        var seen = new List<NutsIteration>();
        AssertSame(Sample(new()), Sample(kept with { Progress = new Told(seen.Add) }));
        Assert.Equal(30, seen.First(report => report.Chain == 1).Iteration);
    }

    [Fact]
    public void ACompleteRunIsThereAtOnceAndGoesOnToMoreDraws()
    {
        var longer = Sample(new(), Draws + 25);
        var kept = new NutsOptions { Checkpoint = At };
        var first = Sample(kept);
        var bytes = File.ReadAllBytes(At);
        AssertSame(first, Sample(kept with { Progress = new Told(_ => Assert.Fail("It had all of its iterations.")) }));
        Assert.Equal(bytes, File.ReadAllBytes(At));
        var more = Sample(kept, Draws + 25);
        foreach (var i in Enumerable.Range(0, more.Sites.Count))
        {
            // The first draws are in the file; later ones were evaluated beside other points than those of one long run.
            var (found, expected) = (more[more.Sites[i]].reshape(2, Draws + 25, -1), longer[longer.Sites[i]].reshape(2, Draws + 25, -1));
            Assert.Equal(Inferences.Numbers(first[first.Sites[i]].reshape(2, Draws, -1)), Inferences.Numbers(found.narrow(1, 0, Draws)));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(found), (x, y) => Math.Abs(x - y) <= 1e-4 * (1 + Math.Abs(x)));
        }

        AssertRefused("has 39 draws, and 14 are asked for; ask for as many or more", () => Sample(kept));
    }

    [Fact]
    public void CheckpointsAreWrittenWhenTheyAreDue()
    {
        var written = new List<DateTime>();
        var kept = new NutsOptions { Checkpoint = At, CheckpointEvery = TimeSpan.FromDays(1), Progress = new Told(_ => written.Add(File.GetLastWriteTimeUtc(At))) };
        Sample(kept, 4);
        Assert.Single(written.Distinct());
        Assert.NotEqual(written[0], File.GetLastWriteTimeUtc(At));
        File.Delete(At);
        written.Clear();
        Sample(kept with { CheckpointEvery = TimeSpan.Zero }, 4);
        Assert.InRange(written.Distinct().Count(), 10, written.Count);
    }

    [Fact]
    public void ACheckpointOfAnotherRunIsRefusedAndStays()
    {
        var kept = new NutsOptions { Checkpoint = At };
        Interrupt(kept, 30);
        AssertRefused("its model is 'schools', and here it is 'others'", () => Sample(kept, model: Schools("others")));
        AssertRefused("its list of sites is mu", () => Sample(kept, model: Schools(rows: 4), data: _effects[..4]));
        AssertRefused("its key is 11, and here it is 12", () => Sample(kept, key: new RandomKey(12)));
        AssertRefused("its count of chains is 2, and here it is 3", () => Nuts.Sample(Schools(), _effects, Key, 3, Warmup, Draws, options: kept));
        AssertRefused("its warmup is 24, and here it is 25", () => Nuts.Sample(Schools(), _effects, Key, 2, Warmup + 1, Draws, options: kept));
        AssertRefused("its TargetAcceptance is 0.8, and here it is 0.9", () => Sample(kept with { TargetAcceptance = 0.9 }));
        AssertRefused("its MassMatrix is Diagonal, and here it is Dense", () => Sample(kept with { MassMatrix = MassMatrix.Dense }));
        AssertRefused("its MaxDepth is 10, and here it is 9", () => Sample(kept with { MaxDepth = 9 }));
        AssertRefused("the data or the model's numbers are others", () => Sample(kept, data: _effects + 1));
        AssertSame(Sample(new()), Sample(kept));
    }

    [Fact]
    public void WhatIsNoWholeCheckpointIsRefusedAndStays()
    {
        var kept = new NutsOptions { Checkpoint = At };
        Interrupt(kept, 30);
        var whole = File.ReadAllBytes(At);
        var changed = whole.ToArray();
        changed[^9] ^= 1;
        byte[][] damaged = [[], [1, 2, 3], [.. Enumerable.Repeat((byte)0xFF, 4000)], whole[..10], whole[..40], whole[..^1], changed];
        Assert.All(damaged, bytes =>
        {
            File.WriteAllBytes(At, bytes);
            AssertRefused(At, () => Sample(kept));
        });
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        new CheckpointFile(At, TimeSpan.Zero).Save(svi);
        AssertRefused("does not begin like a checkpoint", () => Sample(kept));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample(kept with { CheckpointEvery = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentException>(() => Sample(kept with { Checkpoint = " " }));
    }

    [Fact]
    public void AFileThatCannotBeWrittenEndsTheRunBeforeItsFirstIteration()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var kept = new NutsOptions { Checkpoint = Path.Combine(file, "chains.nuts"), Progress = new Told(_ => Assert.Fail("It began.")) };
        Assert.ThrowsAny<IOException>(() => Sample(kept));
    }

    [Fact]
    public void DrawsThatNoFileHoldsAreRefused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Nuts.Sample(Schools(), _effects, Key, 4, Warmup, 10_000_000, options: new() { Checkpoint = At }));
        Assert.Contains("4 chains of 10000000 draws of 10 numbers are more than a checkpoint can hold", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LiveTensorsAreAsManyAfterEachIteration()
    {
        var live = new List<long>();
        Sample(new() { Checkpoint = At, CheckpointEvery = TimeSpan.Zero, Progress = new Told(_ => live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount)) }, 30);
        Assert.Equal(2 * (Warmup + 30), live.Count);
        Assert.Single(live.Distinct());
    }

    private static Model<Tensor> Schools(string name = "schools", int rows = 8, List<double[]>? seen = null)
    {
        var errors = tensor(new[] { 15f, 10, 16, 11, 9, 11, 10, 18 })[..rows];
        return Model.Given<Tensor>(name).Sample("mu", new Normal(0, 5), out var mu).Sample("tau", new HalfCauchy(5), out var tau)
            .Plate("schools", total: rows).Sample("z", new Normal(0, 1), out var z).Deterministic("theta", s => Theta(s[mu], s[tau], s[z]), out var theta)
            .Observe("y", s => new Normal(s[theta], errors), out _).Build();

        Tensor Theta(Tensor mean, Tensor scale, Tensor effects)
        {
            seen?.Add(Inferences.Numbers(mean));
            return mean + (scale * effects);
        }
    }

    private Posterior Sample(NutsOptions options, int draws = Draws, Model<Tensor>? model = null, Tensor? data = null, RandomKey? key = null, CancellationToken cancellation = default) =>
        Nuts.Sample(model ?? Schools(), data ?? _effects, key ?? Key, chains: 2, Warmup, draws, options: options, cancellation: cancellation);

    // Cancelled in an iteration of the first chain; where the second is at that moment is left to the trajectories.
    private void Interrupt(NutsOptions options, int iteration)
    {
        using var source = new CancellationTokenSource();
        var progress = new Told(report =>
        {
            if (report.Chain == 0 && report.Iteration == iteration)
            {
                source.Cancel();
            }
        });
        try
        {
            Assert.True(Sample(options with { Progress = progress }, cancellation: source.Token).Chains!.WasCancelled);
        }
        catch (OperationCanceledException refusal)
        {
            Assert.Contains("The same call goes on from the checkpoint", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static void AssertSame(Posterior expected, Posterior found)
    {
        Assert.Equal(expected.Sites.Select(site => site.Name), found.Sites.Select(site => site.Name));
        foreach (var (one, other) in expected.Sites.Zip(found.Sites))
        {
            Assert.Equal(Inferences.Numbers(expected[one]), Inferences.Numbers(found[other]));
        }

        Assert.Equal(expected.Chains!.StepSizes, found.Chains!.StepSizes);
        Assert.Equal(expected.Chains.Acceptances, found.Chains.Acceptances);
        Assert.Equal(expected.Chains.EnergyMixing, found.Chains.EnergyMixing);
        Assert.Equal(expected.Chains.ToString(), found.Chains.ToString());
    }

    // The file keeps its bytes.
    private void AssertRefused(string words, Action sample)
    {
        var before = File.ReadAllBytes(At);
        Assert.Contains(words, Assert.Throws<CheckpointException>(sample).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(At));
    }

    private sealed class Told(Action<NutsIteration> told) : IProgress<NutsIteration>
    {
        public void Report(NutsIteration value) => told(value);
    }
}
