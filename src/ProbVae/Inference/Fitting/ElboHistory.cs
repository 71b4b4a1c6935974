using System.Runtime.InteropServices;

namespace ProbVae;

/// <summary>The ELBO estimates of a fit's steps, in nats, scaled to the whole data, and what was measured besides.</summary>
public sealed class ElboHistory
{
    private readonly List<double> _elbos = [];
    private readonly List<double> _gradientNorms = [];
    private readonly List<(long Step, double Score)> _scores = [];

    /// <summary>Begins an empty history.</summary>
    public ElboHistory()
    {
    }

    /// <summary>The ELBO by step, each at the parameters before the step.</summary>
    public IReadOnlyList<double> Elbos => _elbos;

    /// <summary>The gradient's norm by step, before clipping; empty unless it was asked for.</summary>
    public IReadOnlyList<double> GradientNorms => _gradientNorms;

    /// <summary>The validation scores, each with how many of the fit's steps were taken before it.</summary>
    public IReadOnlyList<(long Step, double Score)> Scores => _scores;

    /// <summary>The mean of the last steps, with a standard error that allows for the correlation between steps.</summary>
    /// <param name="last">Of how many steps; the later half of the history unless given. Range: at least 1.</param>
    /// <exception cref="InvalidOperationException">The history is empty.</exception>
    public SmoothedElbo Smoothed(int? last = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last ?? 1, 1, nameof(last));
        if (_elbos.Count == 0)
        {
            throw new InvalidOperationException("The ELBO history has no step yet, so it has no mean.");
        }

        var count = Math.Min(last ?? ((_elbos.Count + 1) / 2), _elbos.Count);
        return SmoothedElbo.Of(CollectionsMarshal.AsSpan(_elbos)[^count..]);
    }

    /// <summary>Adds a step's estimate.</summary>
    /// <param name="elbo">The ELBO in nats.</param>
    public void Add(double elbo) => _elbos.Add(elbo);

    /// <summary>How many steps there are, and the mean of the later half.</summary>
    public override string ToString() => _elbos.Count == 0 ? "ELBO history without a step yet" : $"ELBO history of {_elbos.Count} steps: {Smoothed()} over the later half";

    internal void AddGradientNorm(double norm) => _gradientNorms.Add(norm);

    internal void AddScore(long step, double score) => _scores.Add((step, score));
}
