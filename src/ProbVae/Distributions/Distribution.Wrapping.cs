using static TorchSharp.torch;

namespace ProbVae;

/// <content>What a distribution made of others needs of them.</content>
public abstract partial class Distribution
{
    private readonly bool _madeOfForeign;

    /// <summary>Makes a distribution of others; it answers for their arguments.</summary>
    /// <param name="parts">The distributions that it is made of, the first of which gives type and device.</param>
    /// <param name="batch">Its batch shape.</param>
    /// <param name="elementShape">The shape of one of its values.</param>
    private protected Distribution(ReadOnlySpan<Distribution> parts, Shape batch, Shape elementShape)
    {
        (_batch, _elementShape, DType, Device) = (batch, elementShape, parts[0].DType, parts[0].Device);
        var arguments = new List<Argument>();
        foreach (var part in parts)
        {
            arguments.AddRange(part.Arguments);
            _madeOfForeign |= part.IsForeign;
        }

        _arguments = [.. arguments];
    }

    /// <summary>Makes a distribution of another and an argument of its own.</summary>
    /// <param name="part">The other distribution, over numbers.</param>
    /// <param name="own">Name, value and range of the argument.</param>
    private protected Distribution(Distribution part, (string Name, TensorLike Value, Support Range) own)
        : this([part], part.BatchShape, part.EventShape)
    {
        var argument = new Argument(own.Name, own.Value.ToTensor(DType, Device), own.Range);
        _arguments = [argument, .. _arguments];
        _batch = _batch.BroadcastWith(new Shape(argument.Value.shape)) ?? throw Mismatched();
    }

    /// <summary>Makes a distribution without arguments, which would tell its type.</summary>
    /// <param name="dtype">The type of its values.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="elementShape">The shape of one of them.</param>
    private protected Distribution(ScalarType dtype, Device device, Shape elementShape) =>
        (_arguments, _elementShape, DType, Device) = ([], elementShape, dtype, device);

    /// <summary>A part over the whole batch, with axes of its own after it: its density then has one number for each element here.</summary>
    private protected Distribution Over(Distribution part, Shape ownAxes = default) => part.Expand(_batch + ownAxes);

    /// <summary>The entropy of each event; null without a closed form.</summary>
    internal Tensor? EntropyOrNull => ElementEntropy is { } entropy ? SumEvent(entropy).ToTensor() : null;

    /// <summary>The mode; null without a closed form.</summary>
    internal Tensor? ModeOrNull => ElementMode is { } mode ? Spread(mode) : null;

    /// <summary>P(X ≤ value) of each element; null without a closed form.</summary>
    /// <remarks>Whole numbers are taken to the distribution's type: functions of real numbers have no others.</remarks>
    internal Tensor? CdfOrNull(Tensor value) => ElementCdf(value.is_floating_point() ? value : value.to(DType));

    /// <summary>The inverse of <see cref="CdfOrNull"/>; null without a closed form.</summary>
    internal Tensor? InverseCdfOrNull(Tensor probability) => ElementInverseCdf(probability);

    /// <summary>log p(value) of each event without checks, negative infinity (with gradient 0) where it lies outside the support.</summary>
    internal Tensor ScoreAnywhere(Tensor value)
    {
        if (Support.ContainsAll(value))
        {
            return Score(value);
        }

        var inside = Contains(value);
        var score = Score(FeasibleWhere(inside.logical_not(), value));
        return score.masked_fill(inside.logical_not(), double.NegativeInfinity);
    }

    /// <summary>Whether each event lies in the support.</summary>
    internal Tensor Contains(Tensor value)
    {
        var inside = Support.Contains(value);
        for (var axis = Support.EventRank; axis < EventShape.Rank; axis++)
        {
            inside = inside.all(-1);
        }

        return inside;
    }

    /// <summary>The value with some of its events replaced by points of the support, so that a density that does not count is still a number.</summary>
    /// <param name="events">Which to replace: booleans of shape sample + batch, or less by broadcasting.</param>
    /// <param name="value">The value.</param>
    internal Tensor FeasibleWhere(Tensor events, Tensor value)
    {
        Tensor feasible;
        using (no_grad())
        {
            feasible = SampleUnchecked(new RandomKey(0)).to(value.dtype);
        }

        return where(events.reshape([.. events.shape, .. Enumerable.Repeat(1L, EventShape.Rank)]), feasible, value);
    }

    /// <summary>Draws a tensor of exactly the given shape.</summary>
    internal Tensor DrawExactly(Shape shape, Generator generator) => Draw(shape, generator);

    /// <summary>log p(value) without checks.</summary>
    internal Tensor Score(Tensor value) => ScaledScore(value).ToTensor();
}
