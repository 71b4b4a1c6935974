using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Benchmarks;

/// <summary>What the contenders of the eight schools comparison share (Rubin 1981).</summary>
internal static class SchoolsProblem
{
    public const int Schools = 8;
    public const int Particles = 32;
    public const double LearningRate = 0.02;
    public const double MuScale = 5;
    public const double TauScale = 5;

    /// <summary>The estimated effects.</summary>
    public static Tensor Effects() => tensor([28f, 8, -3, 7, -1, 1, 18, 12]);

    /// <summary>Their standard errors.</summary>
    public static Tensor Errors() => tensor([15f, 10, 16, 11, 9, 11, 10, 18]);

    /// <summary>A parameter of a guide's site.</summary>
    public static Parameter Zeros(params long[] shape) => new(zeros(shape));
}
