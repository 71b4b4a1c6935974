using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One site's share of an ELBO with the numbers that it is the sum of.</summary>
/// <param name="Term">The share of the true ELBO, summed and scaled.</param>
/// <param name="ByElement">One number for each particle and element of the site's plates, of exactly the batch's shape.</param>
internal sealed record ElboShare(ElboTerm Term, Tensor ByElement)
{
    /// <summary>The factor with which the loss counts the site's elements: weight, plates, sign.</summary>
    public double LossFactor => -Term.Sign * Term.Weight * Term.Site.Scale;

    /// <summary>What the loss counts for the whole site.</summary>
    public ScaledTensor Loss
    {
        get
        {
            var (total, sign) = (Term.Total, -Term.Sign * Term.Weight);
            return total with { Factor = total.Factor * sign, Offset = total.Offset * sign };
        }
    }

    /// <summary>log p of an observation.</summary>
    public static ElboShare LogLikelihood(ObservedSite site)
    {
        var values = site.LogProb();
        return new(new LogLikelihoodTerm(site, site.Total(values)), values);
    }

    /// <summary>log q of a guide's own variable.</summary>
    public static ElboShare Auxiliary(AuxiliarySite site)
    {
        var values = site.LogProb();
        return new(new AuxiliaryTerm(site, site.Total(values)), values);
    }

    /// <summary>log q − log p of a latent variable at the draws.</summary>
    /// <param name="prior">The model's site.</param>
    /// <param name="posterior">The guide's site.</param>
    /// <param name="scored">Whether the score function has the gradient of log q, whose own mean is then zero, as the draws are fixed.</param>
    public static ElboShare MonteCarlo(LatentSite prior, LatentSite posterior, bool scored = false)
    {
        var own = posterior.LogProb();
        var values = (scored ? own.detach() : own).sub(prior.LogProb());
        return new(new KlTerm(prior, prior.Total(values), ClosedForm: false), values);
    }

    /// <summary>KL(q ‖ p) of a latent variable, given the sites that both read.</summary>
    public static ElboShare ClosedForm(LatentSite prior, LatentSite posterior, KlRegistry divergences)
    {
        var values = prior.Distribution.InBatch(divergences.ByEvent(posterior.Distribution, prior.Distribution).ToTensor());
        return new(new KlTerm(prior, prior.Total(values), ClosedForm: true), values);
    }

    /// <summary>The shares of all scored sites: the model's, then the guide's own.</summary>
    public static List<ElboShare> Of(Trace model, Trace guide, Func<LatentSite, LatentSite, ElboShare> kl, Func<ElboTerm, ElboTerm> weighted)
    {
        var own = guide.Sites.OfType<AuxiliarySite>().Select(Auxiliary);
        var shares = model.Sites.Where(site => site is not UnscoredSite).Select(site => site switch
        {
            ObservedSite observed => LogLikelihood(observed),
            LatentSite prior => kl(prior, guide[prior.Handle]),
            _ => throw new InvalidOperationException($"Site '{site.Name}': an ELBO has no term for a {site.GetType().Name}."),
        });
        return [.. shares.Concat(own).Select(share => share with { Term = weighted(share.Term) })];
    }
}
