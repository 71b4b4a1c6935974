using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Real numbers between two bounds, which may be infinite.</summary>
public sealed class Interval : Support
{
    private readonly Tensor? _lowers;
    private readonly Tensor? _uppers;

    /// <summary>The same bounds for every element.</summary>
    /// <param name="lower">Lower bound; may be negative infinity.</param>
    /// <param name="upper">Upper bound; may be infinity.</param>
    /// <param name="lowerIncluded">Whether the lower bound belongs to the set.</param>
    /// <param name="upperIncluded">Whether the upper bound belongs to the set.</param>
    public Interval(double lower, double upper, bool lowerIncluded = true, bool upperIncluded = true)
    {
        (Lower, Upper, LowerIncluded, UpperIncluded) = (lower, upper, lowerIncluded, upperIncluded);
    }

    /// <summary>Bounds that may differ by element and be infinite; finite ones belong to the set.</summary>
    /// <param name="lower">Lower bounds.</param>
    /// <param name="upper">Upper bounds.</param>
    public Interval(Tensor lower, Tensor upper)
        : this(lower.max().ToDouble(), upper.min().ToDouble())
    {
        if (lower.numel() > 1 || upper.numel() > 1)
        {
            (_lowers, _uppers) = (lower, upper);
        }
    }

    /// <summary>The greatest lower bound over the elements.</summary>
    public double Lower { get; }

    /// <summary>The smallest upper bound over the elements.</summary>
    public double Upper { get; }

    /// <summary>Whether the lower bound belongs to the set.</summary>
    public bool LowerIncluded { get; }

    /// <summary>Whether the upper bound belongs to the set.</summary>
    public bool UpperIncluded { get; }

    /// <inheritdoc/>
    /// <remarks>Null where the bounds differ by element and are finite for some and infinite for others.</remarks>
    public override Transform? FromUnconstrained => (AllInfinite(_lowers, Lower), AllInfinite(_uppers, Upper)) switch
    {
        (null, _) or (_, null) => null,
        (true, true) => new IdentityTransform(),
        (false, true) => Lower == 0 && _lowers is null ? new ExpTransform() : new ComposeTransform(new ExpTransform(), AffineTransform.Between(Positive, this, _lowers ?? (TensorLike)Lower, 1)),
        (true, false) => new ComposeTransform(new ExpTransform(), AffineTransform.Between(Positive, this, _uppers ?? (TensorLike)Upper, -1)),
        _ => (Lower, Upper, _lowers) is (0, 1, null) ? new SigmoidTransform() : new ComposeTransform(new SigmoidTransform(), Stretch()),
    };

    private static bool? AllInfinite(Tensor? byElement, double bound)
    {
        if (byElement is null)
        {
            return double.IsInfinity(bound);
        }

        using var scope = NewDisposeScope();
        var infinite = byElement.isinf();
        return infinite.all().ToBoolean() ? true : infinite.any().ToBoolean() ? null : false;
    }

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_lowers is not null && _uppers is not null)
        {
            return value.isfinite().logical_and(value.ge(_lowers)).logical_and(value.le(_uppers));
        }

        var above = LowerIncluded ? value.ge(Lower) : value.gt(Lower);
        var below = UpperIncluded ? value.le(Upper) : value.lt(Upper);
        return value.isfinite().logical_and(above).logical_and(below);
    }

    /// <inheritdoc/>
    public override bool ContainsAll(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_lowers is not null || value.numel() == 0)
        {
            return base.ContainsAll(value);
        }

        // One pass over the elements; a NaN among them becomes the least and the greatest, and fails each comparison.
        var (least, greatest) = HostNumbers.Range(value) ?? RangeByTorch(value);
        // Compared in the value's own type, as Contains does: 0.1f lies in [0.1, 1].
        var (min, max, lower, upper) = value.dtype == ScalarType.Float32
            ? ((float)least, (float)greatest, (float)Lower, (float)Upper)
            : (least, greatest, Lower, Upper);
        return (LowerIncluded ? min >= lower : min > lower) && (UpperIncluded ? max <= upper : max < upper)
            && double.IsFinite(min) && double.IsFinite(max);
    }

    private static (double Least, double Greatest) RangeByTorch(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (least, greatest) = value.aminmax();
        return (HostNumbers.Single(least), HostNumbers.Single(greatest));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other)
    {
        if (other is Circular)
        {
            return CoversSet(ProbVae.Circular.Angles);
        }

        if (other is not Interval inner)
        {
            // A prior of independent numbers, say Normal over a plate's vectors, serves a guide that draws the vectors whole.
            return other is IndependentSupport array && _lowers is null && Covers(array.Each);
        }

        if (_lowers is null && inner._lowers is null)
        {
            return inner.Lower >= Lower && inner.Upper <= Upper;
        }

        using var scope = NewDisposeScope();
        return inner.LowerBounds().ge(LowerBounds()).all().ToBoolean() && inner.UpperBounds().le(UpperBounds()).all().ToBoolean();
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (_lowers is not null)
        {
            return "in the interval from low to high";
        }

        return (Lower, Upper) switch
        {
            (double.NegativeInfinity, double.PositiveInfinity) => "a real number",
            (0, double.PositiveInfinity) => LowerIncluded ? "a real number ≥ 0" : "a real number > 0",
            _ => $"a real number in {(LowerIncluded ? '[' : '(')}{Format(Lower)}, {Format(Upper)}{(UpperIncluded ? ']' : ')')}",
        };
    }

    internal override Support Kept() => _lowers is null || _uppers is null ? this : new Interval(Copy(_lowers), Copy(_uppers));

    internal override bool VariesByElement => _lowers is not null;

    private static Tensor Copy(Tensor bounds) => bounds.detach().clone().DetachFromDisposeScope();

    internal bool IsWholeLine => double.IsNegativeInfinity(Lower) && double.IsPositiveInfinity(Upper);

    /// <summary>The nearest numbers of the set: those inside stay, and the rest is what rounding took out.</summary>
    /// <param name="value">Numbers next to the set.</param>
    internal Tensor Nearest(Tensor value)
    {
        if (_lowers is not null && _uppers is not null)
        {
            return value.clamp(_lowers.to(value.dtype), _uppers.to(value.dtype));
        }

        var isDouble = value.dtype == ScalarType.Float64;
        var lowest = LowerIncluded ? Lower : isDouble ? Math.BitIncrement(Lower) : MathF.BitIncrement((float)Lower);
        var greatest = UpperIncluded ? Upper : isDouble ? Math.BitDecrement(Upper) : MathF.BitDecrement((float)Upper);
        var raised = double.IsInfinity(Lower) ? value : value.clamp_min(lowest);
        return double.IsInfinity(Upper) ? raised : raised.clamp_max(greatest);
    }

    private AffineTransform Stretch() => _lowers is not null && _uppers is not null
        ? AffineTransform.Between(OpenUnitInterval, this, _lowers, _uppers.sub(_lowers))
        : AffineTransform.Between(OpenUnitInterval, this, Lower, Upper - Lower);

    private Tensor LowerBounds() => _lowers ?? tensor(Lower, ScalarType.Float64);

    private Tensor UpperBounds() => _uppers ?? tensor(Upper, ScalarType.Float64);
}
