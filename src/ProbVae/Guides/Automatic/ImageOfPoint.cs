using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The value y = T(x) of one latent variable whose unconstrained numbers x are part of a guide's joint draw. Its share of the guide's
/// density is the change of volume, −log |det ∂y/∂x|; the density of x itself stands at the guide's auxiliary site.
/// </summary>
internal sealed class ImageOfPoint : Distribution, IReparameterized
{
    private readonly Tensor _x;
    private readonly Transform _bijection;

    /// <summary>The image of a point.</summary>
    /// <param name="x">The unconstrained numbers, of shape batch + event.</param>
    /// <param name="bijection">The map T.</param>
    /// <param name="eventRank">How many of the value's last axes are its event.</param>
    public ImageOfPoint(Tensor x, Transform bijection, int eventRank)
        : this(x, bijection.Forward(x), bijection, eventRank)
    {
    }

    private ImageOfPoint(Tensor x, Tensor y, Transform bijection, int eventRank)
        : base([("value", y, Support.Real, eventRank)], new Shape(y.shape)[^eventRank..])
    {
        (_x, _bijection) = (x, bijection);
    }

    /// <inheritdoc/>
    public override string Family => "Image";

    /// <inheritdoc/>
    public override Support Support => _bijection.Codomain;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Value);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(zeros_like(Value));

    private Tensor Value => Arguments[0].Value;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        var determinant = _bijection.LogDeterminant(_x, Value);
        var axes = EventShape.Rank - _bijection.Codomain.EventRank;
        return new(determinant.SumLast(axes), Factor: -1);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) => shape == new Shape(Value.shape) ? Value : Value.expand(shape.ToArray());
}
