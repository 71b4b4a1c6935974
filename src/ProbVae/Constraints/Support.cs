using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The set of values that a distribution can take, or that one of its arguments may have.</summary>
public abstract class Support
{
    /// <summary>All real numbers; NaN and the infinities are outside.</summary>
    public static Support Real { get; } = new Interval(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Real numbers greater than 0.</summary>
    public static Support Positive { get; } = new Interval(0, double.PositiveInfinity, lowerIncluded: false);

    /// <summary>Real numbers of at least 0.</summary>
    public static Support NonNegative { get; } = new Interval(0, double.PositiveInfinity);

    /// <summary>Real numbers from 0 to 1, both included.</summary>
    public static Support UnitInterval { get; } = new Interval(0, 1);

    /// <summary>Real numbers between 0 and 1, neither included.</summary>
    public static Support OpenUnitInterval { get; } = new Interval(0, 1, lowerIncluded: false, upperIncluded: false);

    /// <summary>The two values 0 and 1.</summary>
    public static Support Boolean { get; } = new IntegerRange(0, 1);

    /// <summary>Vectors of numbers of at least 0 that sum to 1.</summary>
    public static Support Simplex { get; } = new Simplex();

    /// <summary>Vectors of logarithms of weights: real numbers, or negative infinity for a weight of 0, not all of them so.</summary>
    public static Support LogWeights { get; } = new LogWeights();

    /// <summary>The whole numbers from 0 on.</summary>
    public static Support NonNegativeIntegers { get; } = new IntegersFrom(0);

    /// <summary>Angles in (−π, π].</summary>
    public static Support Circular { get; } = new Circular();

    /// <summary>Vectors of real numbers.</summary>
    public static Support RealVector { get; } = new IndependentSupport(Real, 1);

    /// <summary>Vectors of real numbers in increasing order.</summary>
    public static Support OrderedVector { get; } = new OrderedVector();

    /// <summary>Lower triangular matrices with a diagonal greater than 0.</summary>
    public static Support LowerCholesky { get; } = new LowerCholesky();

    /// <summary>Cholesky factors of correlation matrices.</summary>
    public static Support CorrelationCholesky { get; } = new CorrelationCholesky();

    /// <summary>Symmetric positive definite matrices.</summary>
    public static Support PositiveDefinite { get; } = new PositiveDefinite();

    /// <summary>How many of a value's last axes make one element of the set: 0 for numbers, 1 for vectors.</summary>
    public virtual int EventRank => 0;

    /// <summary>Whether the set is countable, so that the distribution has a probability mass and no density.</summary>
    public virtual bool IsDiscrete => false;

    /// <summary>A smooth one-to-one map onto this set from unconstrained real numbers; null for sets that have none, such as the discrete.</summary>
    public virtual Transform? FromUnconstrained => null;

    /// <summary>All elements of a finite set along the first axis; null for a set that is not finite, or whose size is not the same everywhere.</summary>
    public virtual Tensor? Elements => null;

    /// <summary>For each element of a value, whether it lies in the set.</summary>
    /// <param name="value">Any shape whose last <see cref="EventRank"/> axes are one element.</param>
    /// <returns>A tensor of booleans of the shape of <paramref name="value"/> without those axes.</returns>
    public abstract Tensor Contains(Tensor value);

    /// <summary>Whether every element of a value lies in the set: one pass where the set allows it.</summary>
    /// <param name="value">As for <see cref="Contains"/>.</param>
    public virtual bool ContainsAll(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Contains(value).all().ToBoolean();
    }

    /// <summary>
    /// Whether a density over another support can be held against one over this: every value of the other lies in this set, up to the
    /// end points of intervals, and the other has as many dimensions (a simplex has one fewer than the vectors around it).
    /// </summary>
    /// <param name="other">The support of a guide's site, held against the prior's.</param>
    public bool Covers(Support other) => other is Point point ? ContainsAll(point.Value) : CoversSet(other);

    /// <summary>Whether every value of another support, which is no single point, lies in this one.</summary>
    /// <param name="other">The other support.</param>
    protected abstract bool CoversSet(Support other);

    /// <summary>The same set over tensors of its own, which outlive every dispose scope.</summary>
    internal virtual Support Kept() => this;

    /// <summary>Whether the set is not the same for each element of a batch.</summary>
    internal virtual bool VariesByElement => false;

    /// <summary>One element as text, for the sentence that refuses it.</summary>
    /// <param name="element">The element.</param>
    protected internal virtual string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return Format(element.to(ScalarType.Float64).item<double>());
    }

    /// <summary>A number as sentences show it.</summary>
    /// <param name="number">The number.</param>
    protected static string Format(double number) => number.ToString("G6", CultureInfo.InvariantCulture);
}
