using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// DirichletMultinomial(n, α): P(x) = n! Γ(A) / Γ(n + A) Π Γ(xₖ + αₖ) / (xₖ! Γ(αₖ)), A = Σ αₖ: a Multinomial(n, p) with p ~ Dirichlet(α).
/// Support: vectors of whole numbers that sum to n. Drawn as that (Johnson, Kotz and Balakrishnan 1997, Discrete Multivariate
/// Distributions, 35.13.1). The density is worked out in float64: it is a small difference of large logarithms.
/// </summary>
public sealed class DirichletMultinomial : Distribution
{
    /// <summary>A Dirichlet-multinomial distribution of each element.</summary>
    /// <param name="totalCount">Number of draws n. Range: a whole number ≥ 0.</param>
    /// <param name="concentration">Weights α of the categories along the last axis. Range: αₖ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public DirichletMultinomial(TensorLike totalCount, TensorLike concentration)
        : base(
            [("totalCount", Counts.Whole("DirichletMultinomial", totalCount, concentration), Support.NonNegativeIntegers, 0), ("concentration", concentration, Support.Positive, 1)],
            LastAxis.Of(concentration))
    {
    }

    /// <summary>Number of draws n.</summary>
    public Tensor TotalCount => Arguments[0].Value;

    /// <summary>Weights α of the categories, along the last axis.</summary>
    public Tensor Concentration => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => new CountVectors(TotalCount);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Concentration.SumOfOthers().div(q.Concentration).add(1).reciprocal().mul(q.TotalCount.unsqueeze(-1))));

    /// <summary>The variance n pₖ (1 − pₖ) (n + A) / (1 + A), p = α/A.</summary>
    public override Tensor Variance
    {
        get
        {
            var (draws, sum) = (TotalCount.unsqueeze(-1), Concentration.sum(-1, keepdim: true));
            return Spread(draws.mul(Share).mul(Concentration.SumOfOthers().div(sum)).mul(draws.add(sum).div(sum.add(1))));
        }
    }

    private Tensor Share => Concentration.div(Concentration.sum(-1, keepdim: true));

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (total, count, weights) = (TotalCount.to(ScalarType.Float64), value.to(ScalarType.Float64), Concentration.to(ScalarType.Float64));
        if (!Stirling.IsEverydayCompound(total, weights))
        {
            return Stirling.LogCompoundMass(count, weights).to(DType);
        }

        var sum = weights.sum(-1);
        var categories = count.add(weights).lgamma().sub(weights.lgamma()).sub(count.add(1).lgamma()).sum(-1);
        return categories.add(sum.lgamma()).sub(total.add(sum).lgamma()).add(total.add(1).lgamma()).to(DType);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var probs = StandardGamma.LogDraw(Concentration.to(ScalarType.Float64), shape, generator).softmax(-1);
        return Counts.MultinomialDraw(TotalCount, probs, shape, generator).to(DType);
    }
}
