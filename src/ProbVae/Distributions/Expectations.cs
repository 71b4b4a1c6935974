using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Entropies and expectations under each family that <see cref="ClosedForms"/> is built from, of each element. Sources: Johnson, Kotz
/// and Balakrishnan 1994, Continuous Univariate Distributions; what they omit is integrated by hand and held against quadrature in the tests.
/// </summary>
internal static partial class Expectations
{
    private const double EulerGamma = 0.57721566490153286061;

    private static readonly double LogTwo = Math.Log(2);
    private static readonly double HalfLogTwoPiE = 0.5 * Math.Log(2 * Math.PI * Math.E);

    public static Tensor Entropy(Normal q) => q.Scale.log().add(HalfLogTwoPiE);

    public static Tensor Entropy(Laplace q) => q.Scale.log().add(LogTwo + 1);

    public static Tensor Entropy(LogNormal q) => q.Scale.log().add(HalfLogTwoPiE).add(q.Loc);

    public static Tensor Entropy(HalfNormal q) => q.Scale.log().add(HalfLogTwoPiE - LogTwo);

    public static Tensor Entropy(Uniform q) => q.High.sub(q.Low).log();

    public static Tensor Entropy(Exponential q) => 1 - q.Rate.log();

    public static Tensor Entropy(Gamma q) => Stirling.GammaEntropy(q.Concentration).sub(q.Rate.log());

    public static Tensor Entropy(Beta q) => Stirling.DirichletEntropy(stack([.. broadcast_tensors(q.Concentration1, q.Concentration0)], -1));

    /// <summary>E log x and Var log x.</summary>
    public static (Tensor Mean, Tensor Variance) OfLog(LogNormal q) => (q.Loc, q.Scale.square());

    /// <inheritdoc cref="OfLog(LogNormal)"/>
    public static (Tensor Mean, Tensor Variance) OfLog(HalfNormal q) =>
        (q.Scale.log().sub((EulerGamma + LogTwo) / 2), full_like(q.Scale, Math.PI * Math.PI / 8));

    /// <inheritdoc cref="OfLog(LogNormal)"/>
    public static (Tensor Mean, Tensor Variance) OfLog(Exponential q) =>
        (q.Rate.log().neg().sub(EulerGamma), full_like(q.Rate, Math.PI * Math.PI / 6));

    /// <inheritdoc cref="OfLog(LogNormal)"/>
    public static (Tensor Mean, Tensor Variance) OfLog(Gamma q) =>
        (q.Concentration.digamma().sub(q.Rate.log()), q.Concentration.polygamma(1));

    /// <inheritdoc cref="OfLog(LogNormal)"/>
    public static (Tensor Mean, Tensor Variance) OfLog(Beta q) => OfLogBeta(q.Concentration1, q.Concentration0);

    /// <summary>E log(1 − x) and Var log(1 − x): 1 − x ~ Beta(β, α).</summary>
    public static (Tensor Mean, Tensor Variance) OfLogComplement(Beta q) => OfLogBeta(q.Concentration0, q.Concentration1);

    /// <inheritdoc cref="OfLog(LogNormal)"/>
    public static (Tensor Mean, Tensor Variance) OfLog(Uniform q) => OfLogUniform(q.Low, q.High);

    /// <summary>E log(1 − x) and Var log(1 − x): 1 − x ~ Uniform(1 − b, 1 − a).</summary>
    public static (Tensor Mean, Tensor Variance) OfLogComplement(Uniform q) => OfLogUniform(1 - q.High, 1 - q.Low);

    /// <summary>E max(m − x, 0), from which E|x − m| = E x − m + 2 E max(m − x, 0).</summary>
    public static Tensor Shortfall(Normal q, Tensor m)
    {
        var z = m.sub(q.Loc).div(q.Scale);
        return q.Scale.mul(z.mul(NormalCdf(z)).add(NormalDensity(z)));
    }

    /// <inheritdoc cref="Shortfall(Normal, Tensor)"/>
    public static Tensor Shortfall(HalfNormal q, Tensor m)
    {
        var z = m.clamp_min(0).div(q.Scale);
        return q.Scale.mul(z.mul(z.div(Math.Sqrt(2)).erf()).add(NormalDensity(z).sub(1 / Math.Sqrt(2 * Math.PI)).mul(2)));
    }

    /// <inheritdoc cref="Shortfall(Normal, Tensor)"/>
    public static Tensor Shortfall(Exponential q, Tensor m)
    {
        var z = m.clamp_min(0).mul(q.Rate);
        return z.add(z.neg().expm1()).div(q.Rate);
    }

    /// <inheritdoc cref="Shortfall(Normal, Tensor)"/>
    public static Tensor Shortfall(Uniform q, Tensor m) =>
        m.minimum(q.High).sub(q.Low).clamp_min(0).square().div(q.High.sub(q.Low).mul(2)).add(m.sub(q.High).clamp_min(0));

    private static Tensor NormalCdf(Tensor z) => z.div(Math.Sqrt(2)).erf().add(1).mul(0.5);

    private static Tensor NormalDensity(Tensor z) => z.square().mul(-0.5).exp().mul(1 / Math.Sqrt(2 * Math.PI));

    private static (Tensor Mean, Tensor Variance) OfLogBeta(Tensor alpha, Tensor beta) =>
        (Stirling.DigammaRising(alpha, beta).neg(), Stirling.TrigammaFalling(alpha, beta));

    // With t = (b − a)/b and L = log(1 − t): E log x = log b − 1 − (1 − t) L/t and Var log x = 1 − (1 − t) L²/t², for 0 ≤ a < b.
    private static (Tensor Mean, Tensor Variance) OfLogUniform(Tensor low, Tensor high)
    {
        var t = (1 - low.clamp_min(0).div(high)).KeptInsideUnitInterval();
        var slope = t.neg().log1p().div(t);
        return (high.log().sub(1).sub((1 - t).mul(slope)), 1 - (1 - t).mul(slope.square()));
    }
}
