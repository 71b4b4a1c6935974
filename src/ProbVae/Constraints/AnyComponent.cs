using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Values in the set of at least one component, where each has its own along the last axis of the batch.</summary>
internal sealed class AnyComponent : ArraySupport
{
    private readonly Support _each;

    private AnyComponent(Support each, int eventRank)
    {
        (_each, EventRank) = (each, eventRank);
    }

    /// <inheritdoc/>
    public override int EventRank { get; }

    /// <inheritdoc/>
    public override bool IsDiscrete => _each.IsDiscrete;

    /// <summary>The set of a mixture: that of the components where it is the same for all.</summary>
    /// <param name="each">Where the components lie.</param>
    /// <param name="eventRank">How many axes an event has.</param>
    /// <param name="again">The same, asked again: a set that is made anew may differ by element.</param>
    public static Support Of(Support each, int eventRank, Support again) =>
        each is IntegerRange or IntegersFrom or OneHot || ReferenceEquals(each, again) ? each : new AnyComponent(each, eventRank);

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var inside = _each.Contains(value.unsqueeze(-1 - EventRank));
        for (var axis = _each.EventRank; axis < EventRank; axis++)
        {
            inside = inside.all(-1);
        }

        return inside.any(-1);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => _each.Covers(other is AnyComponent any ? any._each : other);

    /// <inheritdoc/>
    public override string ToString() => $"in the support of a component: {_each}";
}
