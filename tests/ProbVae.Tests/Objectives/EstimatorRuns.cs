using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Steps at parameters that do not move: what an estimator gives at one point, again and again.</summary>
internal static class EstimatorRuns
{
    /// <summary>The loss and the gradient of the loss, one row for each step.</summary>
    public static (double[] Losses, double[][] Gradients) Take(Svi<Tensor> svi, Tensor data, IReadOnlyList<Parameter> parameters, int steps)
    {
        var (losses, gradients) = (new double[steps], new double[steps][]);
        for (var step = 0; step < steps; step++)
        {
            losses[step] = svi.Step(data).Loss;
            gradients[step] = [.. parameters.SelectMany(Gradient)];
        }

        return (losses, gradients);
    }

    /// <summary>Fails unless the mean of each element lies within 4 of its standard errors of the exact gradient of the loss.</summary>
    public static void AssertUnbiased(double[][] gradients, double[] exact, string what)
    {
        for (var i = 0; i < exact.Length; i++)
        {
            Inferences.AssertEstimates(exact[i], Inferences.Mean([.. gradients.Select(gradient => gradient[i])]), $"{what}, parameter {i}");
        }
    }

    /// <summary>The variance of each element, summed.</summary>
    public static double Variance(double[][] gradients) => Enumerable.Range(0, gradients[0].Length).Sum(i =>
    {
        var mean = gradients.Average(gradient => gradient[i]);
        return gradients.Sum(gradient => (gradient[i] - mean) * (gradient[i] - mean)) / (gradients.Length - 1);
    });

    private static double[] Gradient(Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is null ? new double[parameter.numel()] : Inferences.Numbers(gradient);
    }
}
