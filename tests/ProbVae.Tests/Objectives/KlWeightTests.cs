using ProbVae.Tests.Inference;

namespace ProbVae.Tests.Objectives;

/// <summary>Weights of the KL terms change what is descended and never what is reported as the ELBO.</summary>
public sealed class KlWeightTests
{
    [Fact]
    public void SchedulesAreWhatTheySay()
    {
        Assert.Equal([0.5, 0.5], new long[] { 0, 1_000_000 }.Select(KlWeight.Constant(0.5).At));
        Assert.Equal([0, 0.25, 1, 1], new long[] { 0, 1, 4, 9 }.Select(KlWeight.Linear(0, 1, 4).At));
        Assert.Equal([2, 1.5, 1], new long[] { 0, 5, 10 }.Select(KlWeight.Linear(2, 1, 10).At));
        Assert.Equal([0, 0.2, 1, 1, 0, 0.4], new long[] { 0, 1, 5, 9, 10, 12 }.Select(KlWeight.Cyclical(10).At));
        Assert.Equal([0.1, 0.55, 1, 0.1, 1, 1], new long[] { 0, 2, 4, 4 + 0, 8, 9 }.Select((step, i) => KlWeight.Cyclical(4, ramp: 1, from: 0.1, cycles: 2).At(i == 2 ? 100 : step)));
        Assert.Equal(1, KlWeight.Cyclical(10, ramp: 0).At(0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheLossIsWeightedAndTheElboIsNot(bool closedForm)
    {
        using var local = new LocalModel();
        var elbo = closedForm ? Elbo.MeanField(4) : Elbo.Trace(4);
        using var plain = local.Svi(elbo);
        using var weighted = local.Svi(elbo.WithKlWeight(KlWeight.Linear(0.2, 1, 4)));
        for (var step = 0; step < 6; step++)
        {
            var (expected, found) = (plain.Step(local.Data), weighted.Step(local.Data));
            Assert.Equal(expected.Elbo, found.Elbo, 9);
            Assert.Equal(expected.Kl, found.Kl, 9);
            Assert.Equal((Math.Min(1, 0.2 + (0.2 * step)) * found.Kl) - found.LogLikelihood, found.Loss, 9);
        }
    }

    [Fact]
    public void ASiteHasItsOwnWeight()
    {
        using var layers = new TwoLayerModel();
        var site = layers.Guide.Trace(layers.Data, new RandomKey(0)).Latents.First().Handle;
        using var svi = layers.Svi(Elbo.Trace(4).WithKlWeight(KlWeight.Constant(0.5)).WithKlWeight(site, KlWeight.Constant(0.25)));
        var step = svi.Evaluate(layers.Data);
        var terms = step.Terms.ToDictionary(term => term.Site, term => term.Value);
        Assert.Equal("z2", site.Name);
        Assert.Equal((0.5 * terms["z1"]) + (0.25 * terms["z2"]) - terms["x"], step.Loss, 9);
    }

    [Fact]
    public void TheGradientIsOfTheWeightedLoss()
    {
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.MeanField(16).WithKlWeight(KlWeight.Constant(0.3)));
        var gradients = EstimatorRuns.Take(svi, local.Data, local.Parameters, 300).Gradients;

        // E log p(x | z) and KL(q ‖ p) of normals in closed form.
        double Loss(double[] at) => LocalModel.Rows.Sum(x =>
        {
            var (mean, sd, noise) = ((at[1] * x) + at[2], Math.Exp(at[3]), LocalModel.Deviation);
            var fit = LocalModel.LogNormal(x, mean, noise) - (sd * sd / (2 * noise * noise));
            return (0.3 * (-at[3] + (0.5 * ((sd * sd) + ((mean - at[0]) * (mean - at[0])) - 1)))) - fit;
        });
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(Loss, local.At), "weight 0.3");
    }

    [Fact]
    public void FreeBitsAreOfEachElement()
    {
        // KL of each row: −r + (e^2r + (m − a)² − 1) / 2; rows below the free nats cost those and have no gradient.
        using var local = new LocalModel();
        var at = local.At;
        double[] kls = [.. LocalModel.Rows.Select(x => -at[3] + (0.5 * (Math.Exp(2 * at[3]) + Math.Pow((at[1] * x) + at[2] - at[0], 2) - 1)))];
        var free = kls.Order().ElementAt(1) * 1.01;
        using var svi = local.Svi(Elbo.MeanField().WithKlWeight(KlWeight.Constant(2).WithFreeBits(free)));
        var step = svi.Step(local.Data);
        Assert.Equal(kls.Sum(), step.Kl, 6);
        Assert.Equal((2 * kls.Sum(kl => Math.Max(kl, free))) - step.LogLikelihood, step.Loss, 6);

        // Only the largest row's divergence reaches the prior's a.
        var largest = LocalModel.Rows[Array.IndexOf(kls, kls.Max())];
        Assert.Equal(-2 * ((at[1] * largest) + at[2] - at[0]), Inferences.Numbers(local.A.grad!)[0], 6);
    }

    [Fact]
    public void ImpossibleNumbersAreRefused()
    {
        void Refused(Func<KlWeight> make, string sentence) => Assert.StartsWith(sentence, Assert.Throws<ArgumentOutOfRangeException>(make).Message, StringComparison.Ordinal);
        Refused(() => KlWeight.Constant(-0.1), "KlWeight: the weight 'weight' is -0.1; give a finite number, at least 0.");
        Refused(() => KlWeight.Linear(0, double.NaN, 3), "KlWeight: the weight 'to' is NaN; give a finite number, at least 0.");
        Refused(() => KlWeight.Linear(-1, 0, 3), "KlWeight: the weight 'from' is -1; give a finite number, at least 0.");
        Refused(() => KlWeight.Cyclical(10, from: -1), "KlWeight: the weight 'from' is -1; give a finite number, at least 0.");
        Refused(() => KlWeight.Cyclical(10, to: double.PositiveInfinity), "KlWeight: the weight 'to' is Infinity; give a finite number, at least 0.");
        Assert.Equal(0, KlWeight.FreeBits(0).FreeNats);
        Refused(() => KlWeight.Linear(0, 1, 0), "KlWeight: 'steps' is 0; give at least 1.");
        Refused(() => KlWeight.Cyclical(0), "KlWeight: 'period' is 0; give at least 1.");
        Refused(() => KlWeight.Cyclical(10, ramp: 1.5), "KlWeight: the ramp is 1.5; give the part of a cycle that rises, from 0 to 1.");
        Refused(() => KlWeight.Cyclical(10, cycles: 0), "KlWeight: 'cycles' is 0; give at least 1.");
        Refused(() => KlWeight.FreeBits(-1), "KlWeight: -1 free nats were asked for; give a finite number, at least 0.");
        Assert.StartsWith(
            "Elbo.Iwae(8) weighs whole draws, so no single divergence could have 0.5 nats free; use Elbo.MeanField or Elbo.Trace.",
            Assert.Throws<ArgumentException>(() => Elbo.Iwae(8).WithKlWeight(KlWeight.FreeBits(0.5))).Message,
            StringComparison.Ordinal);
    }
}
