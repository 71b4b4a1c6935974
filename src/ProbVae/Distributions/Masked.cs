using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>Leaving events out.</content>
public abstract partial class Distribution
{
    /// <summary>The same distribution with log density 0 where a mask is false: those events count for nothing, whatever their values are.</summary>
    /// <param name="mask">Booleans that broadcast with the batch: true where an event counts.</param>
    /// <exception cref="ArgumentException">The mask does not broadcast with the batch.</exception>
    public Distribution Mask(Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new Masked(this, mask);
    }
}

/// <summary>
/// Another distribution whose log density is 0 where a mask is false. Support, draws and moments are the other's; values at the places
/// left out may be anything, NaN too. Made by <see cref="Distribution.Mask"/>.
/// </summary>
public sealed class Masked : Distribution
{
    internal Masked(Distribution inner, Tensor mask)
        : base([inner], BatchOf(inner, mask), inner.EventShape)
    {
        if (mask.dtype != ScalarType.Bool && !Support.Boolean.ContainsAll(mask))
        {
            throw new ArgumentException("Mask: a mask says of each event whether it counts: true or false, 1 or 0. To weigh events, scale their site.", nameof(mask));
        }

        (Inner, MaskOfEvents) = (inner, mask.to(ScalarType.Bool));
    }

    /// <summary>The other distribution.</summary>
    public Distribution Inner { get; }

    /// <summary>True where an event counts; broadcasts with the batch.</summary>
    public Tensor MaskOfEvents { get; }

    /// <inheritdoc/>
    public override string Family => $"Masked {Inner.Family}";

    /// <inheritdoc/>
    public override Support Support => Inner.Support;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Inner.Mean);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Inner.Variance);

    /// <inheritdoc/>
    public override bool IsReparameterized => Inner.IsReparameterized;

    /// <summary>The inner distribution's entropy, 0 where the mask is false.</summary>
    protected override Tensor? ElementEntropy => Inner.EntropyOrNull is { } entropy ? Kept(entropy) : null;

    /// <inheritdoc/>
    protected override Tensor? ElementMode => Inner.ModeOrNull;

    /// <summary>0 where the mask is false, with gradient 0.</summary>
    /// <param name="byEvent">A finite quantity of each event of the inner distribution where the mask is false.</param>
    internal Tensor Kept(Tensor byEvent)
    {
        var shape = new Shape(byEvent.shape).BroadcastWith(new Shape(MaskOfEvents.shape))!.Value;
        return byEvent.expand(shape.ToArray()).masked_fill(MaskOfEvents.logical_not(), 0);
    }

    /// <summary>Whether two distributions leave out the same numbers of a value, by one mask or by several, one inside the other.</summary>
    internal bool HasMaskOf(Masked other)
    {
        using var scope = NewDisposeScope();
        var (own, others) = (CountedNumbers, other.CountedNumbers);
        return new Shape(own.shape).BroadcastWith(new Shape(others.shape)) is not null && own.eq(others).all().ToBoolean();
    }

    /// <summary>True at the numbers of a value that count under this mask and those inside it; broadcasts with batch + event.</summary>
    internal Tensor CountedNumbers
    {
        get
        {
            var own = MaskOfEvents.reshape([.. MaskOfEvents.shape, .. Enumerable.Repeat(1L, Inner.EventShape.Rank)]);
            return Inner is Masked inside ? own.logical_and(inside.CountedNumbers) : own;
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Kept(Over(Inner).Score(Inner.Support.ContainsAll(value) ? value : Counted(value)));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) => Inner.DrawExactly(shape, generator);

    /// <inheritdoc/>
    protected internal override string? OutsideSupport(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Inner.OutsideSupport(value) is not null && Inner.OutsideSupport(Counted(value)) is { } problem ? $"Masked {problem}" : null;
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => Inner.ArgumentProblems().Count == 0 ? null : Inner.ArgumentProblems()[0];

    /// <inheritdoc/>
    protected override Tensor? ElementCdf(Tensor value) => Inner.CdfOrNull(value);

    /// <inheritdoc/>
    protected override Tensor? ElementInverseCdf(Tensor probability) => Inner.InverseCdfOrNull(probability);

    internal override ScalarType DrawType => Inner.DrawType;

    private static Shape BatchOf(Distribution inner, Tensor mask) => inner.BatchShape.BroadcastWith(new Shape(mask.shape))
        ?? throw new ArgumentException($"{inner.Family}: a mask of shape {new Shape(mask.shape)} does not broadcast with batch shape {inner.BatchShape}.", nameof(mask));

    private Tensor Counted(Tensor value) => Inner.FeasibleWhere(MaskOfEvents.logical_not(), value);
}
