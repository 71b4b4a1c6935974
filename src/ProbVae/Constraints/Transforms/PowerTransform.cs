using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = xᵖ of an x &gt; 0, with log |dy/dx| = log |p| + (p − 1) log x. y is held between the ends of its type's normal numbers.</summary>
public sealed class PowerTransform : Transform
{
    /// <summary>A power of each element.</summary>
    /// <param name="exponent">The exponent p. Range: real, not 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is 0 or not finite.</exception>
    public PowerTransform(double exponent)
    {
        if (!double.IsFinite(exponent) || exponent == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "PowerTransform: the exponent must be a finite number other than 0.");
        }

        Exponent = exponent;
    }

    /// <summary>The exponent p.</summary>
    public double Exponent { get; }

    /// <inheritdoc/>
    public override Support Domain => Support.Positive;

    /// <inheritdoc/>
    public override Support Codomain => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.LogInRange().mul(Exponent).ExpInRange();

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => y.LogInRange().div(Exponent).ExpInRange();

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => x.LogInRange().mul(Exponent - 1).add(Math.Log(Math.Abs(Exponent)));
}
