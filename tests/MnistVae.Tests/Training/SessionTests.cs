using MnistVae.Tests.Models;
using ProbVae;

namespace MnistVae.Tests.Training;

public sealed class SessionTests
{
    private static readonly RandomKey Key = new(8);

    [Fact]
    public void TheWeightOfTheKlTermIsNotInTheBound()
    {
        using var plain = SmallDigits.Session(SmallDigits.Options);
        using var weighted = SmallDigits.Session(SmallDigits.Options with { KlWeight = 4 });
        using var batch = SmallDigits.Batch(SmallDigits.Options);
        var (step, heavy) = (plain.Svi.Evaluate(batch, key: Key), weighted.Svi.Evaluate(batch, key: Key));
        // The two sum their terms in another order: float32 apart.
        Assert.Equal(plain.BoundOf(step), weighted.BoundOf(heavy), 1e-6 * Math.Abs(heavy.Elbo));
        Assert.Equal(-heavy.LogLikelihood + (4 * heavy.Kl), heavy.Loss, 1e-6 * Math.Abs(heavy.Loss));
    }

    [Fact]
    public void TheWeightGrowsFromNothing()
    {
        using var session = SmallDigits.Session(SmallDigits.Options with { KlWeight = 2, KlWarmUp = 4 });
        using var batch = SmallDigits.Batch(SmallDigits.Options);
        for (var taken = 0; taken < 6; taken++)
        {
            var step = session.Svi.Step(batch);
            var weight = Math.Min(2, 2 * taken / 4.0);
            Assert.Equal(-step.LogLikelihood + (weight * step.Kl), step.Loss, 1e-6 * Math.Abs(step.Loss));
        }
    }

    [Fact]
    public void TheImportanceWeightedBoundLiesAboveTheElbo()
    {
        using var session = SmallDigits.Session(SmallDigits.Options with { Objective = Objective.Iwae, Particles = 20 });
        using var batch = SmallDigits.Batch(SmallDigits.Options);
        var step = session.Svi.Evaluate(batch, key: Key);
        // Jensen's inequality at the very draws, so no error bound is needed; an untrained model's draws differ by nats.
        Assert.True(session.BoundOf(step) > step.Elbo + SmallDigits.Count);
    }
}
