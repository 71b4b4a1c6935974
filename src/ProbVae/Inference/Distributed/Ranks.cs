using System.Security.Cryptography;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What an inference does with those of the other processes: they begin alike, divide one plate's rows, add up gradients and terms, and
/// compare themselves every so often.
/// </summary>
/// <param name="group">The processes.</param>
/// <param name="plate">The plate that is divided; null for the only one that is seen in part.</param>
/// <param name="parameters">The inference's parameters.</param>
internal sealed class Ranks(IProcessGroup group, string? plate, TrainableParameters parameters)
{
    private const int CheckEvery = 100;

    // Of data that is not made up, as many numbers are not the same by chance.
    private const long LeastCompared = 64;

    // What two processes compute alike may round differently.
    private const double Rounding = 1e-3;

    private const string StartAlike = "Start every rank with the same program, options and data.";

    private readonly Lockstep _lockstep = new(group);
    private readonly FlatGradient _gradient = new(parameters);
    private string? _divided;
    private string _seen = "";
    private bool _started;
    private long _steps;

    /// <summary>The step's or evaluation's; null between them.</summary>
    public Division? Division { get; private set; }

    /// <summary>Whether the divided plate is known.</summary>
    public bool IsMet => _divided is not null;

    /// <summary>From here on the others wait for what this process has to say.</summary>
    public void Join() => _lockstep.IsAwaited = true;

    /// <summary>Tells the others of a failure, so that they do not wait.</summary>
    public void Fail(Exception failure)
    {
        Division = null;
        _lockstep.Fail(failure);
    }

    /// <summary>Finds the plate that is divided, in a run of the model.</summary>
    /// <exception cref="ModelException">There is none, or the model's sites cannot be divided so.</exception>
    public void Meet(Trace model)
    {
        var plates = model.Sites.SelectMany(site => site.Plates).DistinctBy(entered => entered.Name).ToList();
        var part = plates.FindAll(entered => entered.Size < entered.Total);
        var divided = plate is null ? part is [var only] ? only : null : part.Find(entered => entered.Name == plate);
        if (divided is null)
        {
            throw new ModelException(part.Count > 1 && plate is null
                ? $"Across: plates {string.Join(", ", part)} are seen in part, and one of them is divided among the ranks; name it, as in svi.Across(group, \"{part[0].Name}\")."
                : $"Across: {(plate is null ? "no plate" : $"no plate '{plate}'")} is seen in part here ({(plates.Count == 0 ? "the model has no plate" : string.Join(", ", plates))}), so there are no rows to divide among {group.Size} ranks. Give each rank its share of the rows (group.ShareOf), and the plate the total of the whole data.");
        }

        _divided = divided.Name;
        var inside = model.Latents.Where(site => site.Plates.Contains(divided)).Select(site => site.Handle).ToHashSet();
        if (model.Sites.FirstOrDefault(site => site is not UnscoredSite && !site.Plates.Contains(divided) && site.Reads?.Any(inside.Contains) == true) is { } coupling)
        {
            throw new ModelException($"Site '{coupling.Name}' stands outside of plate '{_divided}' and reads latent variables inside it, of which each rank has its own rows alone; no rank could compute it. Put it into the plate, or run one process.");
        }

        _seen = Seen(model, divided);
    }

    /// <summary>Begins a step or an evaluation, the first time with a comparison of the processes.</summary>
    /// <param name="what">Which.</param>
    /// <param name="start">What must be the same everywhere, by name; and process 0's state, which all take.</param>
    public void Begin(Func<string> what, Func<(IReadOnlyList<(string What, string Value)> Manifest, Func<byte[]> Save, Action<byte[]> Load)> start)
    {
        if (!_started)
        {
            Start(start());
            _started = true;
        }

        var checks = _steps++ is 0 or 1 || _steps % CheckEvery == 0;
        Division = new(_divided!, group.Rank, group.Size, size => Rows(what(), size, checks)) { Notes = checks };
    }

    /// <summary>Adds up what all processes found, on all of them.</summary>
    /// <param name="step">This process's part.</param>
    /// <param name="gradients">Whether the parameters' gradients are added up too.</param>
    /// <returns>The terms and the loss of all rows.</returns>
    public SviStep Sum(SviStep step, bool gradients)
    {
        var division = Division!;
        if (!division.IsEntered)
        {
            Rows("", -1, false);
        }

        var own = gradients ? _gradient.Present() : [];
        var all = _lockstep.Exchange(
            writer =>
            {
                Write(writer, own, writer.Write);
                Write(writer, step.Terms, term => { writer.Write(term.Site); writer.Write(term.Value); });
                writer.Write(step.Loss);
                Write(writer, [.. division.Outside], pair => { writer.Write(pair.Key); writer.Write(pair.Value); });
            },
            reader => (
                Present: Read(reader, reader.ReadBoolean),
                Terms: Read(reader, () => (Site: reader.ReadString(), Value: reader.ReadDouble())),
                Loss: reader.ReadDouble(),
                Outside: Read(reader, () => (Site: reader.ReadString(), Value: reader.ReadDouble()))));
        _lockstep.IsAwaited = false;
        Division = null;
        for (var rank = 1; rank < all.Count; rank++)
        {
            if (!all[rank].Terms.Select(term => term.Site).SequenceEqual(all[0].Terms.Select(term => term.Site)))
            {
                throw new ModelException($"Rank {rank} came to the sites {Names(all[rank].Terms)}, rank 0 to {Names(all[0].Terms)}; all ranks' runs must come to the same sites.");
            }

            foreach (var (here, there) in all[0].Outside.Zip(all[rank].Outside).Where(pair => !Same(pair.First.Value, pair.Second.Value)))
            {
                throw new ModelException(FormattableString.Invariant($"Site '{here.Site}' stands outside of plate '{_divided}' and its value is not the same on all ranks: its sum is {here.Value:G6} on rank 0 and {there.Value:G6} on rank {rank}. A guide must not compute it from the rows of a minibatch, nor the data give each rank another."));
            }
        }

        if (gradients)
        {
            _gradient.Sum(group, [.. own.Select((_, i) => all.Any(one => one.Present[i]))]);
        }

        return new(step.Number, [.. step.Terms.Select((term, i) => term with { Value = all.Sum(one => one.Terms[i].Value) })], all.Sum(one => one.Loss));
    }

    private void Start((IReadOnlyList<(string What, string Value)> Manifest, Func<byte[]> Save, Action<byte[]> Load) start)
    {
        var state = group.Rank == 0 ? start.Save() : [];
        IReadOnlyList<(string What, string Value)> own = [.. start.Manifest, ("divided plate", _divided!)];
        var all = _lockstep.Exchange(
            writer =>
            {
                Write(writer, own, entry => { writer.Write(entry.What); writer.Write(entry.Value); });
                writer.Write(_seen);
            },
            reader => (Manifest: Read(reader, () => (What: reader.ReadString(), Value: reader.ReadString())), Seen: reader.ReadString()));
        for (var rank = 1; rank < all.Count; rank++)
        {
            var (here, there) = (all[0].Manifest, all[rank].Manifest);
            if (here.Zip(there).Where(pair => pair.First != pair.Second).Select(pair => ((string What, string Here, string There)?)(pair.First.What, pair.First.Value, pair.Second.Value)).FirstOrDefault() is var (what, one, other))
            {
                throw _lockstep.Refused($"The {what} is {one} on rank 0 and {other} on rank {rank}. {StartAlike}");
            }

            if (here.Length != there.Length)
            {
                throw _lockstep.Refused($"Rank 0 has {here.Length} parameters, plates and options, rank {rank} has {there.Length}. {StartAlike}");
            }

            if (Array.FindIndex([.. all.Take(rank)], before => before.Seen.Length > 0 && before.Seen == all[rank].Seen) is >= 0 and var twin)
            {
                throw _lockstep.Refused($"Ranks {twin} and {rank} have the very same rows of plate '{_divided}'. Give each rank rows of its own: those from group.ShareOf(rows) on of each minibatch, or Minibatches with the group.");
            }
        }

        var first = group.Broadcast(state);
        if (group.Rank != 0)
        {
            start.Load(first);
        }
    }

    private IReadOnlyList<long> Rows(string what, long size, bool checks)
    {
        var tensors = checks ? parameters.Tensors().ToList() : [];
        var all = _lockstep.Exchange(
            writer =>
            {
                writer.Write(what);
                writer.Write(size);
                Write(writer, tensors, entry => writer.Write(Hash(entry.Value)));
            },
            reader => (What: reader.ReadString(), Size: reader.ReadInt64(), Hashes: Read(reader, reader.ReadInt64)));
        for (var rank = 0; rank < all.Count; rank++)
        {
            if (all[rank].Size < 0)
            {
                throw _lockstep.Refused($"Rank {rank} did not come to plate '{_divided}', whose rows are divided among the ranks; every run must.");
            }

            if (all[rank].What != all[0].What)
            {
                throw _lockstep.Refused($"Rank 0 takes {all[0].What} and rank {rank} {all[rank].What}; all ranks must take the same steps and evaluations in the same order, as many as any other.");
            }

            if (all[rank].Hashes.Zip(all[0].Hashes).ToList().FindIndex(pair => pair.First != pair.Second) is >= 0 and var differing)
            {
                var name = tensors[differing].Key;
                throw _lockstep.Refused($"'{name}' is no longer the same on rank 0 and rank {rank}. {(parameters.Buffers.ContainsKey(name) ? "A module keeps statistics of its own rank's rows: normalize layers in place of batches, or put it into evaluation mode (eval())." : "Change parameters on all ranks alike, and run all on processors of one kind.")}");
            }
        }

        return [.. all.Select(one => one.Size)];
    }

    private static string Names((string Site, double Value)[] terms) => Loops.Names(terms.Select(term => term.Site));

    private static bool Same(double here, double there) => Math.Abs(here - there) <= Rounding * (1 + Math.Abs(here));

    private static string Seen(Trace model, Plate divided)
    {
        using var scope = NewDisposeScope();
        var values = model.Sites.OfType<ObservedSite>().Where(site => site.Plates.Contains(divided)).Select(site => site.Value).ToList();
        return values.Sum(value => value.numel()) < LeastCompared ? "" : Hashes(values);
    }

    /// <summary>What tells tensors from others.</summary>
    public static string Hashes(IEnumerable<Tensor> tensors) => string.Join(" ", tensors.Select(Hash));

    private static long Hash(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return BitConverter.ToInt64(SHA256.HashData(tensor.detach().cpu().contiguous().bytes));
    }

    private static void Write<T>(BinaryWriter writer, IReadOnlyList<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private static T[] Read<T>(BinaryReader reader, Func<T> read)
    {
        var items = new T[reader.ReadInt32()];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read();
        }

        return items;
    }
}
