using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The loss of an ELBO that is a sum over sites: weights, free bits, and the surrogates of the score function.</summary>
internal sealed class SitewiseLoss
{
    private readonly SitewiseElbo _elbo;
    private readonly ElboPass _pass;
    private readonly Trace _model;
    private readonly Trace _guide;
    private readonly PlateAxes _axes;
    private readonly IReadOnlyList<ElboTerm> _terms;

    public SitewiseLoss(SitewiseElbo elbo, Trace model, Trace guide, IReadOnlyList<ElboTerm> terms, PlateAxes axes, ElboPass pass) =>
        (_elbo, _model, _guide, _terms, _axes, _pass) = (elbo, model, guide, terms, axes, pass);

    public ElboEstimate Estimate()
    {
        List<(ElboTerm Term, Tensor? Kept)> parts = [.. _terms.Select(term => (term, AfterFreeBits(term)))];
        List<ScaledTensor> descended = [.. parts.Select(part => part.Kept is { } kept ? new ScaledTensor(kept.sum(), part.Term.LossFactor / kept.shape[0]) : part.Term.Loss)];
        var loss = descended.Sum(part => part.Number);
        if (!is_grad_enabled())
        {
            return new SurrogateEstimate(_guide, _model, _terms, loss, descended);
        }

        var learn = new List<Action>();
        var costs = new DownstreamCosts(_model, _guide, [.. parts.Select(part => part.Term with { Elements = part.Kept ?? part.Term.ByElement })], _axes);
        foreach (var site in _guide.Latents.Where(_elbo.Scores))
        {
            var (score, cost) = (_axes.Align(site.LogProb()), costs.Of(site));
            if (!score.requires_grad)
            {
                continue;
            }

            var baseline = _elbo.BaselineOf(site.Handle)?.At(new(site, cost, _model, _axes, _pass.Inference));
            var advantage = baseline is null ? cost : cost.sub(baseline.Value);
            descended.Add(new(score.mul(advantage.detach()).sum(), 1.0 / cost.shape[0]));
            if (baseline is not null)
            {
                descended.AddRange(baseline.Descended);
                learn.Add(baseline.Learn);
            }
        }

        return new SurrogateEstimate(_guide, _model, _terms, loss, descended, () => learn.ForEach(action => action()));
    }

    // What an element's divergence, averaged over particles, falls short of the free nats costs those nats, and has no gradient.
    private Tensor? AfterFreeBits(ElboTerm term)
    {
        var free = term is KlTerm ? _elbo.KlWeightOf(term.Site.Key).FreeNats : 0;
        if (free == 0)
        {
            return null;
        }

        var byElement = _axes.Align(term.ByElement);
        return where(byElement.mean([0L], keepdim: true).gt(free), byElement, full_like(byElement, free));
    }
}
