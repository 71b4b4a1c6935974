using ProbVae.Examples.Posteriors.Reference;

namespace ProbVae.Examples.Posteriors.Fitting;

/// <summary>What a fit or chains found.</summary>
/// <param name="Moments">Means and standard deviations under the guide or of the chains, by the reference's names of the parameters.</param>
/// <param name="Elbo">The ELBO by 1,000 draws; not a number for chains, which have none.</param>
/// <param name="Time">The processor time that the fit took, which other work on the machine does not lengthen.</param>
public sealed record FittedPosterior(IReadOnlyDictionary<string, ReferenceMoments> Moments, double Elbo, TimeSpan Time)
{
    /// <summary>Holds each parameter against the reference.</summary>
    public IReadOnlyList<Comparison> Against(ReferencePosterior reference)
    {
        var bounds = Bounds.Of(reference.Name);
        return [.. reference.Moments.Select(entry => Comparison.Of(entry.Key, entry.Value, Moments[entry.Key], bounds))];
    }
}
