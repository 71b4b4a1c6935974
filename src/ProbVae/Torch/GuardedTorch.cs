using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What the mended copy of TorchSharp.dll calls in place of four methods of TorchSharp 0.107.0, whose native functions let C++ exceptions
/// out: a shape or a graph that libtorch refuses ended the process. Here it is an exception.
/// </summary>
/// <remarks>src/ProbVae/build/MendTorchSharp.cs names these methods; a test shows that each throws.</remarks>
internal static class GuardedTorch
{
    // A script's refusal comes as an exception, and its text is constant.
    private static readonly jit.CompilationUnit Script = jit.compile("""
        def matmul(x: Tensor, y: Tensor):
            return torch.matmul(x, y)

        def cummax(x: Tensor, dim: int):
            values, places = torch.cummax(x, dim)
            return [values, places]

        def cummin(x: Tensor, dim: int):
            values, places = torch.cummin(x, dim)
            return [values, places]

        def grad(outputs: List[Tensor], inputs: List[Tensor], starts: List[Tensor], keep: bool, differentiable: bool, allow_unused: bool):
            given: List[Optional[Tensor]] = []
            for start in starts:
                given.append(start)
            found = torch.autograd.grad(outputs, inputs, None if len(given) == 0 else given, keep, differentiable, allow_unused)
            used: List[int] = [-1]
            slopes: List[Tensor] = []
            for i in range(len(inputs)):
                slope = found[i]
                if slope is not None:
                    used.append(i)
                    slopes.append(slope)
            slopes.append(torch.tensor(used))
            return slopes

        """);

    /// <summary>x y, by torch's rules for matrices and vectors.</summary>
    public static Tensor Matmul(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        // The functions for one kind of shape throw by themselves and cost a script's way less.
        return (x.dim(), y.dim()) switch
        {
            (2, 2) => x.mm(y),
            (2, 1) => x.mv(y),
            (1, 1) => x.dot(y),
            _ => Script.invoke<Tensor>("matmul", x, y),
        };
    }

    /// <summary>The greatest value so far along an axis, and its place.</summary>
    public static (Tensor Values, Tensor Places) Cummax(Tensor x, long dim) => Two(Script.invoke<Tensor[]>("cummax", x, dim));

    /// <summary>The least value so far along an axis, and its place.</summary>
    public static (Tensor Values, Tensor Places) Cummin(Tensor x, long dim) => Two(Script.invoke<Tensor[]>("cummin", x, dim));

    /// <summary>The gradients of outputs in inputs, in the inputs' order; null for an input that is not used, where that is allowed.</summary>
    public static IList<Tensor> Grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? starts, bool keepGraph, bool differentiable, bool allowUnused)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(inputs);
        var found = Script.invoke<Tensor[]>("grad", outputs.ToArray(), inputs.ToArray(), starts?.ToArray() ?? [], keepGraph || differentiable, differentiable, allowUnused);
        var slopes = new Tensor[inputs.Count];
        using var used = found[^1].to(ScalarType.Int64);
        foreach (var (i, input) in used.data<long>().ToArray().Skip(1).Index())
        {
            slopes[input] = found[i];
        }

        found[^1].Dispose();
        return slopes;
    }

    private static (Tensor Values, Tensor Places) Two(Tensor[] pair) => (pair[0], pair[1]);
}
