namespace ProbVae;

/// <summary>What one step, or one evaluation, found. All numbers are in nats, scaled to the whole data and averaged over particles.</summary>
/// <param name="Number">How many steps were taken before it.</param>
/// <param name="Terms">Each site's share of the true ELBO, whatever the objective weighs them with.</param>
/// <param name="Loss">What the step descends: −<see cref="Elbo"/>, unless the objective weighs its terms or is another bound.</param>
public sealed record SviStep(long Number, IReadOnlyList<SviTerm> Terms, double Loss)
{
    /// <summary>The true evidence lower bound, in which each term counts once: <see cref="LogLikelihood"/> − <see cref="Kl"/>.</summary>
    public double Elbo => LogLikelihood - Kl;

    /// <summary>The ELBO and its parts.</summary>
    public override string ToString() => FormattableString.Invariant($"step {Number}: ELBO {Elbo:G6} = log likelihood {LogLikelihood:G6} − KL {Kl:G6}, loss {Loss:G6}");

    /// <summary>The sum of the observations' terms, E_q[log p(x | z)].</summary>
    public double LogLikelihood => Terms.Where(term => !term.IsKl).Sum(term => term.Value);

    /// <summary>The sum of the latent variables' terms, KL(q ‖ p) or its estimate.</summary>
    public double Kl => Terms.Where(term => term.IsKl).Sum(term => term.Value);
}

/// <summary>One site's share of the ELBO.</summary>
/// <param name="Site">The site's name.</param>
/// <param name="IsKl">Whether it is a divergence, which the ELBO subtracts, or a log likelihood, which it adds.</param>
/// <param name="Value">The share in nats.</param>
public sealed record SviTerm(string Site, bool IsKl, double Value);
