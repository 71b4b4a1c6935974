namespace ProbVae;

/// <summary>Loops whose steps read a few steps back: the chain of a hidden Markov model.</summary>
public static class MarkovLoop
{
    /// <summary>
    /// The steps of a loop in which each step reads latent variables of at most the step before.
    /// Where discrete variables are enumerated, the axes of a step's variables are taken again two steps later, so that a chain may be
    /// hundreds of steps long; elsewhere it is a plain loop.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="steps">How many steps. Range: at least 0.</param>
    /// <param name="history">How many steps back a step may read. Range: at least 1.</param>
    /// <returns>0, 1, …, <paramref name="steps"/> − 1.</returns>
    /// <remarks>
    /// A value from further back is refused when it is read by its handle, as in <c>run[z[t - 2]]</c>, or when its number of values differs
    /// from that of the variable that has its axis now. A value that the program kept in a local variable of its own is not seen: keep
    /// no more than <paramref name="history"/> of them.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> or <paramref name="history"/> lies outside its range.</exception>
    public static IEnumerable<int> Markov(this Run run, int steps, int history = 1)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(history, 1);
        return run.Settings.Enumeration?.Steps(steps, history) ?? Enumerable.Range(0, steps);
    }
}
