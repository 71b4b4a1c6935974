using MnistVae.Commands;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>The sums of an epoch so far, in nats over images; part of a checkpoint, so that a resumed epoch's row is whole.</summary>
public sealed record EpochSums(int Images = 0, double Elbo = 0, double LogLikelihood = 0, double Kl = 0, double Seconds = 0)
{
    /// <summary>Adds a step.</summary>
    /// <param name="step">Scaled to <paramref name="total"/> images.</param>
    /// <param name="bound">The step's bound, scaled likewise.</param>
    public EpochSums Add(SviStep step, double bound, int images, int total, double seconds)
    {
        ArgumentNullException.ThrowIfNull(step);
        var weight = (double)images / total;
        return new(Images + images, Elbo + (weight * bound), LogLikelihood + (weight * step.LogLikelihood), Kl + (weight * step.Kl), Seconds + seconds);
    }

    public EpochRow ToRow(int epoch, double? testElbo) =>
        new(epoch, Elbo / Images, LogLikelihood / Images, Kl / Images, testElbo, Images / Seconds, Seconds);

    public ValidationRow ToValidation(long step, double seconds) => new(step, Elbo / Images, LogLikelihood / Images, Kl / Images, seconds);

    public TrainingStep ToStep(int epoch, int epochs, int batch, int batches) =>
        new(epoch, epochs, batch, batches, Elbo / Images, LogLikelihood / Images, Kl / Images, Images / Seconds);

    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Images);
        Array.ForEach([Elbo, LogLikelihood, Kl, Seconds], writer.Write);
    }

    public static EpochSums Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
    }
}
