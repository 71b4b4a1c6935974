using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Factors: what no distribution says, as a constraint or a penalty.</summary>
public static class Factors
{
    /// <summary>A factor: multiplies the joint density with the exponential of a log weight.</summary>
    /// <param name="run">The run.</param>
    /// <param name="site">Its handle.</param>
    /// <param name="logWeight">One number for each element of the open plates. Range: real.</param>
    /// <exception cref="ModelException">The shapes do not fit, the weight is not finite, or the handle is doubled or another model's.</exception>
    public static void Factor(this Run run, Observed site, Tensor logWeight)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(logWeight);
        run.Factor(site, new Source(() => new FactorDensity(logWeight)));
    }

    internal static void Factor(this Run run, Observed site, Source source) => run.Observe(site, source, zeros(run.Plates.PlateShape.ToArray()));
}
