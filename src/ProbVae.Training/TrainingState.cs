namespace ProbVae.Training;

/// <summary>The best measurement of the validation data so far.</summary>
/// <param name="Step">Gradient steps taken before it.</param>
/// <param name="Bound">In nats an element.</param>
public sealed record BestSoFar(long Step, double Bound);

/// <summary>What a checkpoint keeps beside the inference's own state, so that a training that is resumed goes on as if it had not stopped.</summary>
/// <param name="Elements">How many elements the training data has.</param>
/// <param name="PerPass">Minibatches of one pass over it.</param>
/// <param name="Pass">The means of the pass so far.</param>
/// <param name="Best">Null before the first validation.</param>
/// <param name="Misses">Validations since the best.</param>
/// <param name="IsOpen">Whether an interrupt cut short the measurements that belong to the last step.</param>
public sealed record TrainingState(long Elements, long PerPass, TermMeans Pass, BestSoFar? Best = null, int Misses = 0, bool IsOpen = false)
{
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Elements);
        writer.Write(PerPass);
        Pass.Write(writer);
        writer.Write(Best is not null);
        if (Best is { } best)
        {
            writer.Write(best.Step);
            writer.Write(best.Bound);
        }

        writer.Write(Misses);
        writer.Write(IsOpen);
    }

    internal static TrainingState Read(BinaryReader reader)
    {
        var (elements, perPass, pass) = (reader.ReadInt64(), reader.ReadInt64(), TermMeans.Read(reader));
        var best = reader.ReadBoolean() ? new BestSoFar(reader.ReadInt64(), reader.ReadDouble()) : null;
        return new(elements, perPass, pass, best, reader.ReadInt32(), reader.ReadBoolean());
    }
}
