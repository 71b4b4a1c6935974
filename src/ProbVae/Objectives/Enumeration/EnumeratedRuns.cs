using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A guide's run and a model's, in which each discrete latent variable goes through all its values, and their sites as factors.</summary>
internal sealed class EnumeratedRuns
{
    private readonly Enumeration _enumeration;
    private readonly Dictionary<SiteHandle, Factor> _guide;
    private readonly Dictionary<SiteHandle, Factor> _model;
    private readonly Dictionary<SiteHandle, EnumeratedVariable?[]> _owners = [];

    private EnumeratedRuns(Trace guide, Trace model, Enumeration guided, Enumeration enumeration, RunSettings settings)
    {
        (Guide, Model, _enumeration) = (guide, model, enumeration);
        Particles = settings.Particles!.Value;
        BatchRank = settings.Layout.PlateDepth + 1;
        _guide = Factors(guide, guided, []);
        _model = Factors(model, enumeration, enumeration.AtStart);
        Expectation = new GuideExpectation(guided.Variables.Select(variable => (variable, AsProbability(guide[variable.Site], variable, _guide))));
        foreach (var variable in enumeration.Variables.Where(variable => !variable.InGuide))
        {
            _model[variable.Site] = AsProbability(model[variable.Site], variable, _model);
        }
    }

    public Trace Guide { get; }

    public Trace Model { get; }

    /// <summary>How many particles both runs have; 1 where they were asked for none.</summary>
    public long Particles { get; }

    /// <summary>How many axes particles and plates have.</summary>
    public int BatchRank { get; }

    /// <summary>Expectations over the guide's discrete variables.</summary>
    public GuideExpectation Expectation { get; }

    /// <summary>The enumerated variables of both.</summary>
    public IEnumerable<EnumeratedVariable> Variables => _enumeration.Variables;

    /// <summary>Runs the guide, then the model at its values.</summary>
    /// <param name="pass">How to get at both.</param>
    /// <param name="inGuide">Which variables the guide's run goes through.</param>
    /// <param name="inModel">Which of those that the guide has not the model's run goes through.</param>
    public static EnumeratedRuns Of(ElboPass pass, Func<Latent, Distribution, bool> inGuide, Func<Latent, Distribution, bool> inModel)
    {
        // A particle axis, be it of 1, so that the axes before it have their places.
        var settings = pass.Settings with { Particles = pass.Settings.Particles ?? 1 };
        var guided = Enumeration.OfGuide(inGuide);
        var guide = pass.RunGuide(settings with { Enumeration = guided });
        var enumeration = Enumeration.OfModel(inModel, guided);
        var model = pass.RunModel(settings with { Enumeration = enumeration, Replay = guide });
        return new(guide, model, guided, enumeration, settings);
    }

    /// <summary>Runs the model at the values of a guide that went through none.</summary>
    /// <param name="runModel">Runs the model.</param>
    /// <param name="settings">How both go; with a particle axis.</param>
    /// <param name="guide">The guide's trace.</param>
    /// <param name="inModel">Which variables that the guide has not the model's run goes through.</param>
    /// <returns>The model's trace, and both as factors; null where there was no variable to go through.</returns>
    public static (Trace Model, EnumeratedRuns? Runs) OfModel(Func<RunSettings, Trace> runModel, RunSettings settings, Trace guide, Func<Latent, Distribution, bool> inModel)
    {
        var guided = Enumeration.OfGuide((_, _) => false);
        var enumeration = Enumeration.OfModel(inModel, guided);
        var model = runModel(settings with { Enumeration = enumeration, Replay = guide });
        return (model, enumeration.Variables.Any() ? new(guide, model, guided, enumeration, settings) : null);
    }

    /// <summary>The variable that a site is, where it was enumerated.</summary>
    public EnumeratedVariable? Variable(SiteHandle site) => _enumeration.Find(site);

    /// <summary>log p of a site of the model.</summary>
    public Factor Prior(Site site) => _model[site.Key];

    /// <summary>log q of a site of the guide.</summary>
    public Factor Posterior(Site site) => _guide[site.Key];

    /// <summary>Whether a site's log density reads a variable that is to be summed out.</summary>
    public bool IsInSum(Site site) => _model[site.Key].Variables.Any(variable => !variable.InGuide);

    /// <summary>A quantity of a site that the guide has or reads, as a factor of the axes of the model's run.</summary>
    /// <param name="site">The model's site.</param>
    /// <param name="byElement">Of its batch, with the axes of the variables that it reads.</param>
    public Factor Quantity(Site site, Tensor byElement) => Factor.Of(site, byElement, _owners[site.Key], null, BatchRank);

    /// <summary>Particles, then all plate axes, 1 where a variable does not stand in the plate.</summary>
    public long[] BatchOf(EnumeratedVariable variable)
    {
        long[] batch = [Particles, .. Enumerable.Repeat(1L, BatchRank - 1)];
        foreach (var plate in variable.Plates)
        {
            batch[^-plate.Axis] = plate.Size;
        }

        return batch;
    }

    /// <summary>The parts of the model that share variables to be summed out.</summary>
    /// <param name="more">Factors that are to be counted with them.</param>
    public IEnumerable<(IReadOnlyList<Factor> Factors, IReadOnlyList<EnumeratedVariable> Variables)> Sums(IEnumerable<Factor>? more = null) => FactorGraph.Components(
        [.. Model.Sites.Where(site => site is not UnscoredSite && IsInSum(site)).Select(Prior), .. more ?? []], variable => !variable.InGuide);

    // Where a mask leaves an event out, its values are to count for nothing: their probabilities are 1 / K, which sum to 1.
    private Factor AsProbability(Site site, EnumeratedVariable variable, Dictionary<SiteHandle, Factor> factors)
    {
        var factor = factors[site.Key];
        for (var distribution = site.Distribution; distribution is Masked masked; distribution = masked.Inner)
        {
            var left = masked.MaskOfEvents.logical_not().to(factor.Log.dtype).mul(-Math.Log(variable.Size));
            factor = Factor.Product([factor, Factor.Of(site, left, [], null, BatchRank)]);
        }

        return factor;
    }

    private Dictionary<SiteHandle, Factor> Factors(Trace trace, Enumeration enumeration, IReadOnlyList<EnumeratedVariable?> atStart)
    {
        Dictionary<SiteHandle, Factor> factors = [];
        List<EnumeratedVariable?> owners = [.. atStart];
        foreach (var site in trace.Sites)
        {
            var own = enumeration.Find(site.Key);
            if (own is not null)
            {
                owners.AddRange(Enumerable.Repeat<EnumeratedVariable?>(null, Math.Max(0, own.Axis + 1 - owners.Count)));
                owners[own.Axis] = own;
            }

            if (site is not UnscoredSite)
            {
                _owners[site.Key] = [.. owners];
                factors.Add(site.Key, Factor.Of(site, site.Score().ToTensor(), owners, own, BatchRank));
            }
        }

        return factors;
    }
}
