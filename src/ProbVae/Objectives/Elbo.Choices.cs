using System.Collections.Immutable;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <content>What an objective says of single sites: weights, gradients, what it can train.</content>
public abstract partial class Elbo
{
    private KlWeight _klWeight = KlWeight.One;
    private ImmutableDictionary<SiteHandle, KlWeight> _klWeights = ImmutableDictionary<SiteHandle, KlWeight>.Empty;
    private ImmutableDictionary<SiteHandle, SiteChoices> _choices = ImmutableDictionary<SiteHandle, SiteChoices>.Empty;

    /// <summary>How a caller asks for it, for sentences.</summary>
    internal virtual string Word => $"Elbo.{GetType().Name.Replace("Elbo", "", StringComparison.Ordinal)}";

    /// <summary>As a caller asks for it: <c>Elbo.MeanField(particles: 4)</c>, with the weights and choices of single sites.</summary>
    public override string ToString() => string.Concat([
        Word.Contains('(', StringComparison.Ordinal) ? Word : $"{Word}({string.Join(", ", Numbers())})",
        .. _klWeight == KlWeight.One ? Array.Empty<string>() : [$".WithKlWeight({_klWeight})"],
        .. _klWeights.Select(entry => $".WithKlWeight({entry.Key}, {entry.Value})").Order(StringComparer.Ordinal),
        .. _choices.Keys.Select(site => $".At({site}, …)").Order(StringComparer.Ordinal)]);

    private IEnumerable<string> Numbers()
    {
        if (Particles > 1)
        {
            yield return $"particles: {Particles}";
        }

        if (!Vectorized)
        {
            yield return "vectorized: false";
        }
    }

    /// <summary>The objective's own networks, whose parameters are trained with the others: learnt baselines.</summary>
    internal virtual IReadOnlyList<(string Name, Module Module)> Modules => [];

    /// <summary>What was chosen for single sites.</summary>
    private protected IReadOnlyDictionary<SiteHandle, SiteChoices> Choices => _choices;

    /// <summary>The same objective, whose loss counts every latent variable's KL term with a weight; the reported ELBO stays as it is.</summary>
    /// <param name="weight">The weight as a function of the step.</param>
    /// <exception cref="ArgumentException">This objective has no KL terms that could be weighted so.</exception>
    public Elbo WithKlWeight(KlWeight weight)
    {
        var copy = Weighable(weight);
        copy._klWeight = weight;
        return copy;
    }

    /// <summary>The same objective, whose loss counts one latent variable's KL term with a weight of its own.</summary>
    /// <param name="site">The latent variable; one that no run comes to is an exception at the first step.</param>
    /// <param name="weight">The weight as a function of the step.</param>
    /// <exception cref="ArgumentException">This objective has no KL terms that could be weighted so.</exception>
    public Elbo WithKlWeight(Latent site, KlWeight weight)
    {
        ArgumentNullException.ThrowIfNull(site);
        var copy = Weighable(weight);
        copy._klWeights = _klWeights.SetItem(site, weight);
        return copy;
    }

    /// <summary>The same objective with a choice for one latent variable, which counts before the objective's own.</summary>
    /// <param name="site">The latent variable; one that no run comes to is an exception at the first step.</param>
    /// <param name="choices">How its gradient is estimated, how its KL term is computed; a later choice replaces an earlier one of its kind.</param>
    /// <exception cref="ArgumentException">This objective takes no choices for single sites, or not this one.</exception>
    public Elbo At(Latent site, params SiteChoice[] choices)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(choices);
        if (choices.Select(WhyNotChosen).FirstOrDefault(reason => reason is not null) is { } reason)
        {
            throw new ArgumentException($"At('{site}'): {reason}", nameof(choices));
        }

        var copy = (Elbo)MemberwiseClone();
        copy._choices = _choices.SetItem(site, choices.Aggregate(_choices.GetValueOrDefault(site, SiteChoices.None), (all, choice) => choice.Into(all)));
        return copy;
    }

    /// <summary>How the gradient reaches a guide's site, in a few words.</summary>
    internal virtual string Gradient(LatentSite posterior) => posterior.Distribution.IsReparameterized ? "pathwise" : "none: its arguments are fixed";

    /// <summary>How the gradient reaches a variable that only the guide has.</summary>
    internal virtual string AuxiliaryGradient => "pathwise";

    /// <summary>How many times a step runs both programs and averages.</summary>
    internal virtual int RunsToAverage => Vectorized ? 1 : Particles;

    /// <summary>Which plates have a weight for each of their elements; null where the objective weighs no draws.</summary>
    internal virtual CommonPlates? Weigh(Trace model, Trace guide) => null;

    /// <summary>What the objective is called in a formula, and how it averages the terms.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="sum">The terms; of an objective that weighs draws, those in one weight.</param>
    /// <param name="outer">The sums over plates that stand before a weight's logarithm; empty for none.</param>
    /// <param name="apart">The terms that are in no weight; empty for none.</param>
    /// <param name="weighted">The plates that have a weight for each of their elements.</param>
    internal virtual string Formula(string model, string sum, string outer, string apart, IReadOnlyList<Plate> weighted) =>
        $"ELBO({model}) = E_q[ {sum} ]    ({(Particles == 1 ? "1 particle" : $"{Particles} particles, {(Vectorized ? "vectorized" : "one by one")}")})";

    /// <summary>Says in a sentence why this objective cannot train a guide's site; null where it can.</summary>
    internal virtual string? WhyNotTrained(LatentSite posterior) => !posterior.HasFixedDraws() ? null
        : $"Site '{posterior.Name}': the guide's {posterior.Distribution.Family} is not reparameterized: its draws carry no gradient to its arguments, so this ELBO cannot train it. Use a reparameterized family, or an estimator that needs none: Elbo.ScoreFunction(), .At({posterior.Name}, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws){(posterior.Distribution.Support.Elements is null ? "" : ", or enumerate it")} ({posterior.Distribution.Family}'s arguments may also be held fixed).";

    /// <summary>Says in sentences what was chosen for sites that are not there, or that it does not fit.</summary>
    internal virtual IEnumerable<string> Misfits(Trace model, Trace guide)
    {
        foreach (var (word, site) in _klWeights.Keys.Select(site => ("WithKlWeight", site)).Concat(_choices.Keys.Select(site => ("At", site))))
        {
            if (guide.Find(site) is not LatentSite)
            {
                yield return $"{word}('{site}'): no latent variable of this model and guide is called so; there are {string.Join(", ", guide.Latents.Select(latent => latent.Name))}.";
            }
        }

        var own = guide.Sites.OfType<AuxiliarySite>().FirstOrDefault();
        if (own is not null && (!_klWeights.IsEmpty || _klWeight.FreeNats > 0))
        {
            yield return $"Site '{own.Name}': the guide draws its latent variables from a variable of its own, so their KL terms cannot be told apart; use one KL weight for all sites, without free bits.";
        }
    }

    /// <summary>Says why a KL term cannot be weighted so; null where it can.</summary>
    private protected virtual string? WhyNotWeighted(KlWeight weight) => null;

    /// <summary>Says why a site cannot have this choice; null where it can.</summary>
    private protected virtual string? WhyNotChosen(SiteChoice choice) => $"{Word} treats all sites alike; use Elbo.MeanField, Elbo.Trace, Elbo.ScoreFunction or Elbo.StickingTheLanding for choices of single sites.";

    /// <summary>The weight of a site's KL term.</summary>
    internal KlWeight KlWeightOf(SiteHandle site) => _klWeights.GetValueOrDefault(site, _klWeight);

    /// <summary>Whether each KL term counts once.</summary>
    private protected bool HasKlWeights => _klWeight != KlWeight.One || !_klWeights.IsEmpty;

    /// <summary>The term with the weight that the loss counts it with.</summary>
    private protected virtual ElboTerm Weighted(ElboTerm term, long step) => term switch
    {
        _ when !HasKlWeights => term,
        LogLikelihoodTerm or MarginalTerm => term,
        NegativeEntropyTerm when KlWeightOf(term.Site.Key) != KlWeight.One => throw new ModelException(
            $"WithKlWeight('{term.Site.Name}'): its prior stands in the sum over discrete variables, so it has no KL term of its own that could be weighted."),
        _ => term with { Weight = KlWeightOf(term.Site.Key).At(step) },
    };

    /// <summary>Whether a step's loss leaves a term out: a KL term with the weight 0.</summary>
    internal bool SilencesTerms(long step) => HasKlWeights && _klWeights.Values.Append(_klWeight).Any(weight => weight.At(step) == 0);

    private Elbo Weighable(KlWeight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return WhyNotWeighted(weight) is { } reason ? throw new ArgumentException(reason, nameof(weight)) : (Elbo)MemberwiseClone();
    }
}
