using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Randomness is an argument: a seed makes a run repeat bit for bit, alone, beside another thread's, and after a pause.</summary>
public sealed class RandomnessOfRunsTests
{
    [Fact]
    public void TheSameSeedRepeatsARunBitForBit() => AssertSame(Run(seed: 3, steps: 50), Run(seed: 3, steps: 50));

    [Fact]
    public void LoopedParticlesRepeatToo()
    {
        var elbo = Elbo.Trace(particles: 3, vectorized: false);
        AssertSame(Run(seed: 3, steps: 20, elbo), Run(seed: 3, steps: 20, elbo));
    }

    [Fact]
    public void AnotherSeedIsAnotherRun()
    {
        var (first, other) = (Run(seed: 3, steps: 1), Run(seed: 4, steps: 1));
        Assert.NotEqual(first.Elbos, other.Elbos);
    }

    [Fact]
    public void StepsOfOneRunHaveDrawsOfTheirOwn()
    {
        using var vae = new SmallVae();
        using var svi = Svi.For(vae.Model, vae.Guide, Elbo.MeanField(), Inferences.Still, seed: 3);
        using var batch = vae.Batch(0);
        // The parameters stand still, so that only the draws differ.
        Assert.NotEqual(svi.Step(batch).Elbo, svi.Step(batch).Elbo);
        Assert.Equal(svi.Evaluate(batch).Elbo, svi.Evaluate(batch).Elbo);
    }

    [Fact]
    public async Task TwoInferencesInTwoThreadsAreWhatTheyAreAlone()
    {
        var alone = new[] { Run(seed: 3, steps: 50), Run(seed: 8, steps: 50) };
        var together = await Task.WhenAll(
            Task.Factory.StartNew(() => Run(seed: 3, steps: 50), TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(() => Run(seed: 8, steps: 50), TaskCreationOptions.LongRunning));
        AssertSame(alone[0], together[0]);
        AssertSame(alone[1], together[1]);
    }

    [Fact]
    public void ASiteThatIsAddedLeavesTheOtherSitesDraws()
    {
        Latent a = new("a"), b = new("b"), added = new("added");
        var small = Model.Program<Tensor>("small", (p, _) => { p.Sample(a, Normal.Standard(3)); p.Sample(b, Normal.Standard(3)); });
        var large = Model.Program<Tensor>("large", (p, _) => { p.Sample(added, Normal.Standard(5)); p.Sample(a, Normal.Standard(3)); p.Sample(new Latent("between"), Gamma.FromShapeRate(2, 1)); p.Sample(b, Normal.Standard(3)); });
        AssertSameDraws(small, large, a, b);
    }

    [Fact]
    public void APriorThatIsSwappedLeavesTheOtherSitesDraws()
    {
        var model = Model.Given<Tensor>("m").Sample("a", Normal.Standard(3), out var a).Sample("b", Normal.Standard(2), out var b).Sample("c", Normal.Standard(3), out var c).Build();
        AssertSameDraws(model, model.With(b, Gamma.FromShapeRate(2, new double[] { 1, 1 })), a, c);
    }

    [Fact]
    public void SaveAndLoadContinueARunBitForBit()
    {
        var whole = Run(seed: 3, steps: 30);

        using var saved = new MemoryStream();
        using (var vae = new SmallVae())
        {
            using var first = vae.Svi();
            Steps(vae, first, 0, 17);
            first.Save(saved);
        }

        saved.Position = 0;
        // Other weights and another seed: all of them come from the file.
        using var resumedVae = new SmallVae(weights: 99);
        using var resumed = resumedVae.Svi(seed: 77);
        Steps(resumedVae, resumed, 0, 2);
        resumed.Load(saved);
        Assert.Equal((17, 3L), (resumed.StepCount, resumed.Seed));
        var elbos = Steps(resumedVae, resumed, 17, 30);
        Assert.Equal(whole.Elbos[17..], elbos);
        Assert.Equal(whole.End, Inferences.Snapshot(resumed));
    }

    [Fact]
    public void AStreamMayHoldMoreThanTheCheckpoint()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        using var stream = new MemoryStream();
        stream.WriteByte(1);
        svi.Save(stream);
        stream.WriteByte(2);
        stream.Position = 1;
        svi.Load(stream);
        Assert.Equal(2, stream.ReadByte());
    }

    private static void AssertSameDraws(Model<Tensor> first, Model<Tensor> second, params Latent[] sites)
    {
        var (one, other) = (first.Trace(zeros(1), new RandomKey(6)), second.Trace(zeros(1), new RandomKey(6)));
        Assert.All(sites, site => Assert.Equal(Inferences.Numbers(one[site].Value), Inferences.Numbers(other[site].Value)));
    }

    private static void AssertSame((double[] Elbos, byte[] End) expected, (double[] Elbos, byte[] End) actual)
    {
        Assert.Equal(expected.Elbos, actual.Elbos);
        Assert.Equal(expected.End, actual.End);
    }

    private static (double[] Elbos, byte[] End) Run(long seed, int steps, Elbo? elbo = null)
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi(seed, elbo);
        return (Steps(vae, svi, 0, steps), Inferences.Snapshot(svi));
    }

    private static double[] Steps(SmallVae vae, Svi<Tensor> svi, int from, int to)
    {
        using var scope = NewDisposeScope();
        return [.. Enumerable.Range(from, to - from).Select(step => svi.Step(vae.Batch(step)).Elbo)];
    }
}
