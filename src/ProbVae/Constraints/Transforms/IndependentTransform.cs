using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A transform of each element of an array, whose last axes are read as one element: the log determinants are summed over them.</summary>
public sealed class IndependentTransform : Transform
{
    private readonly int _axes;

    /// <summary>Reads axes in front of a transform's own as part of one element.</summary>
    /// <param name="each">The transform of each element.</param>
    /// <param name="axes">How many axes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 1.</exception>
    public IndependentTransform(Transform each, int axes)
    {
        ArgumentNullException.ThrowIfNull(each);
        if (axes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(axes), axes, "An independent transform needs at least 1 axis; for 0 use the transform of the elements itself.");
        }

        (Each, _axes) = (each, axes);
        (Domain, Codomain) = (new IndependentSupport(each.Domain, axes), new IndependentSupport(each.Codomain, axes));
    }

    /// <summary>The transform of each element.</summary>
    public Transform Each { get; }

    /// <inheritdoc/>
    public override Support Domain { get; }

    /// <inheritdoc/>
    public override Support Codomain { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Each.Forward(x);

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => Each.Inverse(y);

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => Each.LogDeterminant(x, y).SumLast(_axes);

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => Each.ForwardShape(shape);

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => Each.InverseShape(shape);
}
