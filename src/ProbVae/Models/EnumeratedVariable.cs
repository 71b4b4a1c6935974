using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A discrete latent variable that a run goes through all values of.</summary>
/// <param name="site">Its handle.</param>
/// <param name="elements">Its values, of shape K + event.</param>
/// <param name="axis">The axis that they lie along: 0 for the one next to the particles, counted to the left.</param>
/// <param name="order">Its place among the variables of guide and model, in the order in which the runs came to them.</param>
/// <param name="inGuide">Whether the guide has a site for it; without one it is to be summed out.</param>
/// <param name="plates">The plates that it stands in.</param>
internal sealed class EnumeratedVariable(Latent site, Tensor elements, int axis, int order, bool inGuide, IReadOnlyList<Plate> plates)
{
    public Latent Site => site;

    public Tensor Elements => elements;

    /// <summary>How many values it has, K.</summary>
    public long Size { get; } = elements.shape[0];

    public int Axis => axis;

    public int Order => order;

    public bool InGuide => inGuide;

    public IReadOnlyList<Plate> Plates => plates;

    public override string ToString() => plates.Count == 0 ? $"'{site}'" : $"'{site}' (in plate {string.Join(", ", plates.Select(plate => plate.Name))})";
}
