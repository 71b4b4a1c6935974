using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Values that lie in at least one of several sets: where a mixture of distributions lies.</summary>
internal sealed class AnyOf : ArraySupport
{
    private readonly IReadOnlyList<Support> _parts;
    private readonly int _eventRank;

    private AnyOf(IReadOnlyList<Support> parts)
    {
        (_parts, _eventRank) = (parts, parts.Max(part => part.EventRank));
    }

    public override int EventRank => _eventRank;

    public override bool IsDiscrete => _parts.All(part => part.IsDiscrete);

    /// <summary>The sets together: one of them where it covers the others.</summary>
    public static Support Of(IReadOnlyList<Support> parts) =>
        parts.FirstOrDefault(part => parts.All(other => ReferenceEquals(part, other) || part.Covers(other))) ?? new AnyOf(parts);

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value) =>
        _parts.Select(part => ContainsElement(part, value)).Aggregate((left, right) => left.logical_or(right));

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is AnyOf any ? any._parts.All(Covers) : _parts.Any(part => part.Covers(other));

    /// <inheritdoc/>
    public override string ToString() => string.Join(", or ", _parts.Select(part => part.ToString()).Distinct());

    private Tensor ContainsElement(Support part, Tensor value)
    {
        var inside = part.Contains(value);
        for (var axis = part.EventRank; axis < _eventRank; axis++)
        {
            inside = inside.all(-1);
        }

        return inside;
    }
}
