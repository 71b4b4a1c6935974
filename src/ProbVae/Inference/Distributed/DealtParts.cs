using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Work on parts of data that processes deal out among themselves, as one deals cards: the first part to rank 0, the next to rank 1. A part is
/// worked on whole, with the noise that it has on one process, so the results are those of one process.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
/// <param name="group">The processes.</param>
/// <param name="model">The model.</param>
/// <param name="guide">The guide.</param>
internal sealed class DealtParts<TData>(IProcessGroup group, Model<TData> model, Guide<TData> guide)
{
    private const string Rule = "Every rank is to go through the same parts, which have the rows of all; the ranks deal the parts out among themselves.";

    private readonly Lockstep _lockstep = new(group);
    private int _rounds;
    private int _seen;

    /// <summary>Does the work in rounds of one part a process; all processes get all results, in the parts' order.</summary>
    /// <param name="parts">The same on all processes; asked for one after another.</param>
    /// <param name="work">What to do with a part. The number says how many rows the parts before it have whose results are not there yet: those of its round.</param>
    /// <param name="write">Writes a result for the other processes.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="cancellation">Asked before each part; where one process is to stop, all do.</param>
    public IEnumerable<TResult> Each<TResult>(
        IEnumerable<TData> parts, Func<TData, long, TResult> work, Action<BinaryWriter, TResult> write, Func<BinaryReader, TResult> read, CancellationToken cancellation)
    {
        using var dealt = parts.GetEnumerator();
        if (group.Size == 1)
        {
            while (dealt.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                yield return work(dealt.Current, 0);
            }

            yield break;
        }

        var isOver = false;
        try
        {
            Guarded(() => Meet(dealt));
            while (!isOver)
            {
                var round = Guarded(() => Round(dealt, work, write, read, cancellation));
                isOver = round.Count < group.Size;
                foreach (var result in round)
                {
                    yield return result;
                }
            }
        }
        finally
        {
            if (!isOver)
            {
                _lockstep.Fail(new InvalidOperationException("It left before the last part."));
            }
        }
    }

    // What this process refuses the others are told, who would wait for it.
    private T Guarded<T>(Func<T> exchange)
    {
        _lockstep.IsAwaited = true;
        try
        {
            return exchange();
        }
        catch (Exception failure)
        {
            _lockstep.Fail(failure);
            throw;
        }
    }

    // All look at the first part: parts or parameters that differ would give figures of no data and no model.
    private bool Meet(IEnumerator<TData> parts)
    {
        var data = Reaches(parts, 0) ? Look(parts.Current).Data : "none";
        var state = Ranks.Hashes(TrainableParameters.Of<TData>([], model, guide).Tensors().Select(entry => entry.Value));
        var all = _lockstep.Exchange(writer => { writer.Write(data); writer.Write(state); }, reader => (Data: reader.ReadString(), State: reader.ReadString()));
        for (var rank = 1; rank < all.Count; rank++)
        {
            if (all[rank] != all[0])
            {
                throw _lockstep.Refused(all[rank].Data != all[0].Data
                    ? $"The first part is not the same on rank 0 and rank {rank}. {Rule}"
                    : $"The parameters are not the same on rank 0 and rank {rank}. Load the same on all ranks, or take a step together first.");
            }
        }

        return true;
    }

    private List<TResult> Round<TResult>(
        IEnumerator<TData> parts, Func<TData, long, TResult> work, Action<BinaryWriter, TResult> write, Func<BinaryReader, TResult> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var start = group.Size * _rounds++;
        var hasOwn = Reaches(parts, start + group.Rank);
        var rows = hasOwn ? Look(parts.Current).Rows : 0;
        var before = _lockstep.Exchange(writer => writer.Write(rows), reader => reader.ReadInt64()).Take(group.Rank).Sum();
        var own = hasOwn ? work(parts.Current, before) : default;
        Reaches(parts, start + group.Size - 1);
        // What this process found it has: a copy by way of the message would leave the first one to nobody.
        var rank = 0;
        var all = _lockstep.Exchange(
            writer =>
            {
                writer.Write(_seen);
                writer.Write(hasOwn);
                if (hasOwn)
                {
                    write(writer, own!);
                }
            },
            reader => (Seen: reader.ReadInt32(), HasOwn: reader.ReadBoolean() is var has && has, Result: rank++ == group.Rank ? own : has ? read(reader) : default));
        return all.Select(one => one.Seen).Distinct().Count() == 1
            ? [.. all.Where(one => one.HasOwn).Select(one => one.Result!)]
            : throw _lockstep.Refused($"The ranks do not have the same number of parts: rank by rank they have come to {string.Join(", ", all.Select(one => one.Seen))}. {Rule}");
    }

    private bool Reaches(IEnumerator<TData> parts, int index)
    {
        while (_seen <= index && parts.MoveNext())
        {
            _seen++;
        }

        return _seen > index;
    }

    // What a part observes, and how many rows of their own it has.
    private (string Data, long Rows) Look(TData part)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var restoreBuffers = TrainableParameters.Of<TData>([], model, guide).KeepBuffers();
        try
        {
            var posterior = guide.Serving(model).Trace(part, new RandomKey(0));
            var joint = model.Trace(part, new RandomKey(0), posterior);
            var plates = JointDensity.CommonPlates(new(posterior, joint, default, null));
            return (Ranks.Hashes(joint.Sites.OfType<ObservedSite>().Select(site => site.Value)), plates.Aggregate(1L, (rows, plate) => rows * plate.Size));
        }
        finally
        {
            restoreBuffers();
        }
    }
}
