using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Says why an enumerated ELBO is not finite: there, a log density of negative infinity is a value of probability zero and no fault by itself.</summary>
internal static class ImpossibleData
{
    public static NonFiniteException Diagnose(ElboEstimate estimate, EnumeratedRuns runs)
    {
        using var noGrad = no_grad();
        var broken = NonFiniteException.FirstAmong(runs.Guide.Sites, "guide", zeroAllowed: true) ?? NonFiniteException.FirstAmong(runs.Model.Sites, "model", zeroAllowed: true);
        var terms = estimate.Terms.Where((_, i) => !double.IsFinite(estimate.Values[i])).ToList();
        return new NonFiniteException([.. terms.Select(Sentence), broken ?? "Each site is a number, or zero probability, by itself."], runs.Model.ToString());
    }

    private static string Sentence(ElboTerm term, int index) => term switch
    {
        MarginalTerm sum => $"The sum over all values of {sum.Name} is not finite: log Σ p = {sum.Total.Number}. Where it is −∞, the data has probability zero whatever the values are.",
        KlTerm exact => $"KL(q ‖ p) of '{exact.Name}' is not finite: where the prior gives a value the probability zero, the guide must too.",
        _ => $"The term of '{term.Name}' is not finite: {term.Total.Number}.",
    };
}
