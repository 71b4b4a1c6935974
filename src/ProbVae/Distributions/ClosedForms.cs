using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The closed forms of KL(q ‖ p) that <see cref="KlRegistry.Standard"/> holds. Pairs of one family have their own form; the others are
/// −H(q) − E_q[log p] with the <see cref="Expectations"/> that p's log density asks for. A Delta has no density, so it has none;
/// pairs where the divergence is always infinite are left out.
/// </summary>
internal static partial class ClosedForms
{
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    public static KlRegistry Register(KlRegistry registry) => RegisterVectors(RegisterDiscrete(RegisterContinuous(registry)))
        .With<Bernoulli, Bernoulli>(BernoulliBernoulli)
        .With<Categorical, Categorical>(CategoricalCategorical)
        .With<Normal, Normal>((q, p) => OfNormals(q.Loc, q.Scale, p.Loc, p.Scale), (q, p) => KnownOfNormals(q.Loc, q.Scale, p.Loc, p.Scale))
        .With<LogNormal, LogNormal>((q, p) => OfNormals(q.Loc, q.Scale, p.Loc, p.Scale), (q, p) => KnownOfNormals(q.Loc, q.Scale, p.Loc, p.Scale))
        .With<HalfNormal, HalfNormal>((q, p) => OfNormals(zeros_like(q.Scale), q.Scale, zeros_like(p.Scale), p.Scale))
        .With<Laplace, Laplace>(LaplaceLaplace)
        .WithPrecise<Beta, Beta>(BetaBeta)
        .WithPrecise<Uniform, Uniform>((q, p) => OnlyWhere(Inside(q, p.Low, p.High), ToUniform(p, Expectations.Entropy(q))))
        .WithPrecise<Exponential, Exponential>((q, p) => OfGammas(ones_like(q.Rate), q.Rate, ones_like(p.Rate), p.Rate))
        .WithPrecise<Gamma, Gamma>((q, p) => OfGammas(q.Concentration, q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Exponential, Gamma>((q, p) => OfGammas(ones_like(q.Rate), q.Rate, p.Concentration, p.Rate))
        .WithPrecise<Gamma, Exponential>((q, p) => OfGammas(q.Concentration, q.Rate, ones_like(p.Rate), p.Rate))
        .WithPrecise<Laplace, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<LogNormal, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<HalfNormal, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Uniform, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Exponential, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Gamma, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Beta, Normal>((q, p) => ToNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Normal, Laplace>((q, p) => ToLaplace(q, p, Expectations.Entropy(q), Expectations.Shortfall(q, p.Loc)))
        .WithPrecise<HalfNormal, Laplace>((q, p) => ToLaplace(q, p, Expectations.Entropy(q), Expectations.Shortfall(q, p.Loc)))
        .WithPrecise<Uniform, Laplace>((q, p) => ToLaplace(q, p, Expectations.Entropy(q), Expectations.Shortfall(q, p.Loc)))
        .WithPrecise<Exponential, Laplace>((q, p) => ToLaplace(q, p, Expectations.Entropy(q), Expectations.Shortfall(q, p.Loc)))
        .With<LogNormal, HalfNormal>(LogNormalHalfNormal, KnownLogNormalHalfNormal)
        .WithPrecise<Uniform, HalfNormal>((q, p) => OnlyWhere(q.Low.ge(0), ToHalfNormal(q, p, Expectations.Entropy(q))))
        .WithPrecise<Exponential, HalfNormal>((q, p) => ToHalfNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Gamma, HalfNormal>((q, p) => ToHalfNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<Beta, HalfNormal>((q, p) => ToHalfNormal(q, p, Expectations.Entropy(q)))
        .WithPrecise<LogNormal, Exponential>((q, p) => ToExponential(q, p, Expectations.Entropy(q)))
        .WithPrecise<HalfNormal, Exponential>((q, p) => ToExponential(q, p, Expectations.Entropy(q)))
        .WithPrecise<Uniform, Exponential>((q, p) => OnlyWhere(q.Low.ge(0), ToExponential(q, p, Expectations.Entropy(q))))
        .WithPrecise<Beta, Exponential>((q, p) => ToExponential(q, p, Expectations.Entropy(q)))
        .WithPrecise<LogNormal, Gamma>((q, p) => ToGamma(q, p, Expectations.Entropy(q), Expectations.OfLog(q).Mean))
        .WithPrecise<HalfNormal, Gamma>((q, p) => ToGamma(q, p, Expectations.Entropy(q), Expectations.OfLog(q).Mean))
        .WithPrecise<Uniform, Gamma>((q, p) => OnlyWhere(q.Low.ge(0), ToGamma(q, p, Expectations.Entropy(q), Expectations.OfLog(q).Mean)))
        .WithPrecise<Beta, Gamma>((q, p) => ToGamma(q, p, Expectations.Entropy(q), Expectations.OfLog(q).Mean))
        .WithPrecise<HalfNormal, LogNormal>((q, p) => ToLogNormal(p, Expectations.Entropy(q), Expectations.OfLog(q)))
        .WithPrecise<Uniform, LogNormal>((q, p) => OnlyWhere(q.Low.ge(0), ToLogNormal(p, Expectations.Entropy(q), Expectations.OfLog(q))))
        .WithPrecise<Exponential, LogNormal>((q, p) => ToLogNormal(p, Expectations.Entropy(q), Expectations.OfLog(q)))
        .WithPrecise<Gamma, LogNormal>((q, p) => ToLogNormal(p, Expectations.Entropy(q), Expectations.OfLog(q)))
        .WithPrecise<Beta, LogNormal>((q, p) => ToLogNormal(p, Expectations.Entropy(q), Expectations.OfLog(q)))
        .WithPrecise<Beta, Uniform>((q, p) => OnlyWhere(p.Low.le(0).logical_and(p.High.ge(1)), ToUniform(p, Expectations.Entropy(q))))
        .WithPrecise<Uniform, Beta>(UniformBeta);

    // Σ q (log q − log p), where a q of 0 adds nothing whatever its logarithms are.
    private static Tensor RelativeEntropy(Tensor q, Tensor logQ, Tensor logP)
    {
        var nothing = q.eq(0);
        return q.mul(logQ.masked_fill(nothing, 0).sub(logP.masked_fill(nothing, 0)));
    }

    private static Tensor BernoulliBernoulli(Bernoulli q, Bernoulli p)
    {
        var (mass, logQ, logP) = (q.Masses, q.LogMasses, p.LogMasses);
        return RelativeEntropy(mass.One, logQ.One, logP.One).add(RelativeEntropy(mass.Zero, logQ.Zero, logP.Zero));
    }

    private static Tensor CategoricalCategorical(Categorical q, Categorical p) => q.Categories == p.Categories
        ? RelativeEntropy(q.Probs, q.LogProbs, p.LogProbs).sum(-1)
        : throw new ArgumentException($"KL(Categorical ‖ Categorical): q has {q.Categories} categories and p has {p.Categories}; they must have the same.", nameof(p));

    // log(σp/σq) + (σq² + (μq − μp)²) / 2σp² − 1/2; the same for two half-normals (μ = 0) and for the logarithms of two log-normals.
    private static ScaledTensor OfNormals(Tensor locQ, Tensor scaleQ, Tensor locP, Tensor scaleP)
    {
        var (ratio, distance, _) = Standardized(locQ, scaleQ, locP, scaleP);
        return OfRatio(ratio, distance);
    }

    private static ScaledTensor OfRatio(Tensor ratio, Tensor distance)
    {
        var log = ratio.log();
        return new(ratio.mul(ratio).add(distance.mul(distance)).sub(log.add(log)), 0.5, -0.5);
    }

    // With r = σq/σp and d = (μq − μp)/σp, the slopes of r² + d² − 2 log r are ±2d/σp in μq and μp, 2 (r² − 1)/σq in σq, 2 (1 − r² − d²)/σp in σp.
    private static ScaledTensor KnownOfNormals(Tensor locQ, Tensor scaleQ, Tensor locP, Tensor scaleP)
    {
        using var noGrad = no_grad();
        var (ratio, distance, unit) = Standardized(locQ, scaleQ, locP, scaleP);
        return OfRatio(ratio, distance).WithGradient(
            (locQ, factor => Over(distance, scaleP, unit).mul(2 * factor)),
            (scaleQ, factor => ratio.mul(ratio).sub_(1).mul_(2 * factor).div_(scaleQ)),
            (locP, factor => Over(distance, scaleP, unit).mul(-2 * factor)),
            (scaleP, factor => ratio.mul(ratio).add(distance.mul(distance)).sub_(1).mul_(-2 * factor).div_(scaleP)));
    }

    // σq/σp, (μq − μp)/σp, and whether σp is the number 1.
    private static (Tensor Ratio, Tensor Distance, bool Unit) Standardized(Tensor locQ, Tensor scaleQ, Tensor locP, Tensor scaleP)
    {
        var unit = IsNumber(scaleP, 1);
        return (Over(scaleQ, scaleP, unit), Over(Minus(locQ, locP), scaleP, unit), unit);
    }

    // The 0 and the 1 of a standard prior cost no operation.
    private static Tensor Minus(Tensor value, Tensor subtrahend) => IsNumber(subtrahend, 0) ? value : value.sub(subtrahend);

    private static Tensor Over(Tensor value, Tensor divisor, bool unit) => unit ? value : value.div(divisor);

    private static bool IsNumber(Tensor tensor, double number) => NumberIn(tensor) == number;

    // A number that a program wrote, as a prior's; null for what is computed or trained.
    private static double? NumberIn(Tensor tensor) =>
        tensor.dim() == 0 && tensor.device_type == TorchSharp.DeviceType.CPU && !tensor.requires_grad ? HostNumbers.Single(tensor) : null;

    // log(σp/σq) − μ + E x² / 2σp² + log √(π/2) − log √(2πe), E x² = exp(2μ + 2σq²)
    private static ScaledTensor LogNormalHalfNormal(LogNormal q, HalfNormal p) => OfMeanSquare(q, p, MeanSquare(q, p));

    private static ScaledTensor OfMeanSquare(LogNormal q, HalfNormal p, Tensor square)
    {
        var logs = q.Scale.log().add(q.Loc);
        var offset = -Math.Log(2) - 0.5;
        if (NumberIn(p.Scale) is { } scale)
        {
            offset += Math.Log(scale);
        }
        else
        {
            logs = logs.sub(p.Scale.log());
        }

        return new(square.sub(logs.add(logs)), 0.5, offset);
    }

    private static Tensor MeanSquare(LogNormal q, HalfNormal p)
    {
        var root = q.Loc.add(q.Scale.mul(q.Scale)).exp().div(p.Scale);
        return root.mul(root);
    }

    // With m = E x² / σ², the slopes of m − 2 (log(σq/σ) + μ) are 2 (m − 1) in μ, 2 (2σq m − 1/σq) in σq and 2 (1 − m)/σ in σ.
    private static ScaledTensor KnownLogNormalHalfNormal(LogNormal q, HalfNormal p)
    {
        using var noGrad = no_grad();
        var square = MeanSquare(q, p);
        return OfMeanSquare(q, p, square).WithGradient(
            (q.Loc, factor => square.sub(1).mul_(2 * factor)),
            (q.Scale, factor => square.mul(q.Scale).mul_(4 * factor).add_(q.Scale.reciprocal(), -2 * factor)),
            (p.Scale, factor => square.sub(1).mul_(-2 * factor).div(p.Scale)));
    }

    // log(bp/bq) + (bq exp(−|δ|/bq) + |δ|) / bp − 1, δ = μq − μp
    private static Tensor LaplaceLaplace(Laplace q, Laplace p)
    {
        var distance = q.Loc.sub(p.Loc).abs();
        var ratio = q.Scale.div(p.Scale);
        return ratio.mul(distance.div(q.Scale).neg().exp()).add(distance.div(p.Scale)).sub(ratio.log()).sub(1);
    }

    private static Tensor BetaBeta(Beta q, Beta p)
    {
        var weights = broadcast_tensors(q.Concentration1, q.Concentration0, p.Concentration1, p.Concentration0);
        return Stirling.DirichletDivergence(stack([weights[0], weights[1]], -1), stack([weights[2], weights[3]], -1));
    }

    // (αq − αp) ψ(αq) + log Γ(αp)/Γ(αq) + αp log(βq/βp) + αq (βp/βq − 1); an Exponential is a Gamma with α = 1.
    private static Tensor OfGammas(Tensor shapeQ, Tensor rateQ, Tensor shapeP, Tensor rateP) => Stirling.GammaDivergence(shapeQ, rateQ, shapeP, rateP);

    // −E log p = log σ + log √(2π) + (Var x + (E x − μ)²) / 2σ²
    private static Tensor ToNormal(Distribution q, Normal p, Tensor entropy) =>
        q.Variance.add(q.Mean.sub(p.Loc).square()).div(p.Scale.square().mul(2)).add(p.Scale.log()).add(HalfLogTwoPi).sub(entropy);

    // −E log p = log 2b + E|x − μ| / b
    private static Tensor ToLaplace(Distribution q, Laplace p, Tensor entropy, Tensor shortfall) =>
        q.Mean.sub(p.Loc).add(shortfall.mul(2)).div(p.Scale).add(p.Scale.mul(2).log()).sub(entropy);

    // −E log p = log σ + log √(π/2) + E x² / 2σ²
    private static Tensor ToHalfNormal(Distribution q, HalfNormal p, Tensor entropy) =>
        q.Variance.add(q.Mean.square()).div(p.Scale.square().mul(2)).add(p.Scale.log()).add(HalfLogTwoPi - Math.Log(2)).sub(entropy);

    // −E log p = λ E x − log λ
    private static Tensor ToExponential(Distribution q, Exponential p, Tensor entropy) => q.Mean.mul(p.Rate).sub(p.Rate.log()).sub(entropy);

    // −E log p = β E x − (α − 1) E log x − α log β + log Γ(α)
    private static Tensor ToGamma(Distribution q, Gamma p, Tensor entropy, Tensor meanLog) =>
        q.Mean.mul(p.Rate).sub(p.Concentration.sub(1).mul(meanLog)).sub(p.Concentration.mul(p.Rate.log())).add(p.Concentration.lgamma()).sub(entropy);

    // −E log p = E log x + log σ + log √(2π) + (Var log x + (E log x − μ)²) / 2σ²
    private static Tensor ToLogNormal(LogNormal p, Tensor entropy, (Tensor Mean, Tensor Variance) log) =>
        log.Variance.add(log.Mean.sub(p.Loc).square()).div(p.Scale.square().mul(2)).add(p.Scale.log()).add(HalfLogTwoPi).add(log.Mean).sub(entropy);

    // −E log p = log(b − a), where q lies inside
    private static Tensor ToUniform(Uniform p, Tensor entropy) => p.High.sub(p.Low).log().sub(entropy);

    // −E log p = log B − (α − 1) E log x − (β − 1) E log(1 − x)
    private static Tensor UniformBeta(Uniform q, Beta p)
    {
        var divergence = p.LogNormalizer.sub(p.Concentration1.sub(1).mul(Expectations.OfLog(q).Mean))
            .sub(p.Concentration0.sub(1).mul(Expectations.OfLogComplement(q).Mean)).sub(Expectations.Entropy(q));
        return OnlyWhere(Inside(q, tensor(0.0), tensor(1.0)), divergence);
    }

    private static Tensor Inside(Uniform q, Tensor low, Tensor high) => q.Low.ge(low).logical_and(q.High.le(high));

    private static Tensor OnlyWhere(Tensor finite, Tensor divergence) => where(finite, divergence, full_like(divergence, double.PositiveInfinity));
}
