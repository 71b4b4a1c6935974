using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>Means of a bound and its parts over elements of the data, in nats an element: of steps, or of what was measured. An immutable value.</summary>
public sealed record TermMeans
{
    private double BoundSum { get; init; }

    private double LogLikelihoodSum { get; init; }

    private double KlSum { get; init; }

    private double NormSum { get; init; }

    private long Norms { get; init; }

    /// <summary>None yet.</summary>
    public static TermMeans None { get; } = new();

    /// <summary>How many elements they are of; one that came in several steps counts each time.</summary>
    public long Elements { get; private init; }

    /// <summary>Wall-clock time that the steps took.</summary>
    public double Seconds { get; private init; }

    /// <summary>The bound that <see cref="TrainingOptions{TData}.Bound"/> names: the ELBO, unless another was asked for.</summary>
    public double Bound => BoundSum / Elements;

    /// <summary>E_q[log p(x | z)].</summary>
    public double LogLikelihood => LogLikelihoodSum / Elements;

    /// <summary>KL(q ‖ p), or its estimate.</summary>
    public double Kl => KlSum / Elements;

    /// <summary>The mean, over the steps where it was measured, of the Euclidean norm of the gradient of the loss an element, before clipping; null where it never was.</summary>
    public double? GradientNorm => Norms == 0 ? null : NormSum / Norms;

    /// <summary>How fast the steps were.</summary>
    public double ElementsPerSecond => Elements / Seconds;

    /// <summary>With one estimate more.</summary>
    /// <param name="step">Scaled to <paramref name="total"/> elements.</param>
    /// <param name="bound">Its bound, scaled likewise.</param>
    /// <param name="elements">How many elements it was of.</param>
    /// <param name="total">How many elements the data has that the model's plates are about.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="gradientNorm">The norm of its gradient, scaled likewise; null where there is none.</param>
    public TermMeans With(SviStep step, double bound, long elements, long total, double seconds = 0, double? gradientNorm = null)
    {
        ArgumentNullException.ThrowIfNull(step);
        var weight = (double)elements / total;
        return this with
        {
            Elements = Elements + elements,
            BoundSum = BoundSum + (weight * bound),
            LogLikelihoodSum = LogLikelihoodSum + (weight * step.LogLikelihood),
            KlSum = KlSum + (weight * step.Kl),
            Seconds = Seconds + seconds,
            NormSum = NormSum + ((gradientNorm ?? 0) / total),
            Norms = Norms + (gradientNorm is null ? 0 : 1),
        };
    }

    /// <summary>Measures data without a step: always with the same draws, so that two measurements differ by the parameters alone.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">The inference.</param>
    /// <param name="data">One pass of it is measured.</param>
    /// <param name="total">How many elements the model's plates are about: those of the training data.</param>
    /// <param name="bound">What to take for the bound; the ELBO unless given.</param>
    /// <param name="cancellation">Asked before each minibatch.</param>
    /// <exception cref="ModelException">No plate of the model takes a minibatch for that many of <paramref name="total"/> elements.</exception>
    public static TermMeans Measure<TData>(Svi<TData> svi, Minibatches<TData> data, long total, Func<SviStep, double>? bound = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(data);
        return Measure(svi, data, total, bound, isScaled: false, cancellation);
    }

    // Where the model is known to scale these minibatches, that is not looked at again.
    internal static TermMeans Measure<TData>(Svi<TData> svi, Minibatches<TData> data, long total, Func<SviStep, double>? bound, bool isScaled, CancellationToken cancellation)
    {
        var means = None;
        for (var step = 0L; step < data.PerPass; step++)
        {
            using var scope = NewDisposeScope();
            var minibatch = data.Of(step);
            using var made = data.Ahead > 0 ? minibatch as IDisposable : null;
            if (step == 0 && !isScaled)
            {
                RequireScale(svi, minibatch, data.SizeOf(minibatch), total);
            }

            var size = svi.Group.Agreed(data.SizeOf(minibatch), cancellation);
            var estimate = svi.Evaluate(minibatch, key: new RandomKey(0).Fold(means.Elements));
            means = means.With(estimate, bound?.Invoke(estimate) ?? estimate.Elbo, size, total);
        }

        return means;
    }

    /// <summary>Refuses a minibatch that the model would not scale to the whole data, as the means would then be of another sum.</summary>
    internal static void RequireScale<TData>(Svi<TData> svi, TData minibatch, long size, long total)
    {
        var plates = size == total ? [] : svi.Explain(minibatch).Sites.SelectMany(site => site.Plates).Distinct().ToList();
        if (size != total && !plates.Exists(plate => plate.Size == size && plate.Total == total))
        {
            throw new ModelException(
                $"A minibatch has {size} of {total} elements, and the model '{svi.Model.Name}' has {(plates.Count == 0 ? "no plate" : string.Join(", ", plates.Select(plate => $"plate {plate}")))}; one plate is to see {size} of a total of {total}: give it that total, the number of elements of the training data.");
        }
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Elements);
        Array.ForEach([BoundSum, LogLikelihoodSum, KlSum, NormSum, Seconds], writer.Write);
        writer.Write(Norms);
    }

    internal static TermMeans Read(BinaryReader reader) => new()
    {
        Elements = reader.ReadInt64(),
        BoundSum = reader.ReadDouble(),
        LogLikelihoodSum = reader.ReadDouble(),
        KlSum = reader.ReadDouble(),
        NormSum = reader.ReadDouble(),
        Seconds = reader.ReadDouble(),
        Norms = reader.ReadInt64(),
    };
}
