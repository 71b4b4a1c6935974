using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What a guide and a model, or a model alone, gave in one run.</summary>
/// <param name="Guide">The guide's trace; null where the model drew from its prior.</param>
/// <param name="Model">The model's trace.</param>
/// <param name="Key">A key for draws beside those of the run.</param>
/// <param name="Particles">How many draws lie along the leading axis; null for one draw without that axis.</param>
/// <param name="Sums">Where the guide leaves discrete variables to be summed out: the runs that went through all their values. Null elsewhere.</param>
internal sealed record ParticleRun(Trace? Guide, Trace Model, RandomKey Key, long? Particles, EnumeratedRuns? Sums = null);

/// <summary>
/// Many draws from a guide and a model, after a fit: as many at once along a leading axis as a memory bound allows, or one after
/// another where a program cannot take that axis. Changes no parameter, gradient or running statistic.
/// </summary>
internal sealed class ParticleRuns<TData> : IDisposable
{
    /// <summary>
    /// The bound unless another is asked for: 128 MiB, of which half is counted tensors. So much can be freed and taken again without
    /// asking the system for it (see <see cref="FreedMemory"/>), and it is enough for the arithmetic to outweigh what a run costs besides.
    /// </summary>
    public const long DefaultMemory = 128L << 20;

    private readonly TData _data;
    private readonly RandomKey _key;
    private readonly long _memory;
    private readonly Action _restoreBuffers;
    private readonly long _measuredBytes;
    private readonly KeptDraws? _kept;
    private long _freshCount;

    public ParticleRuns(Model<TData> model, Guide<TData>? guide, TData data, RandomKey key, long memory, bool vectorized, KeptDraws? kept = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, 1);
        if (guide is not null && guide.Identity != model.Identity)
        {
            throw new ModelException($"The {guide.Name} cannot serve the model '{model.Name}': it was written for another model's sites.");
        }

        (ModelProgram, GuideProgram, _data, _key, _memory, Vectorized, _kept) = (model, guide?.Serving(model), data, key, memory, vectorized, kept);
        FreedMemory.Keep();
        Parameters = TrainableParameters.Of<TData>([], guide is null ? [model] : [model, guide]);
        _restoreBuffers = Parameters.KeepBuffers();
        try
        {
            (Measured, _measuredBytes) = Measure();
        }
        catch
        {
            _restoreBuffers();
            throw;
        }
    }

    /// <summary>One run without particles; its tensors live as long as the scope around.</summary>
    public ParticleRun Measured { get; }

    /// <summary>What it told of the shapes.</summary>
    public Layout Layout => Layout.Of(Measured.Model);

    /// <summary>Whether draws lie along a leading axis: asked for, and found to be possible.</summary>
    public bool Vectorized { get; private set; }

    public Model<TData> ModelProgram { get; }

    public Guide<TData>? GuideProgram { get; }

    public TrainableParameters Parameters { get; }

    public void Dispose() => _restoreBuffers();

    /// <summary>Makes draws batch by batch; each batch's tensors are freed before the next begins.</summary>
    /// <param name="draws">How many in all.</param>
    /// <param name="batch">How many at once, as <see cref="BatchSize"/> gave it.</param>
    /// <param name="make">Works on one run.</param>
    /// <param name="take">Keeps what was made: the number of draws before, how many these are, and the tensors.</param>
    /// <param name="cancellation">Asked before each batch.</param>
    public void ForEach(int draws, int batch, Func<ParticleRun, IReadOnlyList<Tensor>> make, Action<int, int, IReadOnlyList<Tensor>> take, CancellationToken cancellation)
    {
        for (var (start, number) = (0, 0); start < draws; start += batch, number++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var count = Math.Min(batch, draws - start);
            take(start, count, make(Run(_key.Fold("batch").Fold(number), Vectorized ? count : null, start)));
        }
    }

    /// <summary>How many draws fit the bound at once, in batches of nearly the same size; 1 where they run one after another.</summary>
    /// <param name="draws">How many in all.</param>
    /// <param name="make">What is done with each run: tried on two draws, as what it allocates counts too.</param>
    /// <param name="share">The part of the bound that counted tensors may take; the rest is for what torch makes and frees within a run.</param>
    public int BatchSize(int draws, Func<ParticleRun, IReadOnlyList<Tensor>> make, double share = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        if (!Vectorized || (draws > 1 && !TakesParticles()) || Try(make) is not { } two)
        {
            Vectorized = false;
            return 1;
        }

        var each = Math.Max(1, two - _measuredBytes);
        var most = Math.Clamp(((long)(_memory * share) - Math.Max(0, two - (2 * each))) / each, 1, draws);
        var batches = (draws + most - 1) / most;
        return (int)((draws + batches - 1) / batches);
    }

    /// <summary>Whether the guide leaves discrete latent variables of finite support to be summed out.</summary>
    public bool SumsOut => Measured.Guide is { } guide && Measured.Model.Latents.Any(site => guide.Find(site.Handle) is null);

    /// <summary>Runs the programs.</summary>
    /// <param name="key">Where the draws come from.</param>
    /// <param name="particles">How many draws lie along a leading axis; null for one without that axis.</param>
    /// <param name="start">The number of the first, which says which of the kept draws it takes.</param>
    public ParticleRun Run(RandomKey key, long? particles, int start = 0)
    {
        if (_kept is { GivenData: true } && Measured.Model.Latents.Any(site => !_kept.Has(site.Handle)))
        {
            var given = new RunSettings(Layout, particles ?? 1);
            var placed = _kept.At(Measured.Model, Layout.PlateDepth, start, given.Particles);
            var (joint, states) = EnumeratedRuns.OfModel(run => ModelProgram.Execute(_data, key.Fold("model"), run), given, placed, IsFinite);
            return new(placed, joint, key.Fold("more"), given.Particles, states);
        }

        if (_kept is not null)
        {
            var kept = _kept.At(Measured.Model, Layout.PlateDepth, start, particles);
            var drawn = new RunSettings(Layout, particles, Replay: kept, Enumeration: Enumeration.Measuring((_, _) => true));
            return new(null, ModelProgram.Execute(_data, key.Fold("model"), drawn), key.Fold("more"), particles);
        }

        // What is summed out has its values before the draws' axis, so there is one, be it of 1.
        var settings = new RunSettings(Layout, SumsOut ? particles ?? 1 : particles);
        var guide = GuideProgram?.Execute(_data, key.Fold("guide"), settings);
        if (!SumsOut)
        {
            return new(guide, ModelProgram.Execute(_data, key.Fold("model"), settings with { Replay = guide }), key.Fold("more"), particles);
        }

        var (model, sums) = EnumeratedRuns.OfModel(run => ModelProgram.Execute(_data, key.Fold("model"), run), settings, guide!, IsFinite);
        return new(guide, model, key.Fold("more"), settings.Particles, sums);
    }

    /// <summary>A run whose summed-out variables have values: those of a joint draw given the data and the guide's draws.</summary>
    public ParticleRun WithStates(ParticleRun run)
    {
        if (run.Sums is not { } sums)
        {
            return run;
        }

        var values = new Trace();
        foreach (var site in run.Guide!.Sites)
        {
            values.Add(site);
        }

        foreach (var (variable, index) in new JointStates(sums).Draw(run.Key.Fold("states")))
        {
            values.Add(Held(sums.Model[variable.Site], JointStates.ValuesAt(variable, index), sums.BatchRank));
        }

        return run with { Model = ModelProgram.Execute(_data, run.Key.Fold("model"), new RunSettings(Layout, run.Particles, Replay: values)) };
    }

    /// <summary>A site at a value, to be replayed.</summary>
    /// <param name="site">The model's site.</param>
    /// <param name="value">Of shape batch + event.</param>
    /// <param name="batchRank">How many of its axes are the batch's.</param>
    public static LatentSite Held(LatentSite site, Tensor value, int batchRank) =>
        new(site.Handle, new Delta(zeros(value.shape)).ToEvent((int)value.dim() - batchRank), value, site.Plates, site.Reads);

    /// <summary>The measuring run of the model again, at other values.</summary>
    /// <param name="values">Sites of the measured guide or model.</param>
    public Trace Remeasured(Trace values) => ModelProgram.Execute(_data, Measured.Key.Fold("model"), new RunSettings(Layout, Replay: values, Enumeration: Enumeration.Measuring((_, _) => true)));

    // Two draws could be taken for the elements of an axis of two.
    private bool TakesParticles() => Trial<TData>.TakesParticles(
        GuideProgram, ModelProgram, _data, _key.Fold("shapes"), new RunSettings(Layout, _freshCount), Parameters);

    // The bytes that two draws at once take; null where the programs refuse a leading axis, or torch does.
    private long? Try(Func<ParticleRun, IReadOnlyList<Tensor>> make)
    {
        using var scope = NewDisposeScope();
        try
        {
            make(Run(_key.Fold("trial"), 2));
            return Bytes(scope.DisposablesView);
        }
        catch (Exception refusal) when (refusal is ModelException or ArgumentException or ExternalException)
        {
            // What is wrong beside the axis shows again when the draws run one by one.
            return null;
        }
    }

    private (ParticleRun Run, long Bytes) Measure()
    {
        // As before a first step: the prior's run tells the events that a guide's distributions are read against.
        var key = _key.Fold("measure");
        var layout = Layout.Of(ModelProgram.Execute(_data, key, new RunSettings(Layout.Unknown, Validate: false)));
        using var scope = NewDisposeScope();
        var settings = new RunSettings(layout);
        var guide = GuideProgram?.ExecuteFirst(_data, key.Fold("guide"), () => settings);
        var model = ModelProgram.ExecuteFirst(_data, key.Fold("model"), () => settings with { Replay = guide, Enumeration = guide is null ? null : Enumeration.Measuring(IsFinite) });
        var problems = (guide is null ? Improper(model) : Measurement<TData>.Uncovered(guide, model, ".")).Concat(Repeated(guide is null, model))
            .Concat(model.Sites.Concat(guide?.Sites ?? []).Select(Measurement<TData>.BrokenContract).OfType<string>().Distinct()).ToList();
        if (problems.Count > 0)
        {
            throw new ModelException(problems, model.ToString());
        }

        var held = scope.DisposablesView;
        _freshCount = Trial<TData>.FreshCount([.. held.OfType<Tensor>(), .. Parameters.ByName.Values, .. Parameters.Buffers.Values, .. model.Sites.Select(site => site.Value)]);
        scope.MoveToOuter(held);
        return (new ParticleRun(guide, model, key, null), Bytes(held));
    }

    // With a seed, each batch of draws would be the one before.
    private IEnumerable<string> Repeated(bool priorDraws, Trace model) => ModelProgram.Rules.Key is null ? [] : model.Sites
        .Where(site => site is BlockedSite || (priorDraws && site is LatentSite)).Take(1)
        .Select(site => $"Site '{site.Name}': the model has a Seed, so each run draws the same value and many runs tell no more than one. Use the model without Seed; the key given here makes the draws the same from call to call.");

    private IEnumerable<string> Improper(Trace model) => model.Sites.Where(site => site is LatentSite or BlockedSite && _kept?.Has(site.Key) != true)
        .Select(site => (site.Name, Reason: WhyNotDrawn(site.Distribution))).Where(site => site.Reason is not null)
        .Select(site => $"Site '{site.Name}': {site.Reason}");

    private static string? WhyNotDrawn(Distribution prior)
    {
        try
        {
            using var scope = NewDisposeScope();
            prior.Sample(new RandomKey(0));
            return null;
        }
        catch (NotSupportedException refusal)
        {
            return refusal.Message;
        }
    }

    private static bool IsFinite(Latent site, Distribution prior) => prior.EnumerateSupport() is not null;

    private static long Bytes(IEnumerable<IDisposable> held) => held.OfType<Tensor>().Sum(tensor => tensor.NumberOfElements * tensor.ElementSize);
}
