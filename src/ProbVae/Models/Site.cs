using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What happened at one site of a run: which distribution it had, which value, and in which plates.</summary>
/// <param name="Name">The name for people.</param>
/// <param name="Distribution">The distribution, expanded to exactly the plates' axes.</param>
/// <param name="Value">The value, of shape (particles) + plates + event.</param>
/// <param name="Plates">The plates it stands in, the outermost first.</param>
/// <param name="Reads">The latent variables that its distribution was made from; null where a program could have used any earlier one.</param>
public abstract record Site(string Name, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
{
    /// <summary>The handle that the program named it by.</summary>
    public abstract SiteHandle Key { get; }

    /// <summary>What it is in its program, in a word.</summary>
    public abstract string Role { get; }

    /// <summary>What its log density is multiplied with beside its plates, as a handler asked for.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The product of its plates' total / size, and its weight.</summary>
    public double Scale => Plates.Aggregate(Weight, (scale, plate) => scale * plate.Scale);

    /// <summary>log p(value) as it was computed while the parameters were held fixed; null to compute it when it is asked for.</summary>
    internal Tensor? HeldLogProb { get; init; }

    /// <summary>Name, role, distribution, plates and the value's shape.</summary>
    public sealed override string ToString() =>
        $"{Name}: {Role}, {Distribution}{(Plates.Count == 0 ? "" : $" in plate {string.Join(", ", Plates)}")}, value {new Shape(Value.shape)}";

    /// <summary>log p(value), one number for each element of the plates.</summary>
    public Tensor LogProb() => Distribution.InBatch(Score().ToTensor());

    /// <summary>The same, its scale kept apart, and axes left out along which it is the same: the one place where a site is scored.</summary>
    /// <param name="known">Whether a gradient that the family knows may stand in for a graph.</param>
    internal ScaledTensor Score(bool known = false) => HeldLogProb is { } held ? held : TorchRefusal.AtSite(Name, (Site: this, known), static ask => ask.Site.Distribution.ScaledScore(ask.Site.Value, ask.known));

    /// <summary>
    /// Sums a quantity over the plates, scales it to the whole data and averages it over particles: the one place where this is done.
    /// </summary>
    /// <param name="byElement">Of the shape of the plates after the particles; axes along which it is the same may be missing or 1.</param>
    /// <returns>A scalar. Its factor is the gradient that a backward pass starts from, so scaling costs no operation.</returns>
    /// <exception cref="ModelException">The quantity does not have those axes.</exception>
    internal ScaledTensor Total(ScaledTensor byElement)
    {
        var (received, expected) = (Shape.Of(byElement.Values), Distribution.BatchShape);
        if (received.BroadcastWith(expected) != expected)
        {
            throw new ModelException($"Site '{Name}': a term has shape {received} where its plates ask for exactly {expected}, one number for each of their elements.");
        }

        var plateAxes = Plates.Count == 0 ? 0 : Plates.Max(plate => -plate.Axis);
        var particles = expected.Rank > plateAxes ? expected[0] : 1;
        var (weight, copies) = (Scale / particles, expected.Count / Math.Max(1, received.Count));
        return byElement with { Values = received.Rank == 0 ? byElement.Values : byElement.Values.sum(), Factor = byElement.Factor * weight * copies, Offset = byElement.Offset * weight * expected.Count };
    }
}

/// <summary>A latent variable's site.</summary>
public sealed record LatentSite(Latent Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : Site(Handle.Name, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public override SiteHandle Key => Handle;

    /// <inheritdoc/>
    public override string Role => "latent";
}

/// <summary>An observation's site, or that of a latent variable that was given a value.</summary>
public sealed record ObservedSite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : Site(Handle.Name, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public override SiteHandle Key => Handle;

    /// <inheritdoc/>
    public override string Role => "observed";
}
