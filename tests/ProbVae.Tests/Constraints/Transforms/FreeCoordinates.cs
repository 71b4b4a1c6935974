using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>The coordinates in which determinants are taken where a set lies in a space of more dimensions than its own.</summary>
internal static class FreeCoordinates
{
    /// <summary>The free coordinates of one element, as a vector.</summary>
    public static Tensor Of(Support support, Tensor element) => support switch
    {
        Simplex => element.narrow(-1, 0, element.shape[^1] - 1),
        LowerCholesky or PositiveDefinite => LowerTriangle.ToVector(element, 0),
        CorrelationCholesky => LowerTriangle.ToVector(element, -1),
        IndependentSupport { Each.EventRank: > 0 } rows => cat([.. element.unbind(0).Select(row => Of(rows.Each, row))]),
        _ => element.reshape(-1),
    };

    /// <summary>The element with given free coordinates, next to an element of the set.</summary>
    public static Tensor Element(Support support, Tensor coordinates, Tensor near)
    {
        switch (support)
        {
            case Simplex:
                return cat([coordinates, coordinates.sum().neg().add(1).reshape(1)]);
            case LowerCholesky:
                return LowerTriangle.ToMatrix(coordinates, 0, "test");
            case PositiveDefinite:
                var lower = LowerTriangle.ToMatrix(coordinates, 0, "test");
                return lower.add(lower.tril(-1).transpose(-2, -1));
            case CorrelationCholesky:
                var below = LowerTriangle.ToMatrix(coordinates, -1, "test");
                return below.add(below.square().sum(-1).neg().add(1).sqrt().diag_embed());
            default:
                return coordinates.reshape(near.shape);
        }
    }
}
