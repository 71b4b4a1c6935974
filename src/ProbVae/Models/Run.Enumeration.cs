using static TorchSharp.torch;

namespace ProbVae;

/// <content>Discrete latent variables that a run goes through all values of.</content>
public sealed partial class Run
{
    /// <summary>
    /// The steps of a loop in which each step reads latent variables of at most the step before: a hidden Markov model's chain.
    /// Where discrete variables are enumerated, the axes of a step's variables are taken again two steps later, so that a chain may be
    /// hundreds of steps long; elsewhere it is a plain loop.
    /// </summary>
    /// <param name="steps">How many steps. Range: at least 0.</param>
    /// <param name="history">How many steps back a step may read. Range: at least 1.</param>
    /// <returns>0, 1, …, <paramref name="steps"/> − 1.</returns>
    /// <remarks>
    /// A value from further back is refused when it is read by its handle, as in <c>run[z[t - 2]]</c>, or when its number of values differs
    /// from that of the variable that has its axis now. A value that the program kept in a local variable of its own is not seen: keep
    /// no more than <paramref name="history"/> of them.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> or <paramref name="history"/> lies outside its range.</exception>
    public IEnumerable<int> Markov(int steps, int history = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(history, 1);
        return Steps(steps, history);
    }

    private IEnumerable<int> Steps(int steps, int history)
    {
        var loop = _settings.Enumeration?.Begin(history);
        for (var step = 0; step < steps; step++)
        {
            if (loop is not null)
            {
                _settings.Enumeration!.Advance(loop, step);
            }

            yield return step;
        }

        if (loop is not null)
        {
            _settings.Enumeration!.End(loop);
        }
    }

    // The axes of enumerated variables stand before those that a guide's site and the model's must share.
    private bool HaveOneBatch(Distribution guide, Distribution prior)
    {
        var shared = _settings is { Enumeration: not null, Particles: not null } ? _plates.BatchShape.Rank : int.MaxValue;
        return Last(guide.BatchShape) == Last(prior.BatchShape);

        Shape Last(Shape batch) => batch[Math.Max(0, batch.Rank - shared)..];
    }

    // A value with axes of enumerated variables belongs to a distribution that has them too.
    private Distribution Beside(Tensor value, Distribution distribution)
    {
        if (_settings.Enumeration is null)
        {
            return distribution;
        }

        var batch = new Shape(value.shape)[..^distribution.EventShape.Rank];
        return distribution.Expand(distribution.BatchShape.BroadcastWith(batch)!.Value);
    }

    private string MissingFromGuide(Latent site, Distribution prior)
    {
        var problem = $"Site '{site}' is latent in the model and missing from the guide; every latent variable needs a site there.";
        if (!prior.Support.IsDiscrete)
        {
            return problem;
        }

        return prior.EnumerateSupport() is { } elements
            ? $"{problem} It is discrete with K = {elements.shape[0]} values: give the guide a site for it, or sum it out exactly with Elbo.Enumerated."
            : _settings.Enumeration is null || prior.EventShape == Shape.Scalar || prior.Support.Elements is null ? problem
            : $"{problem} Elbo.Enumerated sums out single variables, and this one is {prior.EventShape.Count} of them in one event; put them in a plate instead.";
    }
}
