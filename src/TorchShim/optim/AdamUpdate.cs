using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The running moments of one parameter's gradient, as Adam and AdamW keep them.</summary>
internal interface IAdamMoments
{
    long Step { get; set; }

    Tensor Mean { get; }

    Tensor Square { get; }

    Tensor? LargestSquare { get; }
}

/// <summary>The settings that the update shares between Adam and AdamW.</summary>
internal readonly record struct AdamSettings(double LearningRate, double Beta1, double Beta2, double Epsilon, bool Amsgrad);

/// <summary>One parameter, the gradient to step along (maximization and weight decay seen to), and the moments.</summary>
internal readonly record struct AdamEntry(Parameter Parameter, Tensor Gradient, IAdamMoments Moments);

/// <summary>Adam's update; parameters of the same step count are updated together, in a few calls for all of them.</summary>
internal static class AdamUpdate
{
    private static readonly Op Multiply = new("_foreach_mul_", "Scalar");
    private static readonly Op Add = new("_foreach_add_", "List");
    private static readonly Op AddScalar = new("_foreach_add_", "Scalar");
    private static readonly Op AddProduct = new("_foreach_addcmul_", "Scalar");
    private static readonly Op AddQuotient = new("_foreach_addcdiv_", "Scalar");
    private static readonly Op Maximize = new("_foreach_maximum_", "List");
    private static readonly Op SquareRoot = new("_foreach_sqrt");

    public static void Apply(IReadOnlyCollection<AdamEntry> entries, AdamSettings settings)
    {
        foreach (var entry in entries)
        {
            entry.Moments.Step++;
        }
        foreach (var batch in entries.GroupBy(entry => entry.Moments.Step))
        {
            Apply(batch.ToArray(), batch.Key, settings);
        }
    }

    private static void Apply(AdamEntry[] batch, long step, AdamSettings settings)
    {
        var parameters = Array.ConvertAll(batch, Tensor (entry) => entry.Parameter);
        var gradients = Array.ConvertAll(batch, entry => entry.Gradient);
        var means = Array.ConvertAll(batch, entry => entry.Moments.Mean);
        var squares = Array.ConvertAll(batch, entry => entry.Moments.Square);

        Multiply.Run(means, settings.Beta1);
        Add.Run(means, gradients, 1 - settings.Beta1);
        Multiply.Run(squares, settings.Beta2);
        AddProduct.Run(squares, gradients, gradients, 1 - settings.Beta2);

        // m / c1 / (sqrt(v / c2) + eps) with both corrections taken out of the tensors:
        // m sqrt(c2) / c1 / (sqrt(v) + eps sqrt(c2)).
        var meanCorrection = 1 - Math.Pow(settings.Beta1, step);
        var rootCorrection = Math.Sqrt(1 - Math.Pow(settings.Beta2, step));
        var denominators = SquareRoot.CallMany(settings.Amsgrad ? LargestSquares(batch, squares) : squares);
        AddScalar.Run(denominators, settings.Epsilon * rootCorrection);
        AddQuotient.Run(parameters, means, denominators, -settings.LearningRate * rootCorrection / meanCorrection);
    }

    private static Tensor[] LargestSquares(AdamEntry[] batch, Tensor[] squares)
    {
        var largest = Array.ConvertAll(batch, entry => entry.Moments.LargestSquare!);
        Maximize.Run(largest, squares);
        return largest;
    }
}
