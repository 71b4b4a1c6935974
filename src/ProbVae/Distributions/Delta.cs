using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Delta(v): all mass at the point v, log P(v) = 0 and −∞ elsewhere. Support: v alone. Reparameterized as v itself, so that a guide
/// of Deltas fits the mode of the posterior.
/// </summary>
public sealed class Delta : Distribution, IReparameterized
{
    /// <summary>A point mass of each element.</summary>
    /// <param name="value">The point v. Range: real.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public Delta(TensorLike value)
        : base([("value", value, Support.Real, 0)])
    {
    }

    /// <summary>The point v.</summary>
    public Tensor Value => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => new Point(Value);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Value);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(zeros_like(Value));

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return where(value.eq(Value), tensor(0.0, DType, Device), tensor(double.NegativeInfinity, DType, Device));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) => Value.expand(shape.ToArray());
}
