using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// log p(x, z(u)) + log |det ∂z/∂u| and its gradient over all unconstrained numbers u of a model's continuous latent variables, laid out as automatic
/// guides lay them out; discrete ones are summed out. Several points are one leading axis where the program takes one.
/// </summary>
internal sealed class UnconstrainedPosterior<TData> : IDisposable
{
    // Single precision sums of thousands of terms differ by so much, relative to their size, from one order of summing to another.
    private const double SameDensity = 1e-3;

    // The same sums in the same order: what differs are machines and the points beside.
    private const double SameDensityAgain = 1e-4;

    private readonly Model<TData> _model;
    private readonly TData _data;
    private readonly RandomKey _key;
    private readonly Action _restoreBuffers;
    private readonly IDisposable _frozen;
    private readonly Layout _layout;
    private readonly ScalarType _type;
    private readonly bool _sumsOut;
    private readonly Dictionary<int, RowsOfPoints> _rows = [];

    /// <summary>Runs the model once, and learns what there is to move in.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">All of its data.</param>
    /// <param name="key">Where what is random in the model besides comes from; the same in each evaluation.</param>
    /// <param name="options">Start, and whether points may be an axis.</param>
    /// <exception cref="ModelException">The model cannot be sampled from so; the message lists why.</exception>
    public UnconstrainedPosterior(Model<TData> model, TData data, RandomKey key, NutsOptions options)
    {
        (_model, _data, _key) = (model, data, key);
        var parameters = TrainableParameters.Of([], model);
        _restoreBuffers = parameters.KeepBuffers();
        _frozen = parameters.Freeze();
        try
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var layout = Layout.Of(model.Execute(data, key.Fold("shapes"), new RunSettings(Layout.Unknown, Validate: false)));
            var measured = model.ExecuteFirst(data, key.Fold("measure"), () => new RunSettings(layout, Validate: false));
            var again = model.Execute(data, key.Fold("again"), new RunSettings(layout, Validate: false));
            var reads = MaskedReads.Of(
                new ParticleRun(null, measured, key.Fold("masked"), null),
                values => model.Execute(data, key.Fold("measure"), new RunSettings(layout, Replay: values, Enumeration: Enumeration.Measuring(static (_, _) => true)))).Any();
            var held = measured.Latents.Where(site => model.Rules.Rules.ContainsKey(site.Handle)).Select(site => SamplingProblems.Held(site, model.Rules.Rules[site.Handle].Word));
            if (SamplingProblems.Of(model.Name, measured, again, parameters.Noisy, reads).Concat(held).ToList() is { Count: > 0 } problems)
            {
                throw new ModelException(problems, measured.ToString());
            }

            (_layout, _sumsOut) = (layout, measured.Latents.Any(site => site.Distribution.Support.IsDiscrete));
            Sites = [.. measured.Latents.Where(site => !site.Distribution.Support.IsDiscrete).Select(site => new AutoSite(site))];
            SummedOut = [.. measured.Latents.Where(site => site.Distribution.Support.IsDiscrete).Select(site => site.Handle)];
            Computed = [.. measured.Sites.OfType<DeterministicSite>().Select(site => site.Handle)];
            Order = [.. measured.Sites.Select(site => site.Key)];
            Dimension = checked((int)Sites.Sum(site => site.BatchShape.Count * site.Dimension));
            _type = Sites.Any(site => site.DType == ScalarType.Float64) ? ScalarType.Float64 : Sites[0].DType;
            var fresh = Trial<TData>.FreshCount([.. scope.DisposablesView.OfType<Tensor>(), .. parameters.ByName.Values, .. parameters.Buffers.Values]);
            IsVectorized = options.Vectorized && Trial<TData>.TakesParticles(null, model, data, key.Fold("particles"), new RunSettings(layout, fresh, Validate: false), parameters);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The continuous latent variables, in the model's order, as they lie in the unconstrained numbers.</summary>
    public IReadOnlyList<AutoSite> Sites { get; }

    /// <summary>The discrete latent variables.</summary>
    public IReadOnlyList<SiteHandle> SummedOut { get; }

    /// <summary>The quantities that the model computes.</summary>
    public IReadOnlyList<SiteHandle> Computed { get; }

    /// <summary>All sites of the model.</summary>
    public IReadOnlyList<SiteHandle> Order { get; }

    /// <summary>How many unconstrained numbers there are.</summary>
    public int Dimension { get; }

    /// <summary>Whether several points are evaluated in one run.</summary>
    public bool IsVectorized { get; private set; }

    /// <summary>Why the model could not be computed at a point, the first time; null where it always could.</summary>
    public Exception? Refusal { get; private set; }

    /// <summary>Finds log density and gradient of points, all in one run if that is possible.</summary>
    /// <param name="points">As many each time, for the rows of one run to stay in their places.</param>
    public void Evaluate(IReadOnlyList<PhasePoint> points)
    {
        if (!IsVectorized || !TryEvaluate(points))
        {
            foreach (var point in points)
            {
                // Where not even one can be computed, as where a matrix has no Cholesky factor, the density there is 0.
                point.LogDensity = TryEvaluate([point]) ? point.LogDensity : double.NegativeInfinity;
            }
        }
    }

    /// <summary>Holds arguments and observations against their ranges, at one point.</summary>
    /// <exception cref="ModelException">One lies outside; the message says which.</exception>
    public void Validate(PhasePoint point) => Differentiate([point], validate: true);

    /// <summary>Holds a run of several points against runs of each, and has no more of the former where they differ.</summary>
    /// <param name="points">Points that were evaluated together, at which the density is finite.</param>
    public void Compare(IReadOnlyList<PhasePoint> points)
    {
        if (!IsVectorized || points.Count == 1)
        {
            return;
        }

        foreach (var point in points)
        {
            var alone = new PhasePoint(point.Position);
            IsVectorized &= TryEvaluate([alone]) && Math.Abs(alone.LogDensity - point.LogDensity) <= SameDensity * (1 + Math.Abs(point.LogDensity));
        }
    }

    /// <summary>Whether densities that an earlier run found are found again.</summary>
    /// <param name="points">The points; they stay as they are.</param>
    /// <param name="together">Whether that run evaluated them together; if not, nor does this one.</param>
    public bool FindsAgain(IReadOnlyList<PhasePoint> points, bool together)
    {
        IsVectorized &= together;
        PhasePoint[] again = [.. points.Select(point => new PhasePoint(point.Position))];
        Evaluate(again);
        return again.Zip(points).All(pair => Math.Abs(pair.First.LogDensity - pair.Second.LogDensity) <= SameDensityAgain * (1 + Math.Abs(pair.Second.LogDensity)));
    }

    /// <summary>The values of one site at positions, of shape (positions) + plates + event, without gradient.</summary>
    /// <param name="site">The site.</param>
    /// <param name="positions">Float64, of shape (positions, numbers).</param>
    public Tensor Values(AutoSite site, Tensor positions)
    {
        var part = positions.narrow(-1, Offset(site), site.BatchShape.Count * site.Dimension).reshape([-1, .. (site.BatchShape + site.UnconstrainedShape).ToArray()]).to(site.DType, site.Device);
        var value = site.Bijection.Forward(part);
        return value.reshape([value.shape[0], .. site.Plates.OrderBy(plate => plate.Axis).Select(plate => plate.Size), .. site.EventShape.ToArray()]);
    }

    /// <summary>The unconstrained numbers of values of all sites.</summary>
    /// <param name="of">The numbers of a site, for the whole of its plates, perhaps with axes before them.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <returns>Rows of all numbers.</returns>
    public double[][] Rows(Func<AutoSite, Tensor> of, int rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var all = cat([.. Sites.Select(site => of(site).detach().to(ScalarType.Float64, CPU).reshape(rows, -1))], 1).contiguous().data<double>().ToArray();
        return [.. all.Chunk(Dimension)];
    }

    public void Dispose()
    {
        foreach (var rows in _rows.Values)
        {
            rows.Dispose();
        }

        _frozen.Dispose();
        _restoreBuffers();
    }

    private long Offset(AutoSite site) => Sites.TakeWhile(other => other != site).Sum(other => other.BatchShape.Count * other.Dimension);

    private bool TryEvaluate(IReadOnlyList<PhasePoint> points)
    {
        try
        {
            Differentiate(points);
            return true;
        }
        catch (Exception refusal) when (refusal is ModelException or ArgumentException || TorchRefusal.Is(refusal))
        {
            Refusal ??= refusal;
            return false;
        }
    }

    // One leaf, one run of the model, one backward pass, one copy out.
    private void Differentiate(IReadOnlyList<PhasePoint> points, bool validate = false)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        if (!_rows.TryGetValue(points.Count, out var rows))
        {
            long? particles = IsVectorized || _sumsOut ? points.Count : null;
            _rows[points.Count] = rows = new(Sites, points.Count, particles, _layout.PlateDepth, _type);
        }

        var (leaf, placed, volume) = rows.Place(points);
        var settings = new RunSettings(_layout, rows.Particles, Replay: placed, Validate: validate);
        var (model, sums) = _sumsOut
            ? EnumeratedRuns.OfModel(run => _model.Execute(_data, _key, run), settings, placed, static (_, prior) => prior.EnumerateSupport() is not null)
            : (_model.Execute(_data, _key, settings), null);
        var joint = LogJoint.ByRow(model, sums, rows.Particles, volume);
        if (joint.requires_grad)
        {
            autograd.backward([joint], [ones_like(joint, requires_grad: false)], inputs: [leaf]);
        }

        RowsOfPoints.Read(joint.detach(), leaf.grad ?? zeros_like(leaf, requires_grad: false), points);
    }
}
