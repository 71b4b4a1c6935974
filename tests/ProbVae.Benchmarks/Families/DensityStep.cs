using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>A way to the sum of a problem's log density, and from there back to the gradients of its arguments.</summary>
/// <param name="name">The name in the report.</param>
/// <param name="problem">The problem, which the caller disposes of.</param>
/// <param name="total">The sum, its factor and offset kept apart where the way has such.</param>
internal sealed class DensityStep(string name, DensityProblem problem, Func<ScaledTensor> total) : IContender
{
    public string Name => name;

    /// <summary>What Svi.Step does with an observation: the family without checks, by the gradient that it knows, or else from the factor on.</summary>
    public static DensityStep OfEngine(DensityProblem problem) =>
        new("engine", problem, () => Event(problem).ScaledScore(problem.Value, known: true));

    /// <summary>The public LogProb, which holds arguments and value against their ranges.</summary>
    public static DensityStep OfLogProb(DensityProblem problem) =>
        new("LogProb, validated", problem, () => Event(problem).LogProb(problem.Value));

    /// <summary>A formula written on torch.</summary>
    public static DensityStep OfFormula(DensityProblem problem, string name, Func<Tensor> formula) =>
        new(name, problem, () => formula().sum());

    public double Step()
    {
        using var scope = NewDisposeScope();
        foreach (var argument in problem.Arguments)
        {
            argument.grad = null;
        }

        var sum = total();
        var starts = sum.Starts(sum.Factor);
        autograd.backward([.. starts.Select(start => start.At)], [.. starts.Select(start => start.Gradient)]);

        return sum.Number;
    }

    /// <summary>A step's sum and copies of the gradients that it left; the caller disposes of them.</summary>
    public (double Sum, IReadOnlyList<Tensor> Gradients) Results() =>
        (Step(), [.. problem.Arguments.Select(argument => argument.grad!.clone())]);

    public void Dispose()
    {
    }

    private static Distribution Event(DensityProblem problem)
    {
        var distribution = problem.Distribution();
        return distribution.ToEvent(distribution.BatchShape.Rank);
    }
}
