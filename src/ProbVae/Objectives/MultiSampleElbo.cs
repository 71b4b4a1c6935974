using static TorchSharp.torch;

namespace ProbVae;

/// <summary>An objective over the weights w = p(x, z) / q(z) of K draws, one for each element of the plates that all draws have in common.</summary>
internal abstract class MultiSampleElbo(string word, int draws, bool vectorized) : Elbo(CheckedDraws(word, draws), vectorized)
{
    /// <summary>How a caller asks for it.</summary>
    internal override string Word => word;

    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) => $"{word} weighs whole draws";

    private protected sealed override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order, bool known) => MonteCarloKl(prior, posterior, known);

    // The draws of one weight belong together, in one run or in several.
    internal override int RunsToAverage => 1;

    internal override bool SumsOut(Latent site, Distribution prior) => prior.EnumerateSupport() is not null;

    internal override string? HowExact(LatentSite prior, LatentSite? posterior) =>
        posterior is null ? $"summed out exactly, K = {prior.Distribution.EnumerateSupport()?.shape[0]} values" : null;

    internal override CommonPlates Weigh(Trace model, Trace guide) => new(model, guide);

    internal override string Formula(string model, string sum, string outer, string apart, IReadOnlyList<Plate> weighted)
    {
        var places = weighted.Count == 0 ? "one weight w for a whole draw" : $"a weight w for each element of {string.Join(", ", weighted.Select(plate => plate.Name))}";
        return $"{Symbol}({model}) = E_q[ {outer}{Mean} ]{(apart.Length == 0 ? "" : $" + {apart}")}, log w = {sum}    ({(Particles == 1 ? "1 draw" : $"{Particles} draws")}, {places}{(Vectorized ? "" : ", one by one")})";
    }

    /// <summary>The bound's name in a formula.</summary>
    protected virtual string Symbol => $"L_{Particles}";

    /// <summary>The bound in terms of w.</summary>
    protected virtual string Mean => "log mean w";

    private protected override string? WhyNotWeighted(KlWeight weight) => weight.FreeNats == 0 ? null
        : $"{Word} weighs whole draws, so no single divergence could have {FormattableString.Invariant($"{weight.FreeNats:G6}")} nats free; use Elbo.MeanField or Elbo.Trace.";

    internal override (Trace Guide, Trace Model) Runs(ElboPass pass)
    {
        var (settings, guide) = (pass.Settings, pass.RunGuide(pass.Settings));
        if (settings.Particles is null && SumsOutAny(settings, guide))
        {
            settings = settings with { Particles = 1 };
            guide = pass.RunGuide(settings);
        }

        return (guide, settings.Particles is null ? pass.RunModel(settings with { Replay = guide }) : EnumeratedRuns.OfModel(pass.RunModel, settings, guide, SumsOut).Model);
    }

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        var runs = Runs(pass, (settings, _) => pass.RunGuide(settings) is var guide ? (guide, guide) : default);
        var weights = Joined(runs);
        List<ScaledTensor> parts = [.. weights.Separate];
        if (weights.Log is { } log)
        {
            parts.Add(new(Bound(log).sum(), -weights.Scale));
        }

        return new SurrogateEstimate(runs[0].Guide, runs[0].Model, weights.Terms, parts.Sum(part => part.Number), parts);
    }

    /// <summary>Runs both programs: once with the draws as a leading axis, or once a draw.</summary>
    /// <param name="pass">How to get at both.</param>
    /// <param name="runGuide">Runs the guide, for the given draw or for all: its trace, and the trace whose values the model takes and whose densities count.</param>
    protected IReadOnlyList<DrawnRun> Runs(ElboPass pass, Func<RunSettings, int?, (Trace Guide, Trace Replayed)> runGuide)
    {
        if (Vectorized)
        {
            return [Run(pass.Settings with { Particles = Particles }, null)];
        }

        // What is summed out has its values before the particles' axis, so there must be one.
        long? axis = SumsOutAny(pass.Settings, pass.RunGuide(pass.Settings with { Particles = null, Draw = 0 })) ? 1 : null;
        return [.. Enumerable.Range(0, Particles).Select(draw => Run(pass.Settings with { Particles = axis, Draw = draw }, draw))];

        DrawnRun Run(RunSettings settings, int? draw)
        {
            var (guide, replayed) = runGuide(settings, draw);
            var (model, sums) = settings.Particles is null ? (pass.RunModel(settings with { Replay = replayed }), null)
                : EnumeratedRuns.OfModel(pass.RunModel, settings, replayed, SumsOut);
            return new(guide, model, settings, Weights(model, replayed, sums, settings, pass.Step));
        }
    }

    private static bool SumsOutAny(RunSettings settings, Trace guide) => settings.Layout.EventRanks.Keys.Any(site => site is Latent && guide.Find(site) is null);

    /// <summary>The weights of all draws; a term is its mean over the runs.</summary>
    protected static DrawWeights Joined(IReadOnlyList<DrawnRun> runs)
    {
        var first = runs[0].Weights;
        if (runs.Count == 1)
        {
            return first;
        }

        if (runs.FirstOrDefault(run => !run.Weights.Terms.Select(term => term.Name).SequenceEqual(first.Terms.Select(term => term.Name))) is { } other)
        {
            throw new ModelException(["The draws of one weighted bound came to different sites, so they have no common terms; let each run with the same data come to the same sites."], other.Model.ToString());
        }

        var terms = first.Terms.Select((term, i) => term with { Total = tensor(runs.Average(run => run.Weights.Terms[i].Total.Number)), Elements = null });
        return first with { Terms = [.. terms], Log = first.Log is null ? null : cat([.. runs.Select(run => run.Weights.Log!)], 0) };
    }

    /// <summary>The bound of each element from the logarithms of its draws' weights.</summary>
    /// <param name="logWeights">Draws along the first axis.</param>
    protected abstract Tensor Bound(Tensor logWeights);

    // log w of each draw and element.
    private DrawWeights Weights(Trace model, Trace guide, EnumeratedRuns? sums, RunSettings settings, long step)
    {
        var common = Weigh(model, guide);
        if (common.Subsampled is var (site, plate))
        {
            throw new ModelException(
                [$"Site '{site.Name}': {word} weighs whole draws, and plate {plate} is subsampled inside one weight, since not every latent variable stands in it; the logarithm of a minibatch's weight is no bound. Give the whole data, or use Elbo.MeanField, Elbo.Trace or Elbo.StickingTheLanding."],
                model.ToString());
        }

        var shares = sums is null ? null : new EnumeratedTerms(sums, (_, _) => null).All;
        IReadOnlyList<ElboTerm> terms = shares is null ? Terms(model, guide, step) : [.. shares.Select(share => Weighted(share.Term, step))];
        var axes = PlateAxes.Of(settings);
        Tensor? log = null;
        for (var i = 0; i < terms.Count; i++)
        {
            if (common.IsSeparate(terms[i].Site))
            {
                continue;
            }

            var parts = shares is null ? [(terms[i].ByElement, -terms[i].LossFactor)]
                : shares[i].Factors.Select(factor => (factor.ByElement(sums!.Particles), factor.Plates.Aggregate(terms[i].Sign * terms[i].Weight * shares[i].Weight, (scale, plate) => scale * plate.Scale)));
            foreach (var (byElement, counts) in parts)
            {
                var byWeight = axes.SumTo(axes.Align(byElement), common.Plates);
                var factor = counts / common.Scale;
                var part = factor == 1 ? byWeight : byWeight.mul(factor);
                log = log is null ? part : log.add(part);
            }
        }

        return new(
            terms,
            log,
            common.Plates,
            common.Scale,
            [.. terms.Where(term => common.IsSeparate(term.Site)).Select(term => term.Loss)]);
    }

    private static int CheckedDraws(string word, int draws) => draws >= 1 ? draws
        : throw new ArgumentOutOfRangeException(nameof(draws), $"{word}: {draws} draws were asked for; give at least 1.");

    /// <summary>What one run gave.</summary>
    /// <param name="Guide">The guide's trace.</param>
    /// <param name="Model">The model's trace.</param>
    /// <param name="Settings">How both went.</param>
    /// <param name="Weights">Of its draws.</param>
    protected sealed record DrawnRun(Trace Guide, Trace Model, RunSettings Settings, DrawWeights Weights);

    /// <summary>What K draws gave.</summary>
    /// <param name="Terms">The sites' shares of the true ELBO.</param>
    /// <param name="Log">log w, of shape K + the axes of the plates; null where no site depends on a draw.</param>
    /// <param name="Plates">The plates that have a weight for each of their elements.</param>
    /// <param name="Scale">What the sum over elements is multiplied with.</param>
    /// <param name="Separate">The losses of what is the same for all draws.</param>
    protected sealed record DrawWeights(IReadOnlyList<ElboTerm> Terms, Tensor? Log, IReadOnlyList<Plate> Plates, double Scale, IReadOnlyList<ScaledTensor> Separate);
}
