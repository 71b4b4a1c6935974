using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A flow whose network is a <see cref="Made"/> that gives two numbers for each element.</summary>
public abstract class AutoregressiveFlow : Flow
{
    private protected AutoregressiveFlow(int dimension, IReadOnlyList<int> hidden, RandomKey key, int context)
        : base(new Made(dimension, 2, hidden, key, context), dimension, context)
    {
    }

    /// <summary>The two numbers of each element, from the elements before it.</summary>
    private protected (Tensor First, Tensor Second) Read(Tensor vectors, Tensor? context)
    {
        var parts = Parameters(Checked(vectors), context, 2);
        return (parts[0], parts[1]);
    }

    /// <summary>
    /// Finds the vectors v with vᵢ = step(uᵢ, numbers of i given v₁ … vᵢ₋₁), element by element: one run of the network for each.
    /// </summary>
    private protected Tensor Solve(Tensor u, Tensor? context, Func<Tensor, Tensor, Tensor, Tensor> step)
    {
        Checked(u);
        var solved = new List<Tensor>();
        for (var element = 0; element < Dimension; element++)
        {
            // What is not yet known stays 0: the masks keep it from the numbers that are read here.
            Tensor[] known = solved.Count == 0 ? [zeros_like(u)] : [.. solved, zeros_like(solved[0]).expand([.. solved[0].shape[..^1], Dimension - element])];
            var (first, second) = Read(cat(known, -1), context);
            solved.Add(step(u.narrow(-1, element, 1), first.narrow(-1, element, 1), second.narrow(-1, element, 1)));
        }

        return cat(solved, -1);
    }
}
