using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A probability distribution over tensors. A value has the shape sample + <see cref="BatchShape"/> + <see cref="EventShape"/>;
/// elements of the batch are independent, and <see cref="LogProb"/> gives one number for each event.
/// </summary>
/// <remarks>A new family derives from this class, names its arguments, and writes the density of one element and how to draw it.</remarks>
public abstract partial class Distribution
{
    private Argument[] _arguments;
    private readonly Shape _elementShape;
    private Shape _batch;
    private int _eventAxes;

    /// <summary>Takes a family's arguments to one type and device, and their shapes to one batch.</summary>
    /// <param name="arguments">Name, value, range and event axes of each.</param>
    /// <param name="elementShape">The shape of one value of the family: scalar unless the family is over vectors or matrices.</param>
    /// <exception cref="ArgumentException">The arguments' shapes do not broadcast, or a number lies outside its range.</exception>
    protected Distribution(ReadOnlySpan<(string Name, TensorLike Value, Support Range, int EventRank)> arguments, Shape elementShape = default)
    {
        NativeTorch.Require();
        _elementShape = elementShape;
        _arguments = new Argument[arguments.Length];
        (DType, Device) = (ScalarType.Float32, CPU);
        var constant = true;
        foreach (var (_, value, _, _) in arguments)
        {
            if (value.Tensor is { } first && constant)
            {
                (DType, Device, constant) = (first.is_floating_point() ? first.dtype : ScalarType.Float32, first.device, false);
            }
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value, range, eventRank) = arguments[i];
            _arguments[i] = new Argument(name, value.ToTensor(DType, Device), range, eventRank);
            var sizes = Shape.Of(_arguments[i].Value);
            _batch = sizes.Rank < eventRank ? throw Mismatched() : _batch.BroadcastWith(sizes[..^eventRank]) ?? throw Mismatched();
        }

        if (constant)
        {
            RequireValidArguments();
        }
    }

    /// <summary>The family's name.</summary>
    public virtual string Family => GetType().Name;

    /// <summary>The arguments, in the constructor's order.</summary>
    public IReadOnlyList<Argument> Arguments => _arguments;

    /// <summary>The axes of independent elements.</summary>
    public Shape BatchShape => _batch[..^_eventAxes];

    /// <summary>The axes of one event: of a vector, a matrix, or what <see cref="ToEvent"/> declared one.</summary>
    public Shape EventShape => _batch[^_eventAxes..] + _elementShape;

    /// <summary>Where the density is positive.</summary>
    public abstract Support Support { get; }

    /// <summary>The mean of each element, of shape batch + event.</summary>
    public abstract Tensor Mean { get; }

    /// <summary>The variance of each element, of shape batch + event.</summary>
    public abstract Tensor Variance { get; }

    /// <summary>The type of the arguments.</summary>
    public ScalarType DType { get; private set; }

    /// <summary>Where the arguments lie.</summary>
    public Device Device { get; }

    /// <summary>Whether draws carry gradients to the arguments.</summary>
    public virtual bool IsReparameterized => this is IReparameterized;

    /// <summary>The shape of one draw: batch + event.</summary>
    protected Shape FullShape => _batch + _elementShape;

    /// <summary>Draws values; the caller has held the arguments against their ranges, or does not want to.</summary>
    internal Tensor SampleUnchecked(RandomKey key, params long[] sampleShape)
    {
        using var generator = key.NewGenerator(Device);
        using var gradients = set_grad_enabled(IsReparameterized && is_grad_enabled());
        return Draw(new Shape(sampleShape) + FullShape, generator);
    }

    /// <summary>The same distribution with its last batch axes read as event axes, so that their log densities are summed: what torch and Pyro call Independent.</summary>
    /// <param name="axes">How many; from 0 to the batch's rank.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has fewer axes.</exception>
    public Distribution ToEvent(int axes = 1)
    {
        if (axes == 0)
        {
            return this;
        }

        if (axes < 0 || axes > BatchShape.Rank)
        {
            throw new ArgumentOutOfRangeException(nameof(axes), $"{Family}: {axes} axes cannot be made an event of a batch of shape {BatchShape}.");
        }

        var copy = (Distribution)MemberwiseClone();
        copy._eventAxes += axes;
        return copy;
    }

    /// <summary>The same distribution over a larger batch, whose elements are drawn independently.</summary>
    /// <param name="batchShape">The new batch shape, to which the old one broadcasts.</param>
    /// <exception cref="ArgumentException">The batch does not broadcast to that shape.</exception>
    public Distribution Expand(Shape batchShape)
    {
        if (batchShape == BatchShape)
        {
            return this;
        }

        if (BatchShape.BroadcastWith(batchShape) != batchShape)
        {
            throw new ArgumentException($"{Family}: batch shape {BatchShape} does not expand to {batchShape}.", nameof(batchShape));
        }

        var copy = (Distribution)MemberwiseClone();
        copy._batch = batchShape + _batch[^_eventAxes..];
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Family} batch {BatchShape} event {EventShape}";

    /// <summary>The log density (or log mass) of each element, before <see cref="ToEvent"/>'s axes are summed.</summary>
    /// <param name="value">In the support; broadcasts with the batch.</param>
    protected abstract ScaledTensor LogDensity(Tensor value);

    /// <summary>The same without a graph, with the gradients of its sum; null where the family leaves them to torch.</summary>
    /// <param name="value">As for <see cref="LogDensity"/>, of the arguments' type.</param>
    private protected virtual ScaledTensor? KnownDensity(Tensor value) => null;

    /// <summary>Draws a tensor of exactly the given shape.</summary>
    /// <param name="shape">Sample + batch + event.</param>
    /// <param name="generator">The stream to draw from.</param>
    protected abstract Tensor Draw(Shape shape, Generator generator);

    /// <summary>log p(value) without checks, its scale kept apart: the one place where event axes are summed.</summary>
    /// <param name="value">A value in the support, of a fitting shape.</param>
    /// <param name="known">Whether a gradient that the family knows may stand in for a graph.</param>
    /// <exception cref="InvalidOperationException">The family's density does not give exactly one number an element.</exception>
    internal ScaledTensor ScaledScore(Tensor value, bool known = false)
    {
        // Bytes would wrap around in a density's arithmetic.
        var x = value.is_floating_point() || value.dtype == ScalarType.Int64 ? value : value.to(DType);
        var density = (known && x.dtype == DType ? KnownDensity(x) : null) ?? LogDensity(x);
        var shape = Shape.Of(density.Values);
        return shape.EndsWith(_batch) || _batch.EndsWith(shape) || shape.BroadcastWith(_batch) == _batch
            ? SumEvent(density)
            : throw new InvalidOperationException($"{Family}: LogDensity gave shape {shape} for a batch of {_batch}; it must give one number for each element.");
    }

    /// <summary>Sums a quantity of each element over the event's axes that <see cref="ToEvent"/> declared.</summary>
    /// <param name="byElement">Of shape sample + batch + event without the family's own element axes, or less by broadcasting.</param>
    internal ScaledTensor SumEvent(ScaledTensor byElement)
    {
        if (_eventAxes == 0)
        {
            return byElement;
        }

        var (shape, eventAxes) = (Shape.Of(byElement.Values), _batch[^_eventAxes..]);
        if (!shape.EndsWith(eventAxes))
        {
            byElement = byElement.Spread(shape[..Math.Max(0, shape.Rank - _eventAxes)] + eventAxes);
        }

        return byElement with { Values = byElement.Values.sum([.. Enumerable.Range(1, _eventAxes).Select(axis => (long)-axis)]), Offset = byElement.Offset * eventAxes.Count };
    }

    /// <summary>Spreads a quantity of each event over the whole batch.</summary>
    /// <param name="byEvent">Of shape sample + batch, or less by broadcasting.</param>
    internal Tensor InBatch(Tensor byEvent)
    {
        var (shape, batch) = (Shape.Of(byEvent), BatchShape);
        return shape.EndsWith(batch) ? byEvent : byEvent.expand((shape[..Math.Max(0, shape.Rank - batch.Rank)] + batch).ToArray());
    }
}
