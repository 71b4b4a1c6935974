namespace ProbVae.Training;

/// <summary>The minibatches of each step, in passes over the data: the same ones wherever training begins, and whichever thread makes them.</summary>
/// <typeparam name="TData">What a step takes.</typeparam>
public sealed class Minibatches<TData>
{
    private readonly Func<long, TData> _make;
    private readonly Func<TData, long> _sizeOf;

    /// <summary>Says how minibatches are made.</summary>
    /// <param name="elements">How many elements the data has: images, rows. Range: at least 1.</param>
    /// <param name="perPass">Minibatches of one pass. Range: at least 1.</param>
    /// <param name="make">Makes that of a step, counted from 0 over all passes. Tensors that it makes are freed after the step.</param>
    /// <param name="sizeOf">How many elements a minibatch has; the last of a pass may have fewer than the others.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no element, or no minibatch in a pass.</exception>
    public Minibatches(long elements, long perPass, Func<long, TData> make, Func<TData, long> sizeOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perPass, 1);
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(sizeOf);
        (Elements, PerPass, _make, _sizeOf) = (elements, perPass, make, sizeOf);
    }

    /// <summary>How many elements the data has.</summary>
    public long Elements { get; }

    /// <summary>Minibatches of one pass.</summary>
    public long PerPass { get; }

    /// <summary>How many may wait, made on another thread while a step runs. Each must then be made anew and be IDisposable where it has tensors, as it is disposed of after its step. 0 for none.</summary>
    public int Ahead { get; init; }

    /// <summary>How many elements a minibatch has.</summary>
    /// <param name="minibatch">One of these.</param>
    public long SizeOf(TData minibatch) => _sizeOf(minibatch);

    /// <summary>Those of the steps from one on, before another.</summary>
    internal IEnumerable<TData> Between(long step, long end) => Ahead == 0 ? Made(step, end) : ReadAhead.Of(Made(step, end), Ahead);

    /// <summary>That of one step; what <c>svi.Fit(minibatches.Of, steps)</c> takes.</summary>
    /// <param name="step">The step, counted from 0 over all passes.</param>
    public TData Of(long step) => _make(step);

    private IEnumerable<TData> Made(long step, long end)
    {
        for (; step < end; step++)
        {
            yield return _make(step);
        }
    }
}
