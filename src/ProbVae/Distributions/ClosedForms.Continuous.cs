using static TorchSharp.torch;

namespace ProbVae;

/// <content>The closed forms of the other continuous univariate families.</content>
internal static partial class ClosedForms
{
    private const double EulerGamma = 0.57721566490153286061;

    private static KlRegistry RegisterContinuous(KlRegistry registry) => registry
        .WithPrecise<Cauchy, Cauchy>((q, p) => OfCauchys(q.Loc.sub(p.Loc), q.Scale, p.Scale))
        .WithPrecise<HalfCauchy, HalfCauchy>((q, p) => OfCauchys(zeros_like(q.Scale), q.Scale, p.Scale))
        .WithPrecise<Gumbel, Gumbel>(GumbelGumbel)
        .WithPrecise<Normal, Gumbel>((q, p) => ToGumbel(q, p, q.Scale.div(p.Scale).square().mul(0.5).sub(q.Loc.div(p.Scale)), Expectations.Entropy(q)))
        .WithPrecise<Uniform, Gumbel>((q, p) => ToGumbel(q, p, LogTransform(q, p.Scale), Expectations.Entropy(q)))
        .WithPrecise<Exponential, Gumbel>((q, p) => ToGumbel(q, p, q.Rate.mul(p.Scale).reciprocal().log1p().neg(), Expectations.Entropy(q)))
        .WithPrecise<Gamma, Gumbel>((q, p) => ToGumbel(q, p, q.Rate.mul(p.Scale).reciprocal().log1p().mul(q.Concentration).neg(), Expectations.Entropy(q)))
        .WithPrecise<Gumbel, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Logistic, Normal>((q, p) => ToNormal(q, p, q.Scale.log().add(2)))
        .WithPrecise<Pareto, Pareto>((q, p) => OnlyWhere(q.Scale.ge(p.Scale), ParetoPareto(q, p)))
        .WithPrecise<Pareto, Exponential>((q, p) => ToExponential(q, p, Expectations.Entropy(q)))
        .WithPrecise<Pareto, Gamma>((q, p) => ToGamma(q, p, Expectations.Entropy(q), q.Scale.log().add(q.Alpha.reciprocal())))
        .WithPrecise<Pareto, Normal>((q, p) => OnlyWhere(q.Alpha.gt(2), ToNormal(q, p, Expectations.Entropy(q))))
        .WithPrecise<Uniform, Pareto>((q, p) => OnlyWhere(q.Low.ge(p.Scale), UniformPareto(q, p)))
        .WithPrecise<Weibull, Weibull>((q, p) => OfWeibulls(q.Scale, q.Concentration, p.Scale, p.Concentration))
        .WithPrecise<Weibull, Exponential>((q, p) => OfWeibulls(q.Scale, q.Concentration, p.Rate.reciprocal(), ones_like(p.Rate)))
        .WithPrecise<Exponential, Weibull>((q, p) => OfWeibulls(q.Rate.reciprocal(), ones_like(q.Rate), p.Scale, p.Concentration))
        .WithPrecise<Weibull, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Weibull, Gamma>((q, p) => ToGamma(q, p, Expectations.Entropy(q), q.Scale.log().sub(q.Concentration.reciprocal().mul(EulerGamma))))
        .WithPrecise<InverseGamma, InverseGamma>((q, p) => OfGammas(q.Concentration, q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Chi2, Chi2>((q, p) => OfGammas(q.Concentration, q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Chi2, Gamma>((q, p) => OfGammas(q.Concentration, q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Gamma, Chi2>((q, p) => OfGammas(q.Concentration, q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Chi2, Exponential>((q, p) => OfGammas(q.Concentration, q.Rate, ones_like(p.Rate), p.Rate))
        .WithPrecise<Exponential, Chi2>((q, p) => OfGammas(ones_like(q.Rate), q.Rate, p.Concentration, p.Rate))
        .WithPrecise<VonMises, VonMises>(VonMisesVonMises)
        .WithPrecise<ContinuousBernoulli, ContinuousBernoulli>((q, p) =>
            q.Logits.sub(p.Logits).mul(q.MeanExcess).add(p.LogNormalizer).sub(q.LogNormalizer))
        .WithPrecise<ContinuousBernoulli, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<ContinuousBernoulli, Exponential>((q, p) => ToExponential(q, p, Expectations.Entropy(q)))
        .WithPrecise<ContinuousBernoulli, Uniform>((q, p) => OnlyWhere(p.Low.le(0).logical_and(p.High.ge(1)), ToUniform(p, Expectations.Entropy(q))))
        .WithPrecise<Uniform, ContinuousBernoulli>((q, p) => OnlyWhere(Inside(q, tensor(0.0), tensor(1.0)), ToContinuousBernoulli(q, p, Expectations.Entropy(q))))
        .WithPrecise<Beta, ContinuousBernoulli>((q, p) => ToContinuousBernoulli(q, p, Expectations.Entropy(q)))
        .WithPrecise<TruncatedNormal, TruncatedNormal>((q, p) => OnlyWhere(q.Low.ge(p.Low).logical_and(q.High.le(p.High)),
            p.LogNormalizer.add(p.ExpectedHalfSquare(q)).sub(q.LogNormalizer.add(q.ExpectedHalfSquare(q)))))
        .WithPrecise<TruncatedNormal, Normal>((q, p) => ToNormal(q, p, q.LogNormalizer.add(q.ExpectedHalfSquare(q))));

    // log(((γq + γp)² + δ²) / 4γqγp) (Chyzak and Nielsen 2019); the same for two half-Cauchys (δ = 0).
    private static Tensor OfCauchys(Tensor distance, Tensor scaleQ, Tensor scaleP) =>
        scaleQ.sub(scaleP).square().add(distance.square()).div(scaleQ.mul(scaleP).mul(4)).log1p();

    // δ + γ (r − 1) − log r + Γ(r + 1) e^(−δ) − 1, r = βq/βp, δ = (μq − μp)/βp
    private static Tensor GumbelGumbel(Gumbel q, Gumbel p)
    {
        var (ratio, distance) = (q.Scale.div(p.Scale), q.Loc.sub(p.Loc).div(p.Scale));
        return distance.add(ratio.sub(1).mul(EulerGamma)).sub(ratio.log()).add(ratio.add(1).lgamma().sub(distance).exp()).sub(1);
    }

    // −E log p = log β + E z + E e^(−z), z = (x − μ)/β, where E e^(−x/β) is given by its logarithm
    private static Tensor ToGumbel(Distribution q, Gumbel p, Tensor logTransform, Tensor entropy) =>
        q.Mean.sub(p.Loc).div(p.Scale).add(logTransform.add(p.Loc.div(p.Scale)).exp()).add(p.Scale.log()).sub(entropy);

    // log E e^(−x/β) = −a/β + log (1 − e^(−w))/w, w = (b − a)/β
    private static Tensor LogTransform(Uniform q, Tensor scale)
    {
        var width = q.High.sub(q.Low).div(scale);
        return width.neg().expm1().neg().div(width).log().sub(q.Low.div(scale));
    }

    // log αq/αp + αp log sq/sp + αp/αq − 1
    private static Tensor ParetoPareto(Pareto q, Pareto p)
    {
        var gap = Stirling.Deviance(p.Alpha.sub(q.Alpha), p.Alpha, q.Alpha).div(q.Alpha);
        return LogRatio.Of(q.Scale, p.Scale).mul(p.Alpha).add(gap);
    }

    // −E log p = (α + 1) E log x − log α − α log s
    private static Tensor UniformPareto(Uniform q, Pareto p) =>
        p.Alpha.add(1).mul(Expectations.OfLog(q).Mean).sub(p.Alpha.log()).sub(p.Alpha.mul(p.Scale.log())).sub(Expectations.Entropy(q));

    // γ (r − 1) − log r − kp log λq/λp + Γ(r + 1) (λq/λp)^kp − 1, r = kp/kq
    // (Bauckhage 2013, Computing the Kullback-Leibler Divergence between two Weibull Distributions)
    private static Tensor OfWeibulls(Tensor scaleQ, Tensor shapeQ, Tensor scaleP, Tensor shapeP)
    {
        var (ratio, log) = (shapeP.div(shapeQ), scaleQ.div(scaleP).log().mul(shapeP));
        return ratio.sub(1).mul(EulerGamma).sub(ratio.log()).sub(log).add(ratio.add(1).lgamma().add(log).exp()).sub(1);
    }

    // log I₀(κp)/I₀(κq) + A(κq) (κq − κp cos δ), with e^(−κ) taken out of both Bessel functions
    private static Tensor VonMisesVonMises(VonMises q, VonMises p)
    {
        var (variance, sine) = (q.CircularVariance, q.Loc.sub(p.Loc).mul(0.5).sin());
        return p.LogScaledBessel.sub(q.LogScaledBessel).add(p.Concentration.sub(q.Concentration).mul(variance))
            .add((1 - variance).mul(p.Concentration).mul(sine.square()).mul(2));
    }

    // −E log p = g(l) − l (E x − ½)
    private static Tensor ToContinuousBernoulli(Distribution q, ContinuousBernoulli p, Tensor entropy) =>
        p.LogNormalizer.sub(p.Logits.mul(q.Mean.sub(0.5))).sub(entropy);
}
