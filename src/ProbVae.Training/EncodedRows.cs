using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>The codes of a batch's rows at one latent variable, in double precision and main memory, outside of every scope: a part of <see cref="LatentCodes"/>.</summary>
internal sealed record EncodedRows(string Site, Tensor Mean, Tensor Deviation, Tensor Drawn, Tensor? LogPrior, Tensor? Kl, int Draws, bool IsNormal) : IDisposable
{
    /// <summary>Copies codes of any shape and type.</summary>
    public static EncodedRows Of(string site, long rows, Tensor mean, Tensor deviation, Tensor drawn, Tensor? logPrior, Tensor? kl, int draws, bool isNormal)
    {
        return new(site, Kept(mean, rows, -1), Kept(deviation, rows, -1), Kept(drawn, rows, -1), logPrior is null ? null : Kept(logPrior, rows), kl is null ? null : Kept(kl, rows, -1), draws, isNormal);

        // A copy of its own: a distribution's value may be a view of a parameter, or spread over the rows.
        static Tensor Kept(Tensor values, params long[] shape) => values.to(ScalarType.Float64).cpu().reshape(shape).clone().DetachFromDisposeScope();
    }

    /// <summary>The codes of all rows; the caller disposes of them.</summary>
    public static LatentCodes Join(IReadOnlyList<EncodedRows> parts)
    {
        using var noGrad = no_grad();
        return new(
            cat([.. parts.Select(part => part.Mean)]).DetachFromDisposeScope(),
            cat([.. parts.Select(part => part.Deviation)]).DetachFromDisposeScope(),
            cat([.. parts.Select(part => part.Drawn)]).DetachFromDisposeScope(),
            parts.Max(part => part.Draws),
            parts.All(part => part.IsNormal),
            Whole([.. parts.Select(part => part.LogPrior)]),
            Whole([.. parts.Select(part => part.Kl)]));

        // What one batch lacks, all lack.
        static Tensor? Whole(IReadOnlyList<Tensor?> each) => each.Any(part => part is null) ? null : cat([.. each.OfType<Tensor>()]).DetachFromDisposeScope();
    }

    /// <summary>Writes the codes for another process.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Site);
        writer.Write(Draws);
        writer.Write(IsNormal);
        foreach (var tensor in Tensors)
        {
            writer.Write(tensor?.shape.Length ?? -1);
            Array.ForEach(tensor?.shape ?? [], writer.Write);
            writer.Write(tensor is null ? [] : tensor.bytes);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static EncodedRows Read(BinaryReader reader)
    {
        var (site, draws, isNormal) = (reader.ReadString(), reader.ReadInt32(), reader.ReadBoolean());
        return new(site, Next()!, Next()!, Next()!, Next(), Next(), draws, isNormal);

        Tensor? Next()
        {
            var rank = reader.ReadInt32();
            if (rank < 0)
            {
                return null;
            }

            long[] shape = [.. Enumerable.Range(0, rank).Select(_ => reader.ReadInt64())];
            var numbers = MemoryMarshal.Cast<byte, double>(reader.ReadBytes((int)shape.Aggregate((long)sizeof(double), (size, length) => size * length)));
            using var scope = NewDisposeScope();
            return tensor(numbers.ToArray()).reshape(shape).DetachFromDisposeScope();
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor?.Dispose();
        }
    }

    private Tensor?[] Tensors => [Mean, Deviation, Drawn, LogPrior, Kl];
}
