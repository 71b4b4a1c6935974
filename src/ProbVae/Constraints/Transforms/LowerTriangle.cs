using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The elements of square matrices on and below a diagonal, row by row, as vectors.</summary>
internal static class LowerTriangle
{
    /// <summary>How many elements an n × n matrix has on and below a diagonal: 0 for the main one, −1 for the one under it.</summary>
    public static long Count(long side, int diagonal) => (side + 1 + diagonal) * (side + diagonal) / 2;

    /// <summary>The side of the matrix that has that many elements, or null where there is none.</summary>
    public static long? Side(long count, int diagonal)
    {
        var side = (long)Math.Round((Math.Sqrt(8.0 * count + 1) - 1) / 2) - diagonal;
        return Count(side, diagonal) == count ? side : null;
    }

    /// <summary>The vector as a matrix with zeros elsewhere.</summary>
    public static Tensor ToMatrix(Tensor vector, int diagonal, string transform)
    {
        var count = vector.shape[^1];
        var side = Side(count, diagonal) ?? throw NoSide(count, transform);
        var places = new long[side * side];
        Array.Fill(places, count);
        var place = 0;
        foreach (var position in Positions(side, diagonal))
        {
            places[position] = place++;
        }

        var withZero = cat([vector, zeros([.. vector.shape[..^1], 1], vector.dtype, vector.device)], -1);
        return withZero.index_select(-1, tensor(places, device: vector.device)).reshape([.. vector.shape[..^1], side, side]);
    }

    /// <summary>The matrix's elements on and below the diagonal.</summary>
    public static Tensor ToVector(Tensor matrix, int diagonal)
    {
        var positions = Positions(matrix.shape[^1], diagonal).ToArray();
        return matrix.flatten(-2).index_select(-1, tensor(positions, device: matrix.device));
    }

    /// <summary>The shape of the matrices for vectors of a shape.</summary>
    public static Shape MatrixShape(Shape vectors, int diagonal, string transform)
    {
        var side = vectors.Rank == 0 ? null : Side(vectors[^1], diagonal);
        return side is { } n ? vectors[..^1] + [n, n] : throw NoSide(vectors.Rank == 0 ? 0 : vectors[^1], transform);
    }

    /// <summary>The shape of the vectors for matrices of a shape.</summary>
    public static Shape VectorShape(Shape matrices, int diagonal, string transform) =>
        matrices.Rank >= 2 && matrices[^1] == matrices[^2]
            ? matrices[..^2] + [Count(matrices[^1], diagonal)]
            : throw new ArgumentException($"{transform}: expected square matrices in the last two axes, received shape {matrices}.");

    private static IEnumerable<long> Positions(long side, int diagonal)
    {
        for (var row = 0L; row < side; row++)
        {
            for (var column = 0L; column <= row + diagonal; column++)
            {
                yield return row * side + column;
            }
        }
    }

    private static ArgumentException NoSide(long count, string transform) => new(
        $"{transform}: a vector of {count} elements does not fill the lower triangle of a square matrix; the length must be a triangular number (1, 3, 6, 10, …).");
}
