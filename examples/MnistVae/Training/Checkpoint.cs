using System.Text;
using MnistVae.Runs;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>The checkpoint of a run: the sums of the epoch so far, then the inference's own state.</summary>
public static class Checkpoint
{
    public const string Name = "checkpoint.bin";

    public static void Save(RunFolder run, Svi<Tensor> svi, EpochSums sums)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Write(Name, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            sums.Write(writer);
            writer.Flush();
            svi.Save(stream);
        });
    }

    public static EpochSums Load(RunFolder run, Svi<Tensor> svi)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.Has(Name))
        {
            throw new UserError($"{run.Folder} holds no {Name}, so there is nothing that was learnt; train the run first.");
        }

        try
        {
            using var stream = File.OpenRead(run.PathOf(Name));
            using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
            var sums = EpochSums.Read(reader);
            svi.Load(stream);
            return sums;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{run.PathOf(Name)} cannot be used ({error.Message.TrimEnd('.')}); restore it or train the run again with --overwrite.", error);
        }
    }
}
