using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A transform of real vectors whose shape a trained network decides, for a context if the flow has one.</summary>
/// <remarks>
/// The flow owns its network: it is trained with the program that captures the flow, moved by <c>flow.Network.to(…)</c>, and disposed
/// with the flow.
/// </remarks>
public abstract class Flow : Transform, IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _network;

    private protected Flow(nn.Module<Tensor, Tensor> network, int dimension, int context)
    {
        (_network, Dimension, ContextLength) = (network, dimension, context);
    }

    /// <summary>The network that decides the transform.</summary>
    public nn.Module<Tensor, Tensor> Network => _network;

    /// <summary>The length of the vectors.</summary>
    public int Dimension { get; }

    /// <summary>The length of the context; 0 for none.</summary>
    public int ContextLength { get; }

    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.RealVector;

    /// <summary>The transform for a context, such as the output of an encoder in an amortized posterior.</summary>
    /// <param name="context">Vectors of <see cref="ContextLength"/> numbers; their first axes broadcast with those of x.</param>
    public ConditionedFlow Given(Tensor context) => new(this, context);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => ForwardWithLogDeterminant(x).Y;

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => InverseWithLogDeterminant(y).X;

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => LogDeterminantAt(x, y, null);

    /// <summary>y = f(x) and log |det ∂y/∂x| in one run of the network.</summary>
    /// <param name="x">The vectors.</param>
    public (Tensor Y, Tensor LogDeterminant) ForwardWithLogDeterminant(Tensor x) => Push(x, null);

    /// <summary>x = f⁻¹(y) and log |det ∂y/∂x| at x.</summary>
    /// <param name="y">The vectors.</param>
    public (Tensor X, Tensor LogDeterminant) InverseWithLogDeterminant(Tensor y) => Pull(y, null);

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the network.</summary>
    /// <param name="disposing">Whether called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _network.Dispose();
        }
    }

    internal sealed override (Tensor Y, Tensor? LogDeterminant) ForwardAtOnce(Tensor x) => Push(x, null);

    internal abstract (Tensor Y, Tensor LogDeterminant) Push(Tensor x, Tensor? context);

    internal abstract (Tensor X, Tensor LogDeterminant) Pull(Tensor y, Tensor? context);

    // Each flow computes it in one run of the network, from whichever of x and y the network reads.
    internal abstract Tensor LogDeterminantAt(Tensor x, Tensor y, Tensor? context);

    /// <summary>The network's numbers for each element of the vectors, split by meaning.</summary>
    private protected Tensor[] Parameters(Tensor vectors, Tensor? context, int count) => _network.call(WithContext(vectors, context)).chunk(count, -1);

    /// <summary>Refuses vectors of another length.</summary>
    private protected Tensor Checked(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        return vectors.dim() > 0 && vectors.shape[^1] == Dimension
            ? vectors
            : throw new ArgumentException($"{GetType().Name}: it transforms vectors of {Dimension} numbers, received shape {new Shape(vectors.shape)}.");
    }

    private Tensor WithContext(Tensor vectors, Tensor? context)
    {
        if ((context is null) != (ContextLength == 0) || (context is not null && (context.dim() == 0 || context.shape[^1] != ContextLength)))
        {
            var expected = ContextLength == 0 ? "none" : $"vectors of {ContextLength} numbers, by flow.Given(context)";
            throw new ArgumentException($"{GetType().Name}: as context it takes {expected}; received {(context is null ? "none" : $"shape {new Shape(context.shape)}")}.");
        }

        if (context is null)
        {
            return vectors;
        }

        var (mine, theirs) = (Shape.Of(vectors)[..^1], Shape.Of(context)[..^1]);
        if (mine == theirs)
        {
            return cat([vectors, context], -1);
        }

        var batch = mine.BroadcastWith(theirs)
            ?? throw new ArgumentException($"{GetType().Name}: vectors of shape {new Shape(vectors.shape)} and a context of shape {new Shape(context.shape)} do not broadcast in their first axes.");
        return cat([vectors.expand([.. batch, vectors.shape[^1]]), context.expand([.. batch, ContextLength])], -1);
    }
}
