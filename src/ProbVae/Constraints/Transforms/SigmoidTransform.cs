using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = σ(x) = 1 / (1 + e⁻ˣ), with log |dy/dx| = log σ(x) + log σ(−x). y is kept from rounding to 0 and 1.</summary>
public sealed class SigmoidTransform : Transform
{
    /// <inheritdoc/>
    public override Support Codomain => Support.OpenUnitInterval;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.sigmoid().KeptInsideUnitInterval();
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        var inside = y.KeptInsideUnitInterval();
        return inside.log().sub(inside.neg().log1p());
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.log_sigmoid().add(x.neg().log_sigmoid());
    }
}
