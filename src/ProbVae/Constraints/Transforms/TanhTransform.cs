using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = tanh x, with log |dy/dx| = 2 log(1 / cosh x) = 2 (log 2 − |x| − log(1 + e^(−2|x|))). y is kept from rounding to ±1.</summary>
public sealed class TanhTransform : Transform
{
    private static readonly Interval OpenUnitBall = new(-1, 1, lowerIncluded: false, upperIncluded: false);

    /// <inheritdoc/>
    public override Support Codomain => OpenUnitBall;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return KeptInside(x.tanh());
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return KeptInside(y).atanh();
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => x.LogSech().mul(2);

    private static Tensor KeptInside(Tensor y)
    {
        var limit = 1 - finfo(y.dtype).eps / 2;
        return y.clamp(-limit, limit);
    }
}
