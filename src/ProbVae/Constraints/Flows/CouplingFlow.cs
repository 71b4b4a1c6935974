using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A flow that keeps one half of the vectors and transforms each element of the other by numbers that a network gives from the first.
/// Forward and Inverse are one run of the network each.
/// </summary>
public abstract class CouplingFlow : Flow
{
    private readonly int _numbersPerElement;
    private readonly bool _keepsSecond;

    private protected CouplingFlow(int dimension, int numbersPerElement, IReadOnlyList<int> hidden, RandomKey key, int context, bool keepsSecond)
        : base(Conditioner(dimension, numbersPerElement, hidden, key, context, keepsSecond), dimension, context)
    {
        (_numbersPerElement, _keepsSecond) = (numbersPerElement, keepsSecond);
    }

    private int FirstLength => Dimension / 2;

    internal override (Tensor Y, Tensor LogDeterminant) Push(Tensor x, Tensor? context)
    {
        var (kept, changed) = Halves(x);
        var (image, logSlope) = ForwardElements(changed, Numbers(kept, context));
        return (Joined(kept, image), logSlope.sum(-1));
    }

    internal override (Tensor X, Tensor LogDeterminant) Pull(Tensor y, Tensor? context)
    {
        var (kept, changed) = Halves(y);
        var (origin, logSlope) = InverseElements(changed, Numbers(kept, context));
        return (Joined(kept, origin), logSlope.sum(-1));
    }

    internal override Tensor LogDeterminantAt(Tensor x, Tensor y, Tensor? context) => Push(x, context).LogDeterminant;

    private protected abstract (Tensor Y, Tensor LogSlope) ForwardElements(Tensor x, Tensor[] numbers);

    private protected abstract (Tensor X, Tensor LogSlope) InverseElements(Tensor y, Tensor[] numbers);

    private Tensor[] Numbers(Tensor kept, Tensor? context) => Parameters(kept, context, _numbersPerElement);

    private (Tensor Kept, Tensor Changed) Halves(Tensor vectors)
    {
        Checked(vectors);
        var (first, second) = (vectors.narrow(-1, 0, FirstLength), vectors.narrow(-1, FirstLength, Dimension - FirstLength));
        return _keepsSecond ? (second, first) : (first, second);
    }

    private Tensor Joined(Tensor kept, Tensor changed)
    {
        // A context may have added axes in front.
        var same = kept.expand([.. changed.shape[..^1], kept.shape[^1]]);
        return _keepsSecond ? cat([changed, same], -1) : cat([same, changed], -1);
    }

    private static CouplingNetwork Conditioner(int dimension, int numbersPerElement, IReadOnlyList<int> hidden, RandomKey key, int context, bool keepsSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(context);
        ArgumentNullException.ThrowIfNull(hidden);
        var (first, second) = (dimension / 2, dimension - dimension / 2);
        var (kept, changed) = keepsSecond ? (second, first) : (first, second);
        return new CouplingNetwork([kept + context, .. hidden, changed * numbersPerElement], key);
    }
}
