using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>Families over counts and one-hot vectors.</content>
internal static partial class ClosedForms
{
    private static KlRegistry RegisterDiscrete(KlRegistry registry) => registry
        .With<OneHotCategorical, OneHotCategorical>(OneHots)
        .WithPrecise<Geometric, Geometric>(Geometrics)
        .WithPrecise<Poisson, Poisson>(Poissons)
        .WithPrecise<Binomial, Binomial>(Binomials)
        .WithPrecise<Multinomial, Multinomial>(Multinomials)
        .WithPrecise<Bernoulli, Poisson>(BernoulliPoisson)
        .WithPrecise<Bernoulli, Geometric>(BernoulliGeometric);

    private static Tensor OneHots(OneHotCategorical q, OneHotCategorical p) => RelativeEntropy(q.Probs, q.LogProbs, p.LogProbs).sum(-1);

    // log pq/pp + E k log (1 − pq)/(1 − pp)
    private static Tensor Geometrics(Geometric q, Geometric p) =>
        q.LogSuccess.sub(p.LogSuccess).add(p.MeanOfFailures(q)).sub(q.MeanOfFailures(q));

    // λq log λq/λp − λq + λp
    private static Tensor Poissons(Poisson q, Poisson p) => Stirling.DevianceByLog(p.Rate.sub(q.Rate), p.LogRate, q.Rate);

    // n KL(Bernoulli ‖ Bernoulli) where both have n trials; otherwise the sum over the counts of q, infinite where p cannot reach one.
    private static Tensor Binomials(Binomial q, Binomial p)
    {
        var (mass, logQ, logP) = (q.Masses, q.LogMasses, p.LogMasses);
        var ofTrial = RelativeEntropy(mass.One, logQ.One, logP.One).add(RelativeEntropy(mass.Zero, logQ.Zero, logP.Zero));
        var closed = ofTrial.mul(q.TotalCount);
        var same = q.TotalCount.eq(p.TotalCount);
        if (same.all().ToBoolean())
        {
            return closed;
        }

        var (total, batch) = (p.TotalCount, new Shape(closed.shape).BroadcastWith(new Shape(same.shape))!.Value);
        if (!MultinomialEntropy.IsFor(q.TotalCount))
        {
            return where(same, closed, Counts.Expect(q.TotalCount, batch, q.LogMass, Ratio));
        }

        long[] shape = batch.ToArray();
        var few = MultinomialEntropy.Marginal(q.TotalCount.expand(shape), mass.One.expand(shape), mass.Zero.expand(shape)).Expect(q.LogMass, Ratio);
        return where(same, closed, few.masked_fill(q.TotalCount.gt(total).logical_and(mass.One.gt(0)), double.PositiveInfinity));

        Tensor Ratio(Tensor count, Tensor log) => log.sub(p.LogMass(count.minimum(total)).masked_fill(count.gt(total), double.NegativeInfinity));
    }

    private static Tensor Multinomials(Multinomial q, Multinomial p) =>
        OnlyWhere(q.TotalCount.eq(p.TotalCount), RelativeEntropy(q.Probs, q.LogProbs, p.LogProbs).sum(-1).mul(q.TotalCount));

    // −H(q) + λ − p log λ: 0! and 1! are 1.
    private static Tensor BernoulliPoisson(Bernoulli q, Poisson p) => NegativeEntropy(q).add(p.Rate).sub(Counts.TimesLog(q.Probs, p.LogRate));

    // −H(q) − log pp − pq log(1 − pp)
    private static Tensor BernoulliGeometric(Bernoulli q, Geometric p) =>
        NegativeEntropy(q).sub(p.LogSuccess).sub(Counts.TimesLog(q.Probs, p.LogFailure));

    private static Tensor NegativeEntropy(Bernoulli q)
    {
        var (mass, log) = (q.Masses, q.LogMasses);
        return Counts.TimesLog(mass.One, log.One).add(Counts.TimesLog(mass.Zero, log.Zero));
    }
}
