using static TorchSharp.torch;

namespace ProbVae;

/// <content>What float32 cannot hold between arguments and result is worked out in float64.</content>
public abstract partial class Distribution
{
    /// <summary>The same distribution with its arguments in float64; gradients flow back to the arguments as they were given.</summary>
    internal Distribution InDoublePrecision()
    {
        if (DType == ScalarType.Float64)
        {
            return this;
        }

        var copy = (Distribution)MemberwiseClone();
        copy._arguments = [.. _arguments.Select(argument => argument with { Value = argument.Value.to(ScalarType.Float64) })];
        copy.DType = ScalarType.Float64;
        copy.OnArgumentsReplaced();
        return copy;
    }

    /// <summary>Makes anew what the family made of its arguments.</summary>
    private protected virtual void OnArgumentsReplaced()
    {
    }
}
