using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One latent variable that an automatic guide covers, as a run of the model showed it: its plates, its shapes, and the smooth
/// one-to-one map from unconstrained numbers onto its prior's support.
/// </summary>
public sealed class AutoSite
{
    internal AutoSite(LatentSite site)
    {
        var distribution = site.Distribution;
        (Handle, Plates, Support) = (site.Handle, site.Plates, distribution.Support.Kept());
        (DType, Device, EventShape) = (site.Value.dtype, site.Value.device, distribution.EventShape);
        var seen = distribution.BatchShape;
        UnconstrainedShape = Bijection.InverseShape(seen + EventShape)[seen.Rank..];
        var sizes = seen.ToArray();
        foreach (var plate in Plates)
        {
            sizes[^-plate.Axis] = plate.Total;
        }

        BatchShape = sizes;
    }

    /// <summary>The model's handle.</summary>
    public Latent Handle { get; }

    /// <summary>The prior's support.</summary>
    public Support Support { get; }

    /// <summary>The axes of the site's plates at their whole length, whatever part of them a run sees.</summary>
    public Shape BatchShape { get; }

    /// <summary>The axes of one value.</summary>
    public Shape EventShape { get; }

    /// <summary>The axes of one value in unconstrained space: a simplex of K numbers has K − 1 there.</summary>
    public Shape UnconstrainedShape { get; }

    /// <summary>The type of the values.</summary>
    public ScalarType DType { get; }

    /// <summary>Where the values lie.</summary>
    public Device Device { get; }

    /// <summary>The map from unconstrained numbers onto the support.</summary>
    public Transform Bijection => Support.FromUnconstrained!;

    /// <summary>How many unconstrained numbers one element of the plates has.</summary>
    public long Dimension => UnconstrainedShape.Count;

    /// <summary>The plates as the model was seen to enter them.</summary>
    internal IReadOnlyList<Plate> Plates { get; }

    /// <summary>Whether each number of a value comes from one unconstrained number, by a monotone map.</summary>
    internal bool IsElementwise => Innermost.Domain.EventRank == 0 && Innermost.Codomain.EventRank == 0;

    /// <summary>Whether values are unconstrained numbers themselves.</summary>
    internal bool IsReal => Innermost is IdentityTransform;

    private Transform Innermost
    {
        get
        {
            var transform = Bijection;
            while (transform is IndependentTransform array)
            {
                transform = array.Each;
            }

            return transform;
        }
    }

    /// <summary>What the whole data has a row for each element of, at the elements that this run sees.</summary>
    /// <param name="whole">Its first axes, after those that lead, are <see cref="BatchShape"/>.</param>
    /// <param name="open">The run's plates at the site.</param>
    /// <param name="leading">How many axes of particles lead.</param>
    internal Tensor InRun(Tensor whole, IReadOnlyList<Plate> open, int leading = 0)
    {
        foreach (var plate in open)
        {
            var axis = BatchShape.Rank + plate.Axis;
            if (axis < 0 || BatchShape[axis] != plate.Total)
            {
                throw new ModelException($"Site '{Handle}': plate '{plate.Name}' has a total of {plate.Total} in this run, and the automatic guide keeps parameters for {(axis < 0 ? "no such plate" : BatchShape[axis])}; make the guide from data of this size, or write an amortized guide for the site.");
            }

            whole = plate.Rows is { } rows ? rows.Of(whole, leading + axis)
                : plate.Size == plate.Total ? whole
                : throw new ModelException(NeedsRows(plate));
        }

        return whole;
    }

    /// <summary>Spreads what one run showed of a subsampled plate over the whole of it: the run's rows get their own, the others one of them each.</summary>
    /// <param name="seen">Its first axes are those of the plates in that run.</param>
    internal Tensor Spread(Tensor seen)
    {
        foreach (var plate in Plates.Where(plate => plate.Size != plate.Total || plate.Rows is not null))
        {
            long[] places = [.. Enumerable.Range(0, (int)plate.Total).Select(row => row % plate.Size)];
            foreach (var (place, row) in (plate.Rows?.Indices ?? []).Index())
            {
                places[row] = place;
            }

            seen = seen.index_select(BatchShape.Rank + plate.Axis, tensor(places, device: seen.device));
        }

        return seen;
    }

    /// <summary>The unconstrained numbers of a value; 0 where rounding put the value on the edge of the support.</summary>
    internal Tensor ToUnconstrained(Tensor value)
    {
        var numbers = Bijection.Inverse(value);
        return where(numbers.isfinite(), numbers, zeros_like(numbers));
    }

    /// <summary>The distribution of the value whose unconstrained numbers have the given one.</summary>
    /// <param name="unconstrained">Its axes are the plates' in the run, then <see cref="UnconstrainedShape"/>.</param>
    internal Distribution Image(Distribution unconstrained)
    {
        var numbers = unconstrained.ToEvent(UnconstrainedShape.Rank - unconstrained.EventShape.Rank);
        return unconstrained is Delta point ? new Delta(Bijection.Forward(point.Value)).ToEvent(EventShape.Rank)
            : IsReal ? numbers
            : new TransformedDistribution(numbers, Bijection);
    }

    internal string NeedsRows(Plate plate) =>
        $"Site '{Handle}' stands in plate {plate}, which does not say which of its elements a minibatch holds, so an automatic guide cannot keep parameters for each of them. Give the plate rows: data => data.Rows, or write an amortized guide for the site and join it to the others with Guide.Compose.";

    /// <inheritdoc/>
    public override string ToString() => $"{Handle} {BatchShape + EventShape}: {Support}";
}
