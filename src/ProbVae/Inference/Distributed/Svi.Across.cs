namespace ProbVae;

/// <content>Inference by several processes together.</content>
public sealed partial class Svi<TData>
{
    private Ranks? _ranks;
    private bool _isApart;

    /// <summary>The processes that take the steps together; this one alone unless <see cref="Across"/> said.</summary>
    public IProcessGroup Group { get; private set; } = ProcessGroup.Alone;

    /// <summary>
    /// Trains together with other processes, each of which has its own rows of a plate. A step of all of them is the step that one
    /// process with all their rows would take, to rounding; what it returns is of all rows, on all processes. Parameters and the
    /// optimizer's state of process 0 are everybody's from the first step on.
    /// </summary>
    /// <param name="group">The processes; with one, nothing changes.</param>
    /// <param name="plate">The plate whose rows are divided; the only one that is seen in part unless said.</param>
    /// <returns>This object.</returns>
    /// <exception cref="InvalidOperationException">A step was taken already, or another group was given.</exception>
    /// <exception cref="ModelException">The objective learns a baseline, which each process would learn from its own rows.</exception>
    public Svi<TData> Across(IProcessGroup group, string? plate = null)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (_trained || _ranks is not null)
        {
            throw new InvalidOperationException($"Across: {(_trained ? "a step was taken already" : "a group was given already")}; call it once, before the first step.");
        }

        if (group.Size > 1 && _elbo.Modules.Count > 0)
        {
            throw new ModelException($"Across: {_elbo} learns a baseline, and each rank would learn it from its own rows alone. Use Baseline.LeaveOneOut, or none.");
        }

        Group = group;
        _ranks = group.Size > 1 ? new(group, plate, Parameters) : null;
        (_layout, _triedShapes) = (null, false);
        return this;
    }

    /// <summary>
    /// Does a work on parts of data, which the processes of <see cref="Group"/> deal out among themselves: the first part to rank 0, the next to
    /// rank 1. What the work asks of this object meanwhile, as <see cref="Evaluate(TData, Elbo?, RandomKey?)"/>, is of the part alone. On one process it is a plain loop.
    /// </summary>
    /// <typeparam name="TResult">What the work gives.</typeparam>
    /// <param name="parts">The same on all processes, which have the rows of all; asked for one after another.</param>
    /// <param name="work">What to do with a part, with noise that depends on the part alone. The number says how many rows the parts before it have whose results are not there yet.</param>
    /// <param name="write">Writes a result for the other processes.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="cancellation">Asked before each part; where one process is to stop, all do.</param>
    /// <returns>All results on all processes, in the parts' order, as they come; every process goes through to the last.</returns>
    /// <exception cref="ModelException">Parts or parameters are not the same on all processes, or the work was refused on one.</exception>
    public IEnumerable<TResult> InParts<TResult>(
        IEnumerable<TData> parts, Func<TData, long, TResult> work, Action<BinaryWriter, TResult> write, Func<BinaryReader, TResult> read, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return new DealtParts<TData>(Group, Model, Guide).Each(parts, Apart, write, read, cancellation);

        TResult Apart(TData part, long before)
        {
            _isApart = true;
            try
            {
                return work(part, before);
            }
            finally
            {
                _isApart = false;
            }
        }
    }

    private Ranks? Together => _isApart ? null : _ranks;

    // What this process refuses the others are told, who would wait for it.
    private void Begin(Func<string> what, Action prepare)
    {
        if (Together is null)
        {
            prepare();
            return;
        }

        try
        {
            Together.Join();
            prepare();
            Together.Begin(what, () => (Manifest, Written, state => Load(new MemoryStream(state))));
        }
        catch (Exception failure)
        {
            Together.Fail(failure);
            throw;
        }
    }

    private SviStep AcrossRanks(SviStep own, bool gradients)
    {
        if (gradients && _isApart)
        {
            throw new InvalidOperationException("Step: within InParts each rank has parts of its own, so a step would make the parameters differ; take it outside.");
        }

        var all = Together?.Sum(own, gradients) ?? own;
        if (gradients && _ranks is not null)
        {
            NonFinite.ThrowIfGradientIsNot(Parameters, StepCount, Optimizer);
        }

        return all;
    }

    private byte[] Written()
    {
        using var state = new MemoryStream();
        Save(state);
        return state.ToArray();
    }

    private IReadOnlyList<(string What, string Value)> Manifest =>
    [
        ("library's build", $"{typeof(Elbo).Module.ModuleVersionId}"),
        ("program's build", string.Join(", ", _model.Delegates.Concat(_guide.Delegates).Select(made => made.Method.Module.ModuleVersionId).Distinct().Order())),
        ("model", $"'{_model.Name}'"),
        ("guide", $"'{_guide}'"),
        ("objective", $"{_elbo}"),
        ("optimizer", Optimizer.GetType().Name),
        ("seed", $"{Seed}"),
        ("number of steps taken", $"{StepCount}"),
        .. Parameters.ByName.Select(entry => ("parameter", $"'{entry.Key}' of shape {new Shape(entry.Value.shape)} and type {entry.Value.dtype}")),
        .. Parameters.Buffers.Select(entry => ("buffer", $"'{entry.Key}' of shape {new Shape(entry.Value.shape)}")),
        .. _plates.DistinctBy(plate => plate.Name).Select(plate => ("plate", $"'{plate.Name}' of {plate.Total}")),
    ];
}
