using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Bounds on the gradient that an optimizer sees: on each element first, then on the norm of all of them together (Pascanu, Mikolov and Bengio 2013).</summary>
/// <param name="MaxNorm">The greatest Euclidean norm; infinite for none.</param>
/// <param name="MaxValue">The greatest magnitude of an element; infinite for none.</param>
internal sealed record GradientClipping(double MaxNorm, double MaxValue)
{
    /// <summary>Clips the gradients in place.</summary>
    /// <returns>Their norm before; null where there is no gradient.</returns>
    public double? Apply(TrainableParameters parameters)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var gradients = Gradients(parameters);
        var before = Norm(gradients);
        if (double.IsFinite(MaxValue))
        {
            gradients.ForEach(gradient => gradient.clamp_(-MaxValue, MaxValue));
        }

        var norm = double.IsFinite(MaxValue) ? Norm(gradients) : before;
        if (norm > MaxNorm)
        {
            gradients.ForEach(gradient => gradient.mul_(MaxNorm / norm.Value));
        }

        return before;
    }

    /// <summary>The Euclidean norm of all gradients together; null where there is none.</summary>
    public static double? Norm(TrainableParameters parameters)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Norm(Gradients(parameters));
    }

    private static List<Tensor> Gradients(TrainableParameters parameters) => [.. parameters.ByName.Values.Select(parameter => parameter.grad).OfType<Tensor>()];

    private static double? Norm(List<Tensor> gradients)
    {
        if (gradients.Count == 0)
        {
            return null;
        }

        var norm = Together(gradients.ConvertAll(gradient => gradient.norm()));
        // The squares of finite 32-bit numbers can overflow, where those in 64 bits do not.
        return double.IsFinite(norm) ? norm : Together(gradients.ConvertAll(gradient => gradient.to(ScalarType.Float64).norm()));
    }

    private static double Together(List<Tensor> norms) => HostNumbers.Single(stack(norms.ConvertAll(norm => norm.to(ScalarType.Float64))).norm());
}
