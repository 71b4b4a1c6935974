using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What a draw can have changed of the loss: the Rao-Blackwellized cost of the score function (Ranganath, Gerrish and Blei 2014,
/// Black Box Variational Inference; Schulman et al. 2015, Gradient Estimation Using Stochastic Computation Graphs). Shares that
/// do not depend on a site are left out of its cost, and where a plate makes elements independent, so are the other elements.
/// </summary>
/// <param name="model">The model's trace.</param>
/// <param name="guide">The guide's trace.</param>
/// <param name="terms">The loss by site.</param>
/// <param name="axes">Brings them to the same axes.</param>
internal sealed class DownstreamCosts(Trace model, Trace guide, IReadOnlyList<ElboTerm> terms, PlateAxes axes)
{
    // A variable of the guide's own is no latent variable, so who reads it is not known: then all that comes later may.
    private readonly bool _readsKnown = !guide.Sites.OfType<AuxiliarySite>().Any();

    /// <summary>The cost of each draw and element of a site, of shape (particles) + the axes of its plates.</summary>
    public Tensor Of(LatentSite site)
    {
        using var noGrad = no_grad();
        var drawn = DrawnFrom(site);
        Tensor? cost = null;
        foreach (var term in terms)
        {
            var through = Behind(term).Where(drawn.Contains).ToHashSet();
            if (through.Count > 0)
            {
                var part = axes.SumTo(axes.Align(term.ByElement), Independent(site, term.Site, drawn, through)).mul(term.LossFactor);
                cost = cost is null ? part : cost.add(part);
            }
        }

        var shape = axes.Align(site.LogProb()).shape;
        return cost is null ? zeros(shape, site.Distribution.DType, site.Distribution.Device) : cost.expand(shape);
    }

    // The site, and all that the guide draws from it.
    private HashSet<Latent> DrawnFrom(LatentSite source)
    {
        HashSet<Latent> drawn = [source.Handle];
        var before = true;
        foreach (var site in guide.Latents)
        {
            if (!before && (!_readsKnown || site.Reads is null || site.Reads.Any(drawn.Contains)))
            {
                drawn.Add(site.Handle);
            }

            before &= !site.Handle.Equals(source.Handle);
        }

        return drawn;
    }

    // The latent variables whose draws enter a share.
    private IEnumerable<Latent> Behind(ElboTerm term) => term switch
    {
        KlTerm { ClosedForm: true } kl => Read(model, kl.Latent).Concat(Read(guide, guide[kl.Latent.Handle])),
        KlTerm kl => Read(model, kl.Latent).Concat(Read(guide, guide[kl.Latent.Handle])).Append(kl.Latent.Handle),
        AuxiliaryTerm own => guide.Sites.TakeWhile(site => !site.Key.Equals(own.Auxiliary.Key)).OfType<LatentSite>().Select(site => site.Handle),
        _ => Read(model, term.Site),
    };

    private IEnumerable<Latent> Read(Trace trace, Site site) => site.Reads is { } reads && (_readsKnown || trace == model)
        ? reads
        : trace.Sites.TakeWhile(other => !other.Key.Equals(site.Key)).OfType<LatentSite>().Select(other => other.Handle);

    // The plates in which an element of the share depends on the site's element of the same place alone: each way from the one to the other stays inside.
    private IEnumerable<Plate> Independent(LatentSite site, Site costly, HashSet<Latent> drawn, HashSet<Latent> through) =>
        site.Plates.Where(plate => costly.Plates.Contains(plate)
            && guide.Latents.Where(latent => drawn.Contains(latent.Handle) && !latent.Plates.Contains(plate)).All(outside => !DrawnFrom(outside).Overlaps(through))
            && !model.Sites.OfType<UnscoredSite>().Any(computed => !computed.Plates.Contains(plate) && Read(model, computed).Any(drawn.Contains)));
}
