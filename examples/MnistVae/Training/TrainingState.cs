namespace MnistVae.Training;

/// <summary>The best measurement of the validation images so far.</summary>
/// <param name="Step">Gradient steps taken before it.</param>
/// <param name="Elbo">In nats an image.</param>
public sealed record BestSoFar(long Step, double Elbo);

/// <summary>What a checkpoint keeps beside the inference's own state, so that a resumed run goes on as if it had not stopped.</summary>
/// <param name="Sums">Of the epoch so far.</param>
/// <param name="Best">Null before the first validation.</param>
/// <param name="Misses">Validations since the best.</param>
/// <param name="IsOpen">Whether an interrupt cut short the measurements that belong to the last step.</param>
public sealed record TrainingState(EpochSums Sums, BestSoFar? Best, int Misses = 0, bool IsOpen = false)
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

        writer.Write(Misses);
        writer.Write(IsOpen);
    }

    public static TrainingState Read(BinaryReader reader)
    {
        var first = ReadFirst(reader);
        return first with { Misses = reader.ReadInt32(), IsOpen = reader.ReadBoolean() };
    }

    /// <summary>Reads what the first format of checkpoints had.</summary>
    public static TrainingState ReadFirst(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var sums = EpochSums.Read(reader);
        return new(sums, reader.ReadBoolean() ? new BestSoFar(reader.ReadInt64(), reader.ReadDouble()) : null);
    }
}
