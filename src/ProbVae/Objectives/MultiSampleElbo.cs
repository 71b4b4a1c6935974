using static TorchSharp.torch;

namespace ProbVae;

/// <summary>An objective over the weights w = p(x, z) / q(z) of K draws, one for each element of the plates that all draws have in common.</summary>
internal abstract class MultiSampleElbo(string word, int draws) : Elbo(CheckedDraws(word, draws), vectorized: true)
{
    /// <summary>How a caller asks for it.</summary>
    internal override string Word => word;

    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) => $"{word} weighs whole draws";

    private protected sealed override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order) => MonteCarloKl(prior, posterior);

    internal override CommonPlates Weigh(Trace model, Trace guide) => new(model, guide);

    internal override string Formula(string model, string sum, string outer, string apart, IReadOnlyList<Plate> weighted)
    {
        var places = weighted.Count == 0 ? "one weight w for a whole draw" : $"a weight w for each element of {string.Join(", ", weighted.Select(plate => plate.Name))}";
        return $"{Symbol}({model}) = E_q[ {outer}{Mean} ]{(apart.Length == 0 ? "" : $" + {apart}")}, log w = {sum}    ({(Particles == 1 ? "1 draw" : $"{Particles} draws")}, {places})";
    }

    /// <summary>The bound's name in a formula.</summary>
    protected virtual string Symbol => $"L_{Particles}";

    /// <summary>The bound in terms of w.</summary>
    protected virtual string Mean => "log mean w";

    private protected override string? WhyNotWeighted(KlWeight weight) => weight.FreeNats == 0 ? null
        : $"{Word} weighs whole draws, so no single divergence could have {FormattableString.Invariant($"{weight.FreeNats:G6}")} nats free; use Elbo.MeanField or Elbo.Trace.";

    /// <summary>How the runs of one estimate go: always with a particle axis, so that one draw is a case of many.</summary>
    protected RunSettings Vector(ElboPass pass) => pass.Settings with { Particles = Particles };

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        var settings = Vector(pass);
        var guide = pass.RunGuide(settings);
        var model = pass.RunModel(settings with { Replay = guide });
        return Descend(guide, model, Weights(model, guide, settings, pass.Step));
    }

    /// <summary>The loss and its gradient, from weights that carry gradients of everything.</summary>
    protected virtual ElboEstimate Descend(Trace guide, Trace model, DrawWeights weights)
    {
        List<ScaledTensor> parts = [.. weights.Separate];
        if (weights.Log is { } log)
        {
            parts.Add(new(Bound(log).sum(), -weights.Scale));
        }

        return new SurrogateEstimate(guide, model, weights.Terms, parts.Sum(part => part.Number), parts);
    }

    /// <summary>The bound of each element from the logarithms of its draws' weights.</summary>
    /// <param name="logWeights">Draws along the first axis.</param>
    protected abstract Tensor Bound(Tensor logWeights);

    /// <summary>log w of each draw and element.</summary>
    protected DrawWeights Weights(Trace model, Trace guide, RunSettings settings, long step)
    {
        var common = Weigh(model, guide);
        if (common.Subsampled is var (site, plate))
        {
            throw new ModelException(
                [$"Site '{site.Name}': {word} weighs whole draws, and plate {plate} is subsampled inside one weight, since not every latent variable stands in it; the logarithm of a minibatch's weight is no bound. Give the whole data, or use Elbo.MeanField, Elbo.Trace or Elbo.StickingTheLanding."],
                model.ToString());
        }

        var terms = Terms(model, guide, step);
        var axes = PlateAxes.Of(settings);
        Tensor? log = null;
        foreach (var term in terms.Where(term => !common.IsSeparate(term.Site)))
        {
            var byWeight = axes.SumTo(axes.Align(term.ByElement), common.Plates);
            var factor = -term.LossFactor / common.Scale;
            var part = factor == 1 ? byWeight : byWeight.mul(factor);
            log = log is null ? part : log.add(part);
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

    /// <summary>What K draws gave.</summary>
    /// <param name="Terms">The sites' shares of the true ELBO.</param>
    /// <param name="Log">log w, of shape K + the axes of the plates; null where no site depends on a draw.</param>
    /// <param name="Plates">The plates that have a weight for each of their elements.</param>
    /// <param name="Scale">What the sum over elements is multiplied with.</param>
    /// <param name="Separate">The losses of what is the same for all draws.</param>
    protected sealed record DrawWeights(IReadOnlyList<ElboTerm> Terms, Tensor? Log, IReadOnlyList<Plate> Plates, double Scale, IReadOnlyList<ScaledTensor> Separate);
}
