using System;
using System.Runtime.CompilerServices;

namespace TorchSharp.Modules;

/// <summary>Checks of the numbers that optimizers are made with.</summary>
internal static class OptimizerArgument
{
    public static void NonNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0.0))
        {
            throw new ArgumentException($"{name} must not be negative, but it is {value}.", name);
        }
    }

    public static void DecayRate(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0.0 && value < 1.0))
        {
            throw new ArgumentException($"{name} must be at least 0 and less than 1, but it is {value}.", name);
        }
    }
}
