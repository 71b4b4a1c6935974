namespace ProbVae;

/// <summary>One share of an ELBO with exact sums, and what it is the sum of.</summary>
/// <param name="Term">The share, summed over plates and averaged over particles.</param>
/// <param name="Factors">Quantities whose sum is the share of each particle and element.</param>
/// <param name="Weight">What they count with beside plates.</param>
internal sealed record EnumeratedShare(ElboTerm Term, IReadOnlyList<Factor> Factors, double Weight);

/// <summary>The shares of an ELBO in which discrete latent variables are summed over: sums over those that the guide has not first, then the sites.</summary>
/// <param name="runs">The runs that went through all values.</param>
/// <param name="closedForm">KL(q ‖ p) of a latent variable by element, where it is to be taken in closed form; null where it is not.</param>
internal sealed class EnumeratedTerms(EnumeratedRuns runs, Func<LatentSite, LatentSite, TorchSharp.torch.Tensor?> closedForm)
{
    /// <summary>The shares.</summary>
    /// <exception cref="ModelException">A sum has no exact form, or its sites are weighed differently.</exception>
    public IReadOnlyList<EnumeratedShare> All => [
        .. runs.Sums().Select(part => Marginal(part.Factors, part.Variables)),
        .. runs.Model.Sites.Concat(runs.Guide.Sites.OfType<AuxiliarySite>()).Where(site => site is not UnscoredSite).Select(Share).OfType<EnumeratedShare>()];

    private EnumeratedShare? Share(Site site) => site switch
    {
        AuxiliarySite own => Of(total => new AuxiliaryTerm(own, total), runs.Posterior(own), own),
        LatentSite prior when runs.Guide.Find(prior.Handle) is LatentSite posterior => runs.IsInSum(site)
            ? Of(total => new NegativeEntropyTerm(prior, total), runs.Posterior(posterior), posterior)
            : Kl(prior, posterior),
        ObservedSite observed when !runs.IsInSum(site) => Of(total => new LogLikelihoodTerm(observed, total), runs.Prior(site), site),
        _ => null,
    };

    private EnumeratedShare Kl(LatentSite prior, LatentSite posterior)
    {
        var exact = runs.Variable(prior.Handle) is not null;
        var closed = exact ? null : closedForm(prior, posterior);
        var quantity = closed is not null ? runs.Quantity(prior, closed) : Factor.Product([runs.Posterior(posterior), runs.Prior(prior).Negated()]);
        return Of(total => new KlTerm(prior, total, exact || closed is not null), quantity, prior);
    }

    private EnumeratedShare Of(Func<ScaledTensor, ElboTerm> term, Factor quantity, Site site) =>
        new(term(runs.Expectation.Total(quantity, site.Weight, runs.Particles)), [quantity], site.Weight);

    private EnumeratedShare Marginal(IReadOnlyList<Factor> factors, IReadOnlyList<EnumeratedVariable> variables)
    {
        var results = new PlatedElimination(LogSums.LogSumExp).Run(factors);
        var sites = runs.Model.Sites.Where(site => site is not UnscoredSite && factors.Contains(runs.Prior(site))).ToList();
        var weight = sites[0].Weight;
        if (sites.FirstOrDefault(site => site.Weight != weight) is { } other)
        {
            throw new ModelException($"Scale: the sites '{sites[0].Name}' and '{other.Name}' are summed over together and have different weights, {weight} and {other.Weight}; give all of them the same, or the guide a site for {string.Join(", ", variables.Select(variable => variable.Site))}.");
        }

        var totals = results.Select(result => runs.Expectation.Total(result, weight, runs.Particles)).ToList();
        var total = totals.Count == 1 ? totals[0] : totals.Select(total => total.ToTensor()).Aggregate((sum, next) => sum.add(next));
        return new(new MarginalTerm([.. variables.Select(variable => runs.Model[variable.Site])], total), results, weight);
    }
}
