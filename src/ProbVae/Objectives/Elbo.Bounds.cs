namespace ProbVae;

/// <content>The objectives over several draws.</content>
public abstract partial class Elbo
{
    /// <summary>
    /// The importance weighted bound L_K = E[log (1/K) Σ_k p(x, z_k) / q(z_k)] (Burda, Grosse and Salakhutdinov 2016, Importance
    /// Weighted Autoencoders): ELBO = L_1 ≤ L_K ≤ log p(x), and it grows with K. Where all latent variables stand in common plates
    /// there is a bound for each of their elements, and the loss is the sum. Discrete latent variables of finite support that the guide
    /// leaves out are summed out exactly.
    /// </summary>
    /// <param name="draws">K. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another, whose weights are joined.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="draws"/> is less than 1.</exception>
    public static Elbo Iwae(int draws, bool vectorized = true) => new RenyiElbo($"Elbo.Iwae({draws})", 0, draws, vectorized);

    /// <summary>
    /// The variational Rényi bound of order α, estimated from K draws (Li and Turner 2016, Rényi Divergence Variational Inference):
    /// Iwae at α = 0, the ELBO at α = 1. For 0 &lt; α &lt; 1 the estimate's expectation grows with K; for α &lt; 0 it need not
    /// stay below log p(x).
    /// </summary>
    /// <param name="alpha">α. Range: finite.</param>
    /// <param name="draws">K. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another, whose weights are joined.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Elbo Renyi(double alpha, int draws, bool vectorized = true) => double.IsFinite(alpha)
        ? new RenyiElbo(FormattableString.Invariant($"Elbo.Renyi({alpha}, {draws})"), alpha, draws, vectorized)
        : throw new ArgumentOutOfRangeException(nameof(alpha), FormattableString.Invariant($"Elbo.Renyi: alpha is {alpha}; give a finite order, 0 for Iwae, 1 for the ELBO."));

    /// <summary>
    /// The importance weighted bound L_K, like <see cref="Iwae"/>, with doubly reparameterized gradients (Tucker, Lawson, Gu and
    /// Maddison 2019), whose signal for the guide does not drown as K grows. The guide's program runs twice a step. A parameter that
    /// model and guide share gets both gradients, each for its own part.
    /// </summary>
    /// <param name="draws">K. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another, whose weights are joined.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="draws"/> is less than 1.</exception>
    public static Elbo Dreg(int draws, bool vectorized = true) => new DregElbo(draws, vectorized);

    /// <summary>
    /// Reweighted wake-sleep (Bornschein and Bengio 2015), wake phases only: the model ascends L_K, the guide descends
    /// KL(p(z | x) ‖ q(z | x)) as K weighted draws estimate it. Discrete latent variables need nothing else. Both have a bias that
    /// vanishes with K.
    /// </summary>
    /// <param name="draws">K. Range: at least 2.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another, whose weights are joined.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="draws"/> is less than 2.</exception>
    public static Elbo ReweightedWakeSleep(int draws, bool vectorized = true) => draws >= 2 ? new ReweightedWakeSleepElbo(draws, vectorized)
        : throw new ArgumentOutOfRangeException(nameof(draws), $"Elbo.ReweightedWakeSleep: {draws} draws were asked for; give at least 2, since the weight of a single draw tells nothing.");
}
