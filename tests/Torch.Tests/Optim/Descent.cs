using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Optim;

/// <summary>Descends the loss sum(c w^2 / 2 + b w), whose gradient c w + b both the test and the optimizer know.</summary>
internal sealed class Descent : IDisposable
{
    private static readonly double[] Curvature = [1.0, 4.0, 0.3];
    private static readonly double[] Slope = [0.5, -1.0, 2.0];
    private static readonly double[] Start = [1.0, -2.0, 0.7];

    public Descent(Func<IEnumerable<Parameter>, optim.Optimizer> make)
    {
        Weights = new Parameter(tensor(Start));
        Optimizer = make([Weights]);
    }

    public Parameter Weights { get; }

    public optim.Optimizer Optimizer { get; }

    /// <summary>Computes what one coordinate must be after some steps of an update rule, given as (w, gradient, step from 1) to w.</summary>
    public static double[] Expected(int steps, Func<Func<double, double, int, double>> newRule) => Start.Select((start, i) =>
    {
        var rule = newRule();
        var weight = start;
        for (var step = 1; step <= steps; step++)
        {
            weight = rule(weight, (Curvature[i] * weight) + Slope[i], step);
        }
        return weight;
    }).ToArray();

    public Tensor Loss() => ((tensor(Curvature) * Weights.square() / 2) + (tensor(Slope) * Weights)).sum();

    public Descent Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            Optimizer.zero_grad();
            Loss().backward();
            Optimizer.step();
        }
        return this;
    }

    public double[] Values()
    {
        using var detached = Weights.detach();
        return detached.data<double>().ToArray();
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Weights.Dispose();
    }
}
