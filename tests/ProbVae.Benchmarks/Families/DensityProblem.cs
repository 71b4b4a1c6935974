using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>A family's density to be summed over a batch and differentiated by its arguments, with the formulas to compare with.</summary>
/// <param name="Name">The family.</param>
/// <param name="Value">Where the density is taken.</param>
/// <param name="Arguments">What it is differentiated by: leaves that require a gradient.</param>
/// <param name="Distribution">The family with those arguments.</param>
/// <param name="ByHand">Formulas for the log density of each element, by name; the first is what the family is compared with.</param>
/// <param name="MustBeFaster">Whether the family must be faster than the first formula, not only close to it.</param>
internal sealed record DensityProblem(
    string Name,
    Tensor Value,
    IReadOnlyList<Tensor> Arguments,
    Func<Distribution> Distribution,
    IReadOnlyList<(string Name, Func<Tensor> Formula)> ByHand,
    bool MustBeFaster = false) : IDisposable
{
    public void Dispose()
    {
        Value.Dispose();
        foreach (var argument in Arguments)
        {
            argument.Dispose();
        }
    }
}
