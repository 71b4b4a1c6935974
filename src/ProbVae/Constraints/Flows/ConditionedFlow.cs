using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A flow with its context: made by <see cref="Flow.Given"/>, with the flow's own network.</summary>
public sealed class ConditionedFlow : Transform
{
    private readonly Flow _flow;
    private readonly Tensor _context;

    internal ConditionedFlow(Flow flow, Tensor context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_flow, _context) = (flow, context);
    }

    /// <inheritdoc/>
    public override Support Domain => _flow.Domain;

    /// <inheritdoc/>
    public override Support Codomain => _flow.Codomain;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => ForwardWithLogDeterminant(x).Y;

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => InverseWithLogDeterminant(y).X;

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => _flow.LogDeterminantAt(x, y, _context);

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => WithContextBatch(shape);

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => WithContextBatch(shape);

    /// <summary>y = f(x) and log |det ∂y/∂x| in one run of the network.</summary>
    /// <param name="x">The vectors.</param>
    public (Tensor Y, Tensor LogDeterminant) ForwardWithLogDeterminant(Tensor x) => _flow.Push(x, _context);

    /// <summary>x = f⁻¹(y) and log |det ∂y/∂x| at x.</summary>
    /// <param name="y">The vectors.</param>
    public (Tensor X, Tensor LogDeterminant) InverseWithLogDeterminant(Tensor y) => _flow.Pull(y, _context);

    internal override (Tensor Y, Tensor? LogDeterminant) ForwardAtOnce(Tensor x) => _flow.Push(x, _context);

    private Shape WithContextBatch(Shape shape)
    {
        var batch = shape[..^1].BroadcastWith(new Shape(_context.shape)[..^1])
            ?? throw new ArgumentException($"ConditionedFlow: vectors of shape {shape} and a context of shape {new Shape(_context.shape)} do not broadcast in their first axes.");
        return batch + [_flow.Dimension];
    }
}
