namespace MnistVae.Training;

/// <summary>The best measurement of the validation images so far.</summary>
/// <param name="Step">Gradient steps taken before it.</param>
/// <param name="Elbo">In nats an image.</param>
public sealed record BestSoFar(long Step, double Elbo);

/// <summary>What a checkpoint keeps beside the inference's own state, so that a resumed run goes on as if it had not stopped.</summary>
/// <param name="Sums">Of the epoch so far.</param>
/// <param name="Best">Null before the first validation.</param>
public sealed record TrainingState(EpochSums Sums, BestSoFar? Best)
{
    /// <summary>At the start of a run.</summary>
    public static TrainingState Fresh { get; } = new(new EpochSums(), null);

    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Sums.Write(writer);
        writer.Write(Best is not null);
        if (Best is { } best)
        {
            writer.Write(best.Step);
            writer.Write(best.Elbo);
        }
    }

    public static TrainingState Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var sums = EpochSums.Read(reader);
        return new(sums, reader.ReadBoolean() ? new BestSoFar(reader.ReadInt64(), reader.ReadDouble()) : null);
    }
}
