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
/// <remarks>A draw remembers where it came from and what its transforms found on the way, so that scoring it needs no inverse and runs no flow again.</remarks>
public sealed class TransformedDistribution : Distribution
{
    private readonly Distribution _base;
    private readonly Transform[] _transforms;
    private Path? _last;

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
    public override Tensor Mean => Spread(Images(_base.Mean, "mean").Image);

    /// <summary>The variance of y where every transform is affine.</summary>
    /// <exception cref="NotSupportedException">A transform is not affine.</exception>
    public override Tensor Variance
    {
        get
        {
            var path = Images(_base.Mean, "variance");
            return Spread(Enumerable.Range(0, path.Length).Aggregate(_base.Variance, (variance, place) => variance.mul(Determinant(path, place).mul(2).exp())));
        }
    }

    /// <inheritdoc/>
    public override bool IsReparameterized => _base.IsReparameterized;

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => IsAffine ? _base.Entropy.add(LogDeterminant(Images(_base.Mean, "entropy"))) : null;

    /// <inheritdoc/>
    protected override Tensor? ElementMode => IsAffine ? Images(_base.Mode, "mode").Image : null;

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
            : _base.OutsideSupport(Origins(value).Origin) is { } problem ? $"{Family}: a value comes from outside the base's support. {problem}" : null);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => _base.ArgumentProblems() is [var problem, ..] ? problem : null;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var path = Origins(value);
        return Fitted.Score(path.Origin).sub(LogDeterminant(path));
    }

    /// <inheritdoc/>
    private protected override ScaledTensor? KnownDensity(Tensor value)
    {
        var path = Origins(value);
        return KnownGradient.Difference(Fitted.ScaledScore(path.Origin, known: true), LogDeterminant(path));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        _last = Forward(_base.DrawExactly(OriginShape(shape), generator));
        return _last.Image;
    }

    // The base over the batch that Expand may have enlarged.
    private Distribution Fitted => _base.Expand(OriginShape(FullShape)[..^_base.EventShape.Rank]);

    private Shape OriginShape(Shape shape) => _transforms.Reverse().Aggregate(shape, (image, transform) => transform.InverseShape(image));

    private Path Forward(Tensor x)
    {
        var path = new Path(_transforms.Length, is_grad_enabled()) { [0] = x };
        for (var i = 0; i < _transforms.Length; i++)
        {
            (path[i + 1], path.Determinants[i]) = _transforms[i].ForwardAtOnce(path[i]);
        }

        return path;
    }

    private Path Origins(Tensor value)
    {
        // A draw made without gradients tells nothing of how x moves with the transforms' parameters.
        if (_last is { } last && ReferenceEquals(last.Image, value) && (last.Differentiable || !is_grad_enabled()) && last.IsAlive)
        {
            return last;
        }

        // A value shared by the first batch axes is given them, since the transforms' parameters may differ along them.
        var full = new Shape(value.shape).EndsWith(FullShape) ? value : value.expand(new Shape(value.shape).BroadcastWith(FullShape)!.Value.ToArray());
        var path = new Path(_transforms.Length, is_grad_enabled()) { [_transforms.Length] = full };
        for (var i = _transforms.Length - 1; i >= 0; i--)
        {
            path[i] = _transforms[i].Inverse(path[i + 1]);
        }

        return path;
    }

    private Tensor Determinant(Path path, int place) => path.Determinants[place] ?? _transforms[place].LogDeterminant(path[place], path[place + 1]);

    private Tensor LogDeterminant(Path path)
    {
        Tensor? total = null;
        var rank = _base.EventShape.Rank;
        foreach (var (i, transform) in _transforms.Index())
        {
            if (!transform.KeepsVolume)
            {
                var determinant = Determinant(path, i).SumLast(rank - transform.Domain.EventRank);
                total = total is null ? determinant : total.add(determinant);
            }

            rank += Gain(transform);
        }

        return total ?? zeros(1, DType, Device).squeeze(0);
    }

    private Path Images(Tensor x, string what) => IsAffine ? Forward(x) : throw new NotSupportedException(
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

    /// <summary>x and every image of it up to y, with the log determinants that the transforms gave on the way.</summary>
    /// <param name="Length">How many transforms.</param>
    /// <param name="Differentiable">Whether gradients flow along it.</param>
    private sealed record Path(int Length, bool Differentiable)
    {
        private readonly Tensor[] _points = new Tensor[Length + 1];

        public Tensor?[] Determinants { get; } = new Tensor?[Length];

        public Tensor Origin => _points[0];

        public Tensor Image => _points[^1];

        public bool IsAlive => Array.TrueForAll(_points, point => !point.IsInvalid) && Array.TrueForAll(Determinants, found => found is not { IsInvalid: true });

        public Tensor this[int place]
        {
            get => _points[place];
            set => _points[place] = value;
        }
    }
}
