namespace ProbVae;

/// <summary>An axis of conditionally independent elements, of which a run may see a subsample.</summary>
/// <param name="Name">The name for people.</param>
/// <param name="Total">How many elements the whole data has; at least <paramref name="Size"/>.</param>
/// <param name="Size">How many elements this run sees.</param>
/// <param name="Axis">The batch axis that they lie along, counted from the right of the batch: −1 for the first plate entered.</param>
public sealed record Plate(string Name, long Total, long Size, int Axis)
{
    /// <summary>Which elements this run sees; null where the program does not name them.</summary>
    public Rows? Rows { get; init; }

    /// <summary>What a subsample's log densities are multiplied with to stand for all elements: total / size.</summary>
    public double Scale => (double)Total / (Share?.Whole ?? Size);

    /// <summary>Where these elements stand among those of several processes; null where one has them all.</summary>
    internal PlateShare? Share { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Size == Total ? $"{Name} ({Size})" : $"{Name} ({Size} of {Total})";
}

/// <summary>The plates that are open at one place of a run, and the batch axes that they ask of a site there.</summary>
/// <param name="particles">Vectorized particles, as one axis before all plates; null for none.</param>
/// <param name="depth">The most batch axes that any site of the program has, so that the particle axis stays in one place.</param>
internal sealed class PlateStack(long? particles, int depth)
{
    private Plate[] _open = [];

    public bool HasParticles => particles is not null;

    /// <summary>The open plates, the outermost first; entering and leaving replaces the list.</summary>
    public IReadOnlyList<Plate> Open => _open;

    /// <summary>The sizes of the plates' axes, 1 where an axis between them belongs to no open plate.</summary>
    public Shape PlateShape { get; private set; }

    /// <summary>The axes that every log density here must have: particles, then plates.</summary>
    public Shape BatchShape { get; private set; } = particles is { } count ? WithParticles(count, depth, default) : default;

    /// <summary>The axes before all others of the latent variables that the run goes through all values of.</summary>
    public Shape Enumerated { get; set; }

    public void Enter(Plate plate)
    {
        _open = [.. _open, plate];
        Measure();
    }

    public void Leave(Plate plate)
    {
        _open = Array.FindAll(_open, open => open != plate);
        Measure();
    }

    /// <summary>The first axis from the right that no open plate has.</summary>
    public int NextAxis() => Enumerable.Range(1, _open.Length + 1).Select(axis => -axis).First(axis => _open.All(plate => plate.Axis != axis));

    /// <summary>
    /// Reads a distribution's batch axes as those of the open plates and takes the rest as its event, then expands it to
    /// exactly the plates' axes. Nothing else in the engine aligns shapes.
    /// </summary>
    /// <param name="distribution">What the program wrote.</param>
    /// <param name="eventRank">The event's rank where a value or an earlier run tells it.</param>
    /// <param name="constant">Whether the distribution is the same for all data, so that it has no axis of a subsampled plate.</param>
    /// <param name="read">A latent variable that it was made from, whose particles it must then have; null where none is known.</param>
    /// <param name="problem">Why it does not fit, with the shapes; null where it does.</param>
    public Distribution Fit(Distribution distribution, int? eventRank, bool constant, Latent? read, out string? problem)
    {
        problem = null;
        var extra = eventRank - distribution.EventShape.Rank ?? EventAxes(distribution.BatchShape, constant);
        if (extra < 0 || extra > distribution.BatchShape.Rank)
        {
            problem = $"{distribution} {Against()}{Advice(distribution.BatchShape)}";
            return distribution;
        }

        var fitted = distribution.ToEvent(extra);
        var (all, enumerated) = (Enumerated + BatchShape, Math.Max(0, fitted.BatchShape.Rank - BatchShape.Rank));
        if (fitted.BatchShape.BroadcastWith(all) != all)
        {
            problem = $"{fitted} {Against()}{Advice(fitted.BatchShape)}";
            return distribution;
        }

        if (particles is not null && read is not null && (fitted.BatchShape.Rank < BatchShape.Rank || fitted.BatchShape[enumerated] != particles))
        {
            problem = $"{fitted} was made from '{read}', whose {particles} particles are its first axis, and has lost them; reduce over the last axes only (sum(-1)), or run the particles one by one: vectorized: false.";
            return distribution;
        }

        return fitted.Expand(fitted.BatchShape[..enumerated] + BatchShape);
    }

    // Without a value to tell: axes that begin like the plates (or like the outer ones) are theirs and the rest is the event.
    // −1 where the batch has axes and none of them is a plate's.
    private int EventAxes(Shape batch, bool constant)
    {
        if (batch.Rank == 0 || PlateShape.Rank == 0 || (constant && (_open.Any(plate => plate.Size != plate.Total) || !batch.StartsWith(PlateShape))))
        {
            return batch.Rank;
        }

        for (var inner = 0; inner < PlateShape.Rank; inner++)
        {
            var plates = PlateShape[inner..];
            if (batch.Rank >= plates.Rank && batch[..plates.Rank].BroadcastWith(plates) == plates)
            {
                return batch.Rank - plates.Rank;
            }
        }

        return -1;
    }

    private string Against() => _open.Length == 0
        ? $"stands in no plate{Particles()}, so its batch shape must be {BatchShape}"
        : $"stands in plate {string.Join(", ", _open)}{Particles()}, so its batch shape must be {BatchShape} or broadcast to it";

    private string Particles() => particles is { } count ? $" with {count} particles as the first axis" : "";

    private string Advice(Shape batch) => particles is not null
        ? ". If the program cannot take a leading particle axis, run the particles one by one: vectorized: false."
        : batch.Rank > PlateShape.Rank
            ? ". Drop the axes that are too many (squeeze), or make them an event with ToEvent."
            : ". If these axes are the event of each element, say so with ToEvent.";

    private void Measure()
    {
        var sizes = new long[_open.Length == 0 ? 0 : _open.Max(plate => -plate.Axis)];
        Array.Fill(sizes, 1);
        foreach (var plate in _open)
        {
            sizes[^-plate.Axis] = plate.Size;
        }

        PlateShape = sizes;
        BatchShape = particles is { } count ? WithParticles(count, depth, PlateShape) : PlateShape;
    }

    private static Shape WithParticles(long particles, int depth, Shape plates) =>
        new Shape([particles, .. Enumerable.Repeat(1L, Math.Max(0, depth - plates.Rank))]) + plates;
}
