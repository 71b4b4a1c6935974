using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// ImproperUniform(S): log density 0 on a whole set S, which need not have a finite volume: a prior that says nothing but where a value
/// lies. It cannot be drawn from, and has no moments; the engine starts from a fixed point of S. Support: the set S.
/// </summary>
public sealed class ImproperUniform : Distribution
{
    private readonly int _valueAxes;

    /// <summary>An improper density of each element; <see cref="Distribution.Expand"/> gives it a batch.</summary>
    /// <param name="support">The set.</param>
    /// <param name="eventShape">The shape of one value; none for a number.</param>
    /// <param name="dtype">The type of the values.</param>
    /// <param name="device">Where the values lie; the CPU unless given.</param>
    /// <exception cref="ArgumentException">The shape has fewer axes than an element of the set, or the set is not known to hold a point of that shape.</exception>
    public ImproperUniform(Support support, Shape eventShape = default, ScalarType dtype = ScalarType.Float32, Device? device = null)
        : base(dtype, device ?? CPU, eventShape)
    {
        ArgumentNullException.ThrowIfNull(support);
        if (eventShape.Rank < support.EventRank)
        {
            throw new ArgumentException($"ImproperUniform: event shape {eventShape} has too few axes; an element of the support, {support}, has {support.EventRank}.", nameof(eventShape));
        }

        (Support, _valueAxes) = (support, eventShape.Rank);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (!support.ContainsAll(FeasiblePoint(eventShape)))
        {
            throw new ArgumentException($"ImproperUniform: no point of shape {eventShape} is known that is {support}, from which a run could start.", nameof(support));
        }
    }

    /// <inheritdoc/>
    public override Support Support { get; }

    /// <summary>None: NaN.</summary>
    public override Tensor Mean => Spread(tensor(double.NaN, DType, Device));

    /// <summary>None: NaN.</summary>
    public override Tensor Variance => Spread(tensor(double.NaN, DType, Device));

    /// <inheritdoc/>
    private protected override string WhyNotSampled => "ImproperUniform: its density has no finite integral, so it cannot be sampled. Sample a proper prior, such as Normal or Uniform, or draw from a guide.";

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return zeros(new Shape(value.shape)[..^_valueAxes].ToArray(), value.is_floating_point() ? value.dtype : DType, value.device);
    }

    /// <summary>The same point of the support everywhere.</summary>
    protected override Tensor Draw(Shape shape, Generator generator) => FeasiblePoint(shape);

    // Where the unconstrained numbers are 0, or the first of the whole numbers.
    private Tensor FeasiblePoint(Shape shape) => Support switch
    {
        IntegerRange range => full(shape.ToArray(), range.Lower, DType, Device),
        IntegersFrom range => full(shape.ToArray(), range.Lower, DType, Device),
        { FromUnconstrained: { } transform } => transform.Forward(zeros(transform.InverseShape(shape).ToArray(), DType, Device)),
        _ => zeros(shape.ToArray(), DType, Device),
    };
}
