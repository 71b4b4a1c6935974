using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>
/// Minibatches of data that lies in memory: rows of a tensor, or the same rows of every part of a tuple or record. A part is a tensor, whose first
/// axis is the rows; <see cref="Columns"/>; <see cref="Rows"/>, as <c>Rows.All(n)</c>, of which a minibatch has its own; or what all rows share.
/// </summary>
public static class Minibatches
{
    /// <summary>Rows of the data, in another order each pass.</summary>
    /// <typeparam name="TData">What a step takes: a tensor, a tuple, a record.</typeparam>
    /// <param name="data">All of the data; the caller keeps it.</param>
    /// <param name="size">Rows in a minibatch; a pass's last has what is left. Range: at least 1.</param>
    /// <param name="key">Decides the orders.</param>
    /// <param name="group">Processes that train together: each gets its share of every minibatch, and no row is seen twice in a pass. One unless said.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no row, the size is below 1, or a pass's last minibatch has fewer rows than there are processes.</exception>
    /// <exception cref="ArgumentException">Parts of the data differ in their rows, or no rows can be taken of it; the message says why.</exception>
    public static Minibatches<TData> Shuffled<TData>(TData data, int size, RandomKey key, IProcessGroup? group = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var count = DataParts.Count(data);
        var perPass = (count + size - 1) / size;
        _ = Share(group, count, perPass - 1, size);
        // One reference, so that two threads never see half of an order.
        var order = Tuple.Create(-1L, Array.Empty<long>());
        return new(count, perPass, Make, minibatch => DataParts.Count(minibatch!));

        TData Make(long step)
        {
            var (pass, place) = (step / perPass, step % perPass);
            var known = order;
            if (known.Item1 != pass)
            {
                using var scope = NewDisposeScope();
                using var generator = key.Fold(pass).NewGenerator();
                order = known = Tuple.Create(pass, randperm(count, generator: generator).data<long>().ToArray());
            }

            var (first, end) = Share(group, count, place, size);
            return DataParts.At(data, known.Item2[(int)first..(int)end]);
        }
    }

    /// <summary>Rows of the data in their order, to be measured.</summary>
    /// <typeparam name="TData">What a step takes: a tensor, a tuple, a record.</typeparam>
    /// <param name="data">All of the data; the caller keeps it.</param>
    /// <param name="size">Rows in a minibatch; the last has what is left. Range: at least 1.</param>
    /// <param name="group">Processes that train together: each gets its share of every minibatch, and no row is seen twice in a pass. One unless said.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no row, the size is below 1, or a pass's last minibatch has fewer rows than there are processes.</exception>
    /// <exception cref="ArgumentException">Parts of the data differ in their rows, or no rows can be taken of it; the message says why.</exception>
    public static Minibatches<TData> InOrder<TData>(TData data, int size, IProcessGroup? group = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var count = DataParts.Count(data);
        var perPass = (count + size - 1) / size;
        _ = Share(group, count, perPass - 1, size);
        return new(count, perPass, step => DataParts.At(data, Between(Share(group, count, step % perPass, size))), minibatch => DataParts.Count(minibatch!));
    }

    /// <summary>Takes steps on minibatches, in passes over the data, until a stopping rule is met.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">The inference; steps that it took before count, so that a continued run goes on where it was.</param>
    /// <param name="data">The minibatches.</param>
    /// <param name="passes">How many passes over the data at most. Range: at least 1.</param>
    /// <param name="options">Stopping rules, validation, who is told; none unless given.</param>
    /// <param name="cancellation">Ends the fit after the step in progress; the result says so.</param>
    /// <exception cref="NonFiniteException">An ELBO or a gradient is NaN or infinite; the parameters are as they were before that step.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public static FitResult Fit<TData>(this Svi<TData> svi, Minibatches<TData> data, long passes, FitOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        return svi.Fit(data.Of, checked(passes * data.PerPass), options, cancellation);
    }

    // A process's rows of the minibatch at a place of a pass, which has what is left at the end.
    private static (long First, long End) Share(IProcessGroup? group, long count, long place, int size)
    {
        var (first, end) = (group ?? ProcessGroup.Alone).ShareOf((int)Math.Min(size, count - (place * size)));
        return ((place * size) + first, (place * size) + end);
    }

    private static long[] Between((long First, long End) rows) => [.. Enumerable.Range(0, (int)(rows.End - rows.First)).Select(place => rows.First + place)];
}
