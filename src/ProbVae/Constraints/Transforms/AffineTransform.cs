using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = loc + scale · x, with log |dy/dx| = log |scale|.</summary>
public sealed class AffineTransform : Transform
{
    private readonly TensorLike _loc;
    private readonly TensorLike _scale;

    /// <summary>An affine map of the real numbers, the same for every element or by element.</summary>
    /// <param name="loc">What is added. Range: real.</param>
    /// <param name="scale">What x is multiplied by. Range: real, not 0.</param>
    /// <exception cref="ArgumentException">A number is not finite, or a scale is 0.</exception>
    public AffineTransform(TensorLike loc, TensorLike scale)
        : this(Support.Real, Support.Real, loc, scale)
    {
    }

    private AffineTransform(Support domain, Support codomain, TensorLike loc, TensorLike scale)
    {
        (Domain, Codomain, _loc, _scale) = (domain, codomain, loc, scale);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (shift, factor) = (loc.ToTensor(ScalarType.Float64, CPU), scale.ToTensor(ScalarType.Float64, CPU));
        if (!shift.isfinite().all().ToBoolean() || !factor.isfinite().logical_and(factor.ne(0)).all().ToBoolean())
        {
            throw new ArgumentException("AffineTransform: every loc must be finite, and every scale finite and not 0.");
        }

        Parameters = new Shape(shift.shape).BroadcastWith(new Shape(factor.shape))
            ?? throw new ArgumentException($"AffineTransform: loc of shape {new Shape(shift.shape)} and scale of shape {new Shape(factor.shape)} do not broadcast.");
    }

    /// <inheritdoc/>
    public override Support Domain { get; }

    /// <inheritdoc/>
    public override Support Codomain { get; }

    private Shape Parameters { get; }

    /// <summary>An affine map of one set of numbers onto another, as the caller knows it to be. y is kept from rounding out of an interval.</summary>
    /// <param name="domain">Where x lies.</param>
    /// <param name="codomain">Where y then lies.</param>
    /// <param name="loc">What is added. Range: real.</param>
    /// <param name="scale">What x is multiplied by. Range: real, not 0.</param>
    /// <exception cref="ArgumentException">A number is not finite, a scale is 0, or a set is not one of single numbers.</exception>
    public static AffineTransform Between(Support domain, Support codomain, TensorLike loc, TensorLike scale)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(codomain);
        return domain.EventRank == 0 && codomain.EventRank == 0
            ? new AffineTransform(domain, codomain, loc, scale)
            : throw new ArgumentException($"AffineTransform: it maps single numbers, received the domain \"{domain}\" and the codomain \"{codomain}\"; wrap it in an IndependentTransform for vectors.");
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var y = x.mul(Scale(x)).add(_loc.ToTensor(x.dtype, x.device));
        return Codomain switch
        {
            Interval { IsWholeLine: false } interval => interval.Nearest(y),
            Circular => Circular.Angles.Nearest(y),
            _ => y,
        };
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return y.sub(_loc.ToTensor(y.dtype, y.device)).div(Scale(y));
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return Scale(y).abs().log().expand(y.shape);
    }

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => Broadcast(shape);

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => Broadcast(shape);

    private Tensor Scale(Tensor like) => _scale.ToTensor(like.dtype, like.device);

    private Shape Broadcast(Shape shape) => shape.BroadcastWith(Parameters)
        ?? throw new ArgumentException($"AffineTransform: a value of shape {shape} does not broadcast with loc and scale of shape {Parameters}.");
}
