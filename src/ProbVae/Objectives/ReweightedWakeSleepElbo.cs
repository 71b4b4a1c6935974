using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Reweighted wake-sleep (Bornschein and Bengio 2015) in its wake phases: with normalized weights ŵ of K fixed draws, the model
/// ascends Σ_k ŵ_k log p(x, z_k) and the guide ascends Σ_k ŵ_k log q(z_k), so no draw needs a gradient. The loss reported is −L_K.
/// </summary>
internal sealed class ReweightedWakeSleepElbo(int draws, bool vectorized) : MultiSampleElbo($"Elbo.ReweightedWakeSleep({draws})", draws, vectorized)
{
    internal override string Gradient(LatentSite posterior) => "log q at fixed draws, by their weights";

    internal override bool IsPathwise(LatentSite posterior) => false;

    internal override string AuxiliaryGradient => "log q at fixed draws, by their weights";

    internal override string? WhyNotTrained(LatentSite posterior) => posterior.Distribution is Delta && posterior.Distribution.Arguments.Any(argument => argument.Value.requires_grad)
        ? $"Site '{posterior.Name}': the guide's {posterior.Distribution.Family} has no density that {Word} could raise at a draw; use a family with one, or Elbo.Trace."
        : null;

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        var runs = Runs(pass, (settings, _) =>
        {
            var guide = pass.RunGuide(settings with { Detached = _ => true });
            return guide.Latents.FirstOrDefault(site => site.Value.requires_grad) is not { } computed ? (guide, guide)
                : throw new ModelException($"Site '{computed.Name}': the guide computes its value with parameters, and {Word} trains a guide by its densities at fixed draws alone; use Elbo.Dreg or Elbo.Iwae.");
        });
        var weights = Joined(runs);
        List<ScaledTensor> descended = [.. weights.Separate];
        var loss = weights.Separate.Sum(part => part.Number);
        if (weights.Log is { } log)
        {
            loss -= weights.Scale * HostNumbers.Single(Bound(log.detach()).sum());
            // log w holds −log q as often as the prior's weight says; what both phases ascend holds it once, with a plus.
            var ascended = cat([.. runs.Select(run => Own(run).Aggregate(run.Weights.Log!, (sum, part) => sum.add(part)))], 0);
            descended.Add(new(ascended.mul(log.detach().softmax(0)).sum(), -weights.Scale));
        }

        return new SurrogateEstimate(runs[0].Guide, runs[0].Model, weights.Terms, loss, descended);
    }

    protected override Tensor Bound(Tensor logWeights) => logWeights.logsumexp(0).sub(Math.Log(Particles));

    private protected override string? WhyNotWeighted(KlWeight weight) => $"{Word} has no KL term in what it descends, so a KL weight would do nothing; use Elbo.Iwae or Elbo.MeanField.";

    private static IEnumerable<Tensor> Own(DrawnRun run)
    {
        var (guide, model, settings, weights) = run;
        var axes = PlateAxes.Of(settings);
        foreach (var site in guide.Sites.Where(site => site is LatentSite or AuxiliarySite))
        {
            var inWeight = model.Find(site.Key)?.Weight ?? site.Weight;
            var plates = site.Scale / site.Weight;
            yield return axes.SumTo(axes.Align(site.LogProb()), weights.Plates).mul((1 + inWeight) * plates / weights.Scale);
        }
    }
}
