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
    private readonly List<ElboShare> _shares;

    public SitewiseLoss(SitewiseElbo elbo, Trace model, Trace guide, Trace densities, PlateAxes axes, ElboPass pass)
    {
        (_elbo, _model, _guide, _axes, _pass) = (elbo, model, guide, axes, pass);
        var order = new DependencyOrder(model, guide);
        _shares = ElboShare.Of(model, densities, (prior, landed) => elbo.KlShare(prior, guide[prior.Handle], landed, order), term => elbo.InLoss(term, pass.Step));
    }

    public ElboEstimate Estimate()
    {
        List<(ElboShare Share, Tensor? Kept)> parts = [.. _shares.Select(share => (share, AfterFreeBits(share)))];
        List<ScaledTensor> descended = [.. parts.Select(part => part.Kept is { } kept ? new ScaledTensor(kept.sum(), part.Share.LossFactor / kept.shape[0]) : part.Share.Loss)];
        var loss = descended.Sum(part => part.Number);
        var terms = _shares.ConvertAll(share => share.Term);
        if (!is_grad_enabled())
        {
            return new SurrogateEstimate(_guide, _model, terms, loss, descended);
        }

        var learn = new List<Action>();
        var costs = new DownstreamCosts(_model, _guide, [.. parts.Select(part => part.Kept is { } kept ? part.Share with { ByElement = kept } : part.Share)], _axes);
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

        return new SurrogateEstimate(_guide, _model, terms, loss, descended, () => learn.ForEach(action => action()));
    }

    // What an element's divergence, averaged over particles, falls short of the free nats costs those nats, and has no gradient.
    private Tensor? AfterFreeBits(ElboShare share)
    {
        var free = share.Term is KlTerm ? _elbo.KlWeightOf(share.Term.Site.Key).FreeNats : 0;
        if (free == 0)
        {
            return null;
        }

        var byElement = _axes.Align(share.ByElement);
        return where(byElement.mean([0L], keepdim: true).gt(free), byElement, full_like(byElement, free));
    }
}
