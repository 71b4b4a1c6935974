using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Central finite differences in float64.</summary>
internal static class FiniteDifferences
{
    /// <summary>The derivative of a function of several tensors in each number of one of them.</summary>
    public static double[] Gradient(Tensor[] inputs, int which, Func<Tensor[], double> function, double step = 1e-6)
    {
        using var noGrad = no_grad();
        var numbers = inputs[which].reshape(-1).data<double>().ToArray();
        var gradient = new double[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            double At(double shift)
            {
                var moved = (double[])numbers.Clone();
                moved[i] += shift;
                var changed = (Tensor[])inputs.Clone();
                changed[which] = tensor(moved).reshape(inputs[which].shape);
                return function(changed);
            }

            gradient[i] = (At(step) - At(-step)) / (2 * step);
        }

        return gradient;
    }
}
