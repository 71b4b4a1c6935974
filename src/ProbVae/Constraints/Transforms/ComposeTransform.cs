using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One transform after another: y = fₙ(… f₁(x)), with the sum of their log determinants. None makes the identity.</summary>
public sealed class ComposeTransform : Transform
{
    private readonly Transform[] _parts;

    /// <summary>Chains transforms, the first to be applied first.</summary>
    /// <param name="parts">The transforms.</param>
    public ComposeTransform(params Transform[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = [.. parts];
        var (domain, codomain) = parts.Length == 0 ? (Support.Real, Support.Real) : (parts[0].Domain, parts[^1].Codomain);
        var rank = NeededDomainRank();
        Domain = Widened(domain, rank - domain.EventRank);
        Codomain = Widened(codomain, rank + RankGain(_parts) - codomain.EventRank);
    }

    /// <summary>The transforms, in the order in which they are applied.</summary>
    public IReadOnlyList<Transform> Parts => _parts;

    /// <inheritdoc/>
    public override Support Domain { get; }

    /// <inheritdoc/>
    public override Support Codomain { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => _parts.Aggregate(x, (value, part) => part.Forward(value));

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => _parts.Reverse().Aggregate(y, (value, part) => part.Inverse(value));

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor? total = null;
        var (value, rank) = (x, Domain.EventRank);
        foreach (var (index, part) in _parts.Index())
        {
            var image = index == _parts.Length - 1 ? y : part.Forward(value);
            var determinant = part.LogDeterminant(value, image).SumLast(rank - part.Domain.EventRank);
            (total, value, rank) = (total is null ? determinant : total.add(determinant), image, rank + RankGain([part]));
        }

        return total ?? zeros_like(x);
    }

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => _parts.Aggregate(shape, (value, part) => part.ForwardShape(value));

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => _parts.Reverse().Aggregate(shape, (value, part) => part.InverseShape(value));

    // Each part must find at least its own event axes in what the earlier ones make of x.
    private int NeededDomainRank() => _parts.Select((part, i) => part.Domain.EventRank - RankGain(_parts[..i])).Append(0).Max();

    private static int RankGain(Transform[] parts) => parts.Sum(part => part.Codomain.EventRank - part.Domain.EventRank);

    private static Support Widened(Support support, int axes) => axes == 0 ? support : new IndependentSupport(support, axes);
}
