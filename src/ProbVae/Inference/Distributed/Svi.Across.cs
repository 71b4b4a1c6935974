namespace ProbVae;

/// <content>Inference by several processes together.</content>
public sealed partial class Svi<TData>
{
    private Ranks? _ranks;

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

    // What this process refuses the others are told, who would wait for it.
    private void Begin(Func<string> what, Action prepare)
    {
        if (_ranks is null)
        {
            prepare();
            return;
        }

        try
        {
            _ranks.Join();
            prepare();
            _ranks.Begin(what, () => (Manifest, Written, state => Load(new MemoryStream(state))));
        }
        catch (Exception failure)
        {
            _ranks.Fail(failure);
            throw;
        }
    }

    private SviStep AcrossRanks(SviStep own, bool gradients)
    {
        var all = _ranks?.Sum(own, gradients) ?? own;
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
