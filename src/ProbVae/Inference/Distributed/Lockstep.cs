using System.Text;

namespace ProbVae;

/// <summary>
/// Keeps processes in step: every message says whether its sender is well, so what one refuses, all refuse in the same place, and
/// none waits for another that has gone.
/// </summary>
/// <param name="group">The processes.</param>
internal sealed class Lockstep(IProcessGroup group)
{
    private enum Kind : byte
    {
        Well,
        Refused,
        NonFinite,
        Stopped,
    }

    /// <summary>Whether the others wait for a message of this process.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Exchanges what each has to say.</summary>
    /// <param name="write">Writes this process's message.</param>
    /// <param name="read">Reads one.</param>
    /// <returns>What was read, by rank.</returns>
    /// <exception cref="ModelException">A process refused what it was to do; a <see cref="NonFiniteException"/> where it met NaN or infinity.</exception>
    /// <exception cref="OperationCanceledException">A process is to stop.</exception>
    public IReadOnlyList<T> Exchange<T>(Action<BinaryWriter> write, Func<BinaryReader, T> read)
    {
        // Where the group itself breaks, there is nobody to be told.
        IsAwaited = false;
        var messages = Gather(Kind.Well, write);
        var said = new T[messages.Count];
        for (var rank = 0; rank < said.Length; rank++)
        {
            using var reader = new BinaryReader(new MemoryStream(messages[rank]), Encoding.UTF8);
            var kind = (Kind)reader.ReadByte();
            if (kind != Kind.Well)
            {
                var sentence = $"Rank {rank}: {reader.ReadString()}";
                throw kind switch
                {
                    Kind.NonFinite => new NonFiniteException([sentence]),
                    Kind.Stopped => new OperationCanceledException(sentence),
                    _ => new ModelException(sentence),
                };
            }

            said[rank] = read(reader);
        }

        IsAwaited = true;
        return said;
    }

    /// <summary>Tells the others, where they wait, that this process met a failure.</summary>
    public void Fail(Exception failure)
    {
        if (IsAwaited)
        {
            IsAwaited = false;
            var sentences = failure is ModelException { Problems: var problems } ? string.Join(" ", problems) : $"{failure.GetType().Name}: {failure.Message.Split('\n')[0].Trim()}";
            Gather(failure switch { NonFiniteException => Kind.NonFinite, OperationCanceledException => Kind.Stopped, _ => Kind.Refused }, writer => writer.Write(sentences));
        }
    }

    /// <summary>Ends what all have found out alike.</summary>
    /// <param name="problem">A sentence that is the same on all processes.</param>
    public ModelException Refused(string problem)
    {
        IsAwaited = false;
        return new ModelException(problem);
    }

    private IReadOnlyList<byte[]> Gather(Kind kind, Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write((byte)kind);
            write(writer);
        }

        return group.Gather(bytes.ToArray());
    }
}
