using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = log(1 + eˣ), with x = y + log(1 − e⁻ʸ) and log |dy/dx| = log σ(x). y is kept from rounding to 0.</summary>
public sealed class SoftplusTransform : Transform
{
    /// <inheritdoc/>
    public override Support Codomain => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.LogOnePlusExp().KeptPositive();
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return y.add(y.neg().expm1().neg().LogInRange());
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.log_sigmoid();
    }
}
