using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>An ELBO that is a sum over sites, in which each latent variable has its own gradient and its own form of KL.</summary>
internal abstract class SitewiseElbo(int particles, bool vectorized, KlRegistry divergences) : Elbo(particles, vectorized)
{
    /// <summary>Why KL terms are not in closed form unless a site asks for it; null where they are.</summary>
    private protected virtual string? WhyMonteCarlo => null;

    /// <summary>Whether what is not reparameterized has the score function's gradient by itself.</summary>
    private protected virtual bool ScoresFixedDraws => false;

    /// <summary>Whether log q is taken with the guide's parameters held fixed.</summary>
    private protected virtual bool SticksTheLanding => false;

    /// <summary>The baseline of sites that chose none.</summary>
    private protected virtual Baseline? DefaultBaseline => null;

    internal override IReadOnlyList<(string Name, Module Module)> Modules =>
    [
        .. DefaultBaseline?.Modules("baseline") ?? [],
        .. Choices.Where(choice => choice.Value.Baseline is not null).OrderBy(choice => choice.Key.Name, StringComparer.Ordinal)
            .SelectMany(choice => choice.Value.Baseline!.Modules($"baseline.{choice.Key.Name}")),
    ];

    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) => Choices.GetValueOrDefault(prior.Handle)?.ClosedForm switch
    {
        false => $"{SiteChoice.MonteCarloKl} was chosen",
        null when WhyMonteCarlo is { } reason => reason,
        _ => WhyNoClosedForm(prior, posterior, order),
    };

    internal override string? WhyNotTrained(LatentSite posterior) => Scores(posterior) ? null : base.WhyNotTrained(posterior);

    internal override string Gradient(LatentSite posterior) => !Scores(posterior)
        ? SticksTheLanding && posterior.Distribution.IsReparameterized ? "pathwise, log q held fixed" : base.Gradient(posterior)
        : $"score function, {BaselineOf(posterior.Handle)?.ToString() ?? "no baseline"}{(posterior.Distribution.IsReparameterized ? ": chosen" : ": not reparameterized")}";

    internal override bool IsPathwise(LatentSite posterior) => !Scores(posterior) && base.IsPathwise(posterior);

    internal override IEnumerable<string> Misfits(Trace model, Trace guide)
    {
        var order = new DependencyOrder(model, guide);
        var forced = model.Latents.Where(prior => Choices.GetValueOrDefault(prior.Handle)?.ClosedForm == true)
            .Select(prior => (prior.Name, Why: WhyNoClosedForm(prior, guide[prior.Handle], order))).Where(pair => pair.Why is not null)
            .Select(pair => $"At('{pair.Name}'): {SiteChoice.ClosedFormKl} is not to be had: {pair.Why}. Drop the choice, or take {SiteChoice.MonteCarloKl}.");
        // Where a guide draws variables of its own, a reparameterized site may be computed from them: a score of its own would miss that.
        var own = guide.Sites.OfType<AuxiliarySite>().Any();
        var computed = guide.Latents.Where(posterior => Scores(posterior) && (posterior.Distribution.Support is Point || (own && posterior.Distribution.IsReparameterized)))
            .Select(posterior => $"At('{posterior.Name}'): the guide computes its value from others or gives it a point, so it has no score of its own; choose {SiteChoice.Pathwise}.");
        return base.Misfits(model, guide).Concat(forced).Concat(computed);
    }

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        if (!HasKlWeights && Choices.Count == 0 && !ScoresFixedDraws && !SticksTheLanding)
        {
            return base.Estimate(pass);
        }

        var detached = Choices.Where(choice => choice.Value.Gradient == SiteGradient.ScoreFunction).Select(choice => choice.Key).ToHashSet();
        var settings = pass.Settings;
        var guide = pass.RunGuide(settings with { Detached = detached.Contains });
        var densities = guide;
        if (SticksTheLanding && is_grad_enabled())
        {
            // The same program at the same draws: a draw that another was made from still carries its gradient there.
            using var frozen = pass.Freeze();
            densities = guide.WithDensitiesOf(pass.RunGuide(settings with { Replay = guide }));
        }

        var model = pass.RunModel(settings with { Replay = guide });
        return new SitewiseLoss(this, model, guide, Terms(model, densities, pass.Step), PlateAxes.Of(settings), pass).Estimate();
    }

    /// <summary>Whether a site has the score function's gradient.</summary>
    internal bool Scores(LatentSite posterior) => Choices.GetValueOrDefault(posterior.Handle)?.Gradient is { } chosen
        ? chosen == SiteGradient.ScoreFunction
        : ScoresFixedDraws && !posterior.Distribution.IsReparameterized;

    /// <summary>What is taken off a site's costs.</summary>
    internal Baseline? BaselineOf(SiteHandle site) => Choices.GetValueOrDefault(site) is { Gradient: SiteGradient.ScoreFunction } chosen ? chosen.Baseline ?? DefaultBaseline : DefaultBaseline;

    private protected override string? WhyNotChosen(SiteChoice choice) => null;

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order, bool known) =>
        WhyNotClosedForm(prior, posterior, order) is null ? KlTerm.Of(prior, divergences.ByEvent(posterior.Distribution, prior.Distribution, known), closedForm: true)
            // The score function has the gradient of log q, whose own mean is zero, as the draws are fixed.
            : MonteCarloKl(prior, Scores(posterior) ? posterior with { HeldLogProb = posterior.LogProb().detach() } : posterior, known);

    private string? WhyNoClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) =>
        !divergences.Has(posterior.Distribution, prior.Distribution)
            ? $"KL({posterior.Distribution.Family} ‖ {prior.Distribution.Family}) is not registered"
            : order.SpoiledBy(prior) is { } other
                ? $"its prior reads '{other}', which the guide draws from '{prior.Name}'"
                : null;
}
