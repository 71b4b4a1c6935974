using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// TransformedDistribution(p, f₁ … fₙ): the distribution of y = fₙ(… f₁(x)) with x ~ p; log p(y) = log p(x) − Σ log |det ∂fᵢ|.
/// Support: the last transform's codomain. Its event has as many axes as the larger of the base's and the transforms'. Draws carry
/// gradients to the base's arguments where its own do, and to the transforms'.
/// </summary>
/// <example>
/// A logistic-normal distribution over the simplex is
/// <code>new TransformedDistribution(MultivariateNormal.FromScaleTril(loc, scaleTril), new StickBreakingTransform())</code>.
/// </example>
/// <remarks>A draw remembers where it came from, so that scoring it needs no inverse.</remarks>
public sealed class TransformedDistribution : Distribution
{
    private readonly Distribution _base;
    private readonly Transform[] _transforms;
    private Origin? _last;

    /// <summary>Sends a distribution's values through transforms, the first of which is applied first.</summary>
    /// <param name="baseDistribution">The distribution of x, which has a density.</param>
    /// <param name="transforms">The transforms; none leaves the distribution as it is.</param>
    /// <exception cref="ArgumentException">The base is discrete, leaves the first transform's domain, or its shape does not fit the transforms.</exception>
    public TransformedDistribution(Distribution baseDistribution, params Transform[] transforms)
        : this(Checked(baseDistribution, transforms), transforms, ValueShape(baseDistribution, transforms))
    {
    }

    private TransformedDistribution(Distribution fitted, Transform[] transforms, Shape value)
        : base([fitted], value[..^EventRankOf(fitted, transforms)], value[^EventRankOf(fitted, transforms)..])
    {
        (_base, _transforms) = (fitted, [.. transforms]);
    }

    /// <inheritdoc/>
    public override string Family => $"Transformed{_base.Family}";

    /// <summary>The distribution of x, with as many event axes as the transforms read.</summary>
    public Distribution Base => _base;

    /// <summary>The transforms, in the order in which they are applied.</summary>
    public IReadOnlyList<Transform> Transforms => _transforms;

    /// <inheritdoc/>
    public override Support Support => _transforms.Length == 0 ? _base.Support : _transforms[^1].Codomain;

    /// <summary>The mean of y where every transform is affine.</summary>
    /// <exception cref="NotSupportedException">A transform is not affine.</exception>
    public override Tensor Mean => Spread(Images(_base.Mean, "mean")[^1]);

    /// <summary>The variance of y where every transform is affine.</summary>
    /// <exception cref="NotSupportedException">A transform is not affine.</exception>
    public override Tensor Variance
    {
        get
        {
            var variance = _base.Variance;
            foreach (var (transform, x, y) in Steps(Images(_base.Mean, "variance")))
            {
                variance = variance.mul(transform.LogDeterminant(x, y).mul(2).exp());
            }

            return Spread(variance);
        }
    }

    /// <inheritdoc/>
    public override bool IsReparameterized => _base.IsReparameterized;

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => IsAffine ? _base.Entropy.add(LogDeterminant(Images(_base.Mean, "entropy"))) : null;

    /// <inheritdoc/>
    protected override Tensor? ElementMode => IsAffine ? Images(_base.Mode, "mode")[^1] : null;

    private bool IsAffine => Array.TrueForAll(_transforms, transform => transform is AffineTransform);

    /// <summary>The two bases, where both distributions are made by the same transforms: their divergence is that of the bases.</summary>
    /// <param name="q">The first distribution.</param>
    /// <param name="p">The second distribution.</param>
    internal static (Distribution Q, Distribution P)? Bases(Distribution q, Distribution p) =>
        (q, p) is (TransformedDistribution left, TransformedDistribution right) && left._transforms.SequenceEqual(right._transforms)
            && left._base.EventShape == right._base.EventShape
            ? (left._base, right._base)
            : null;

    /// <inheritdoc/>
    protected internal override string? OutsideSupport(Tensor value)
    {
        // What lies in the codomain may still come from outside the base's support, as below the shift of a shifted Exponential.
        return base.OutsideSupport(value) ?? (_transforms.Length == 0 || _base.Support.Covers(_transforms[0].Domain)
            ? null
            : _base.OutsideSupport(Origins(value)[0]) is { } problem ? $"{Family}: a value comes from outside the base's support. {problem}" : null);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => _base.ArgumentProblems() is [var problem, ..] ? problem : null;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var path = Origins(value);
        return Fitted.Score(path[0]).sub(LogDeterminant(path));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var path = Forward(_base.DrawExactly(OriginShape(shape), generator));
        _last = new Origin(path, is_grad_enabled());
        return path[^1];
    }

    // The base over the batch that Expand may have enlarged.
    private Distribution Fitted => _base.Expand(OriginShape(FullShape)[..^_base.EventShape.Rank]);

    private Shape OriginShape(Shape shape) => _transforms.Reverse().Aggregate(shape, (image, transform) => transform.InverseShape(image));

    // x and every image of it up to y.
    private Tensor[] Forward(Tensor x)
    {
        var path = new Tensor[_transforms.Length + 1];
        path[0] = x;
        for (var i = 0; i < _transforms.Length; i++)
        {
            path[i + 1] = _transforms[i].Forward(path[i]);
        }

        return path;
    }

    private Tensor[] Origins(Tensor value)
    {
        // A draw made without gradients tells nothing of how x moves with the transforms' parameters.
        if (_last is { } last && ReferenceEquals(last.Path[^1], value) && (last.Differentiable || !is_grad_enabled()) && last.IsAlive)
        {
            return last.Path;
        }

        var path = new Tensor[_transforms.Length + 1];
        // A value shared by the first batch axes is given them, since the transforms' parameters may differ along them.
        path[^1] = new Shape(value.shape).EndsWith(FullShape) ? value : value.expand(new Shape(value.shape).BroadcastWith(FullShape)!.Value.ToArray());
        for (var i = _transforms.Length - 1; i >= 0; i--)
        {
            path[i] = _transforms[i].Inverse(path[i + 1]);
        }

        return path;
    }

    private IEnumerable<(Transform Transform, Tensor X, Tensor Y)> Steps(Tensor[] path) =>
        _transforms.Select((transform, i) => (transform, path[i], path[i + 1]));

    private Tensor LogDeterminant(Tensor[] path)
    {
        var total = zeros(1, DType, Device).squeeze(0);
        var rank = _base.EventShape.Rank;
        foreach (var (transform, x, y) in Steps(path))
        {
            var determinant = transform.LogDeterminant(x, y);
            var axes = rank - transform.Domain.EventRank;
            total = total.add(axes == 0 ? determinant : determinant.sum([.. Enumerable.Range(1, axes).Select(axis => (long)-axis)]));
            rank += Gain(transform);
        }

        return total;
    }

    private Tensor[] Images(Tensor x, string what) => IsAffine ? Forward(x) : throw new NotSupportedException(
        $"{Family}: the {what} has no closed form through {string.Join(", ", _transforms.Select(transform => transform.GetType().Name))}; average over draws of Sample.");

    private static int Gain(Transform transform) => transform.Codomain.EventRank - transform.Domain.EventRank;

    private static int EventRankOf(Distribution fitted, Transform[] transforms) => fitted.EventShape.Rank + transforms.Sum(Gain);

    // The base with its last batch axes read as event, where the transforms read more of them as one element.
    private static Distribution Checked(Distribution baseDistribution, Transform[] transforms)
    {
        ArgumentNullException.ThrowIfNull(baseDistribution);
        ArgumentNullException.ThrowIfNull(transforms);
        if (baseDistribution.Support.IsDiscrete || baseDistribution is Delta)
        {
            throw new ArgumentException($"TransformedDistribution: {baseDistribution.Family} has no density to transform.", nameof(baseDistribution));
        }

        if (transforms is [{ Domain: Interval domain } first, ..] && baseDistribution.Support is Interval support && !domain.Covers(support))
        {
            throw new ArgumentException(
                $"TransformedDistribution: a value of {baseDistribution.Family} is {support}, and {first.GetType().Name} takes {domain}; transform it into that set first.", nameof(transforms));
        }

        var (rank, gain) = (baseDistribution.EventShape.Rank, 0);
        foreach (var transform in transforms)
        {
            rank = Math.Max(rank, transform.Domain.EventRank - gain);
            gain += Gain(transform);
        }

        var missing = rank - baseDistribution.EventShape.Rank;
        return missing <= baseDistribution.BatchShape.Rank ? baseDistribution.ToEvent(missing) : throw new ArgumentException(
            $"TransformedDistribution: the transforms read {rank} axes as one element, and {baseDistribution} has {baseDistribution.BatchShape.Rank + baseDistribution.EventShape.Rank}.", nameof(baseDistribution));
    }

    private static Shape ValueShape(Distribution baseDistribution, Transform[] transforms) =>
        transforms.Aggregate(baseDistribution.BatchShape + baseDistribution.EventShape, (shape, transform) => transform.ForwardShape(shape));

    /// <summary>Where a draw came from.</summary>
    /// <param name="Path">x and every image of it up to the draw.</param>
    /// <param name="Differentiable">Whether gradients flow along it.</param>
    private sealed record Origin(Tensor[] Path, bool Differentiable)
    {
        public bool IsAlive => Array.TrueForAll(Path, tensor => !tensor.IsInvalid);
    }
}
