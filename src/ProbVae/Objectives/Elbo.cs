using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The evidence lower bound, E_q[log p(x, z) − log q(z)] ≤ log p(x), estimated from the traces of a model and its guide
/// with reparameterized draws (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014). An immutable value.
/// </summary>
public abstract partial class Elbo
{
    private protected Elbo(int particles, bool vectorized)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(particles, 1);
        (Particles, Vectorized) = (particles, vectorized);
    }

    /// <summary>How many draws of the latent variables the expectation is averaged over. Range: at least 1.</summary>
    public int Particles { get; }

    /// <summary>Whether the particles are one leading axis of a single run, or runs one after another.</summary>
    public bool Vectorized { get; }

    /// <summary>The ELBO with every KL term in closed form that has one and is valid so; the others by Monte Carlo.</summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    /// <param name="divergences">The closed forms; <see cref="KlRegistry.Standard"/> unless given.</param>
    public static Elbo MeanField(int particles = 1, bool vectorized = true, KlRegistry? divergences = null) =>
        new MeanFieldElbo(particles, vectorized, divergences ?? KlRegistry.Standard);

    /// <summary>The ELBO by Monte Carlo alone: log p(x, z) − log q(z) at the draws.</summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    public static Elbo Trace(int particles = 1, bool vectorized = true) => new TraceElbo(particles, vectorized);

    /// <summary>Runs guide and model once and derives from their sites what the step reports and descends.</summary>
    internal virtual ElboEstimate Estimate(ElboPass pass)
    {
        var guide = pass.RunGuide(pass.Settings);
        var model = pass.RunModel(pass.Settings with { Replay = guide });
        return new(guide, model, Terms(model, guide, pass.Step, known: true));
    }

    /// <summary>Every site's share; the ELBO is their signed sum.</summary>
    /// <param name="model">The model's trace, run at the guide's values.</param>
    /// <param name="guide">The guide's trace.</param>
    /// <param name="step">How many steps were taken before, for weights that change.</param>
    /// <param name="known">Whether gradients that a family knows may stand in for graphs, as they do where the totals alone are differentiated.</param>
    private protected IReadOnlyList<ElboTerm> Terms(Trace model, Trace guide, long step, bool known = false)
    {
        var order = new DependencyOrder(model, guide);
        var terms = model.Sites.Concat(guide.Sites.OfType<AuxiliarySite>()).Where(site => site is not UnscoredSite).Select(site => (ElboTerm)(site switch
        {
            ObservedSite observed => LogLikelihoodTerm.Of(observed, known),
            LatentSite prior => Kl(prior, guide[prior.Handle], order, known),
            AuxiliarySite own => AuxiliaryTerm.Of(own, known),
            _ => throw new InvalidOperationException($"Site '{site.Name}': an ELBO has no term for a {site.GetType().Name}."),
        }));
        return [.. terms.Select(term => Weighted(term, step))];
    }

    /// <summary>Why a latent variable's term is not in closed form; null where it is.</summary>
    internal abstract string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order);

    private protected abstract KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order, bool known);

    /// <summary>log q(z) − log p(z) at the draws: unbiased for the KL term whatever the sites depend on.</summary>
    private protected static KlTerm MonteCarloKl(LatentSite prior, LatentSite posterior, bool known)
    {
        var (q, p) = (posterior.Score(known), prior.Score(known));
        return KlTerm.Of(prior, known ? KnownGradient.Difference(q, p) : q.ToTensor().sub(p.ToTensor()), closedForm: false);
    }
}

/// <summary>What guide and model gave at one set of draws: the terms of the true ELBO, and the loss that a step descends.</summary>
internal class ElboEstimate(Trace guide, Trace model, IReadOnlyList<ElboTerm> terms)
{
    public Trace Guide => guide;

    public Trace Model => model;

    public IReadOnlyList<ElboTerm> Terms => terms;

    /// <summary>The terms as numbers.</summary>
    public double[] Values { get; } = [.. terms.Select(term => term.Total.Number)];

    /// <summary>What is descended: the weighted sum of the terms, unless the objective is another bound.</summary>
    public virtual double Loss => -terms.Select((term, i) => term.Sign * term.Weight * Values[i]).Sum();

    /// <summary>Adds the gradient of the loss to the parameters'. The terms' weights are the gradients that the backward pass starts from.</summary>
    /// <param name="share">This estimate's part in the step's average.</param>
    public virtual void Differentiate(double share)
    {
        List<(Tensor At, Tensor Gradient)> starts = [.. terms.Where(term => term.Weight != 0).SelectMany(term => term.Total.Starts(-term.Sign * term.Weight * term.Total.Factor * share))];
        if (starts.Count > 0)
        {
            autograd.backward(starts.ConvertAll(start => start.At), starts.ConvertAll(start => start.Gradient));
        }
    }
}
