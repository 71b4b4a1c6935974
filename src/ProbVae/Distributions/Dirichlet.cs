using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Dirichlet(α): p(x) = Γ(Σ αₖ) Π xₖ^(αₖ−1) / Γ(αₖ), with respect to all coordinates but one. Support: the simplex. Drawn as gamma
/// variables divided by their sum (Devroye 1986, Non-Uniform Random Variate Generation, XI.4), by their logarithms, so that a small α
/// leaves a vertex and not 0/0; gradients by implicit reparameterization of the gamma draws (Figurnov, Mohamed and Mnih 2018).
/// </summary>
public sealed class Dirichlet : Distribution, IReparameterized
{
    /// <summary>A distribution over vectors of probabilities.</summary>
    /// <param name="concentration">Concentrations α, along the last axis. Range: αₖ &gt; 0.</param>
    /// <exception cref="ArgumentException">It is no vector, or a number lies outside its range.</exception>
    public Dirichlet(TensorLike concentration)
        : base([("concentration", concentration, Support.Positive, 1)], ElementShape(concentration.Shape))
    {
    }

    /// <summary>Concentrations α.</summary>
    public Tensor Concentration => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Simplex;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(dirichlet => dirichlet.Concentration.SumOfOthers().div(dirichlet.Concentration).add(1).reciprocal()));

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            var total = Total.unsqueeze(-1);
            return Spread(Concentration.div(total).mul(Concentration.SumOfOthers().div(total)).div(total.add(1)));
        }
    }

    /// <summary>Σ αₖ.</summary>
    private Tensor Total => Concentration.sum(dim: -1);

    /// <summary>log B(α) = Σ log Γ(αₖ) − log Γ(Σ αₖ).</summary>
    private Tensor LogNormalizer => Concentration.lgamma().sum(dim: -1).sub(Total.lgamma());

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => this.Precisely(dirichlet => Stirling.DirichletEntropy(dirichlet.Concentration));

    /// <summary>(αₖ − 1) / (Σ α − K); NaN where an αₖ is at most 1, so that the density has no maximum inside.</summary>
    protected override Tensor? ElementMode
    {
        get
        {
            var excess = Concentration.sub(1);
            var inside = excess.gt(0).all(-1, keepdim: true);
            return where(inside, excess.div(excess.sum(dim: -1, keepdim: true)), full_like(excess, double.NaN));
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var exponents = Concentration.sub(1);
        // A value that was made from its logarithms is scored by them.
        if (LogCoordinates.Of(value) is { } logarithms && Extremes.Greatest(Concentration) <= Stirling.Everyday)
        {
            return exponents.mul(logarithms).sum(dim: -1).sub(LogNormalizer);
        }

        if (!Stirling.IsEveryday(Concentration))
        {
            return this.Precisely(value, (dirichlet, x) => Stirling.LogDirichletDensity(dirichlet.Concentration, x));
        }

        // xlogy: a probability of 0 counts nothing where α is 1.
        return xlogy(exponents, value).sum(dim: -1).sub(LogNormalizer);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var logarithms = Stirling.IsEveryday(Concentration) ? LogShare(this) : this.Precisely(LogShare);
        return logarithms.softmax(-1).clamp_min(finfo(DType).tiny).WithLogarithms(logarithms);

        Tensor LogShare(Dirichlet dirichlet) => StandardGamma.LogDraw(dirichlet.Concentration, shape, generator).log_softmax(-1);
    }

    private static Shape ElementShape(Shape concentration) => concentration.Rank >= 1
        ? concentration[^1..]
        : throw new ArgumentException("Dirichlet: concentration is a number; it must be a vector of one number for each probability.", nameof(concentration));
}
