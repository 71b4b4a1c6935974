using static TorchSharp.torch;

namespace ProbVae;

/// <content>Steps until a rule says that it is enough.</content>
public sealed partial class Svi<TData>
{
    /// <summary>Takes steps on the same data until a stopping rule is met.</summary>
    /// <param name="data">The data; the caller keeps it.</param>
    /// <param name="steps">How many steps at most. Range: at least 1.</param>
    /// <param name="options">Stopping rules, validation, who is told; none unless given.</param>
    /// <param name="cancellation">Ends the fit after the step in progress; the result says so.</param>
    /// <exception cref="NonFiniteException">An ELBO or a gradient is NaN or infinite; the parameters are as they were before that step.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public FitResult Fit(TData data, long steps, FitOptions? options = null, CancellationToken cancellation = default) =>
        Fit(_ => data, steps, options, cancellation) is var result && PartOnly() is { } part ? result with { Why = $"{result.Why} {part}" } : result;

    /// <summary>Takes steps on minibatches until a stopping rule is met.</summary>
    /// <param name="batches">Gives the minibatch of a step by <see cref="StepCount"/>, so that a continued run goes on where it was. Tensors that it makes are freed after the step.</param>
    /// <param name="steps">How many steps at most. Range: at least 1.</param>
    /// <param name="options">Stopping rules, validation, who is told; none unless given.</param>
    /// <param name="cancellation">Ends the fit after the step in progress; the result says so.</param>
    /// <exception cref="NonFiniteException">An ELBO or a gradient is NaN or infinite; the parameters are as they were before that step.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public FitResult Fit(Func<long, TData> batches, long steps, FitOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfLessThan(options?.Starts ?? 1, 1, nameof(options.Starts));
        return Observed(options, told => told is { Starts: > 1 } ? FitFrom(batches, steps, told, cancellation) : FitOnce(batches, steps, told, cancellation));
    }

    private static FitResult Observed(FitOptions? options, Func<FitOptions?, FitResult> fit)
    {
        if (options is not { Observers: { Count: > 0 } observers })
        {
            return fit(options);
        }

        FitResult result;
        try
        {
            result = fit(options with { OnStep = options.OnStep + (step => Tell(observer => observer.OnNext(step))) });
        }
        catch (Exception failure)
        {
            Tell(observer => observer.OnError(failure));
            throw;
        }

        Tell(observer => observer.OnCompleted());
        return result;

        void Tell(Action<IObserver<FitStep>> tell)
        {
            foreach (var observer in observers)
            {
                tell(observer);
            }
        }
    }

    private FitResult FitOnce(Func<long, TData> batches, long steps, FitOptions? options, CancellationToken cancellation)
    {
        using var way = NewWay(key =>
        {
            using var scope = NewDisposeScope();
            return -Evaluate(batches(StepCount), null, key).Loss;
        });
        var loop = NewLoop(steps, options, way);
        while (loop.GoesOn(cancellation))
        {
            loop.After(StepOn(batches));
        }

        return loop.Finish();
    }

    /// <summary>Takes steps on a sequence of minibatches until a stopping rule is met or the sequence ends.</summary>
    /// <param name="batches">The minibatches; the caller keeps them. An iterator may free one when it is asked for the next.</param>
    /// <param name="steps">How many steps at most. Range: at least 1.</param>
    /// <param name="options">Stopping rules, validation, who is told; none unless given.</param>
    /// <param name="cancellation">Ends the fit after the step in progress; the result says so.</param>
    /// <exception cref="NonFiniteException">An ELBO or a gradient is NaN or infinite; the parameters are as they were before that step.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public FitResult Fit(IEnumerable<TData> batches, long steps = long.MaxValue, FitOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        if (options is { Starts: not 1 })
        {
            throw new ArgumentException($"FitOptions.Starts is {options.Starts}, and a sequence of data can be gone through once: give Fit the data, or a function of the step.", nameof(options));
        }

        return Observed(options, told =>
        {
            using var sequence = batches.GetEnumerator();
            using var way = NewWay(key => -Evaluate(sequence.Current, null, key).Loss);
            var loop = NewLoop(steps, told, way);
            while (loop.GoesOn(cancellation) && sequence.MoveNext())
            {
                loop.After(Step(sequence.Current));
            }

            return loop.Finish();
        });
    }

    /// <summary>
    /// The mean ELBO of held-out data, as a score for <see cref="FitOptions.Validation"/>: always with the same draws, so that two
    /// scores differ by the parameters alone.
    /// </summary>
    /// <param name="batches">The held-out minibatches, of one size each; the caller keeps them.</param>
    /// <param name="every">After how many steps each time. Range: at least 1.</param>
    /// <param name="elbo">Another objective than the one that is trained; with more particles, say.</param>
    public Validation ValidateOn(IReadOnlyList<TData> batches, long every = 100, Elbo? elbo = null)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentOutOfRangeException.ThrowIfZero(batches.Count, nameof(batches));
        var key = new RandomKey(0).Fold("validation");
        return new(() => batches.Select((batch, i) => Evaluate(batch, elbo, key.Fold(i)).Elbo).Average(), every);
    }

    private SviStep StepOn(Func<long, TData> batches)
    {
        using var scope = NewDisposeScope();
        return Step(batches(StepCount));
    }

    // The average belongs to the best parameters: the score may be the average's.
    private FitLoop NewLoop(long steps, FitOptions? options, ParameterWay way) =>
        new(Parameters.KeepBuffers, () => new ParameterSnapshot(Tensors), () => GradientNorm, steps, options ?? new FitOptions(), way);

    private ParameterWay NewWay(Func<RandomKey, double> bound) => new(Parameters, bound);
}
