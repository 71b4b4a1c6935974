using static TorchSharp.torch;

namespace ProbVae;

/// <content>Factors.</content>
public sealed partial class Run
{
    /// <summary>A factor: multiplies the joint density with the exponential of a log weight, for what no distribution says, as a constraint or a penalty.</summary>
    /// <param name="site">Its handle.</param>
    /// <param name="logWeight">One number for each element of the open plates. Range: real.</param>
    /// <exception cref="ModelException">The shapes do not fit, the weight is not finite, or the handle is doubled or another model's.</exception>
    public void Factor(Observed site, Tensor logWeight)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(logWeight);
        Factor(site, new Source(() => new FactorDensity(logWeight)));
    }

    internal void Factor(Observed site, Source source) => Observe(site, source, zeros(PlateShape.ToArray()));
}
