using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Brings quantities of different sites to the same axes, (particles) + plates, and sums them over plates.</summary>
/// <param name="depth">The most plate axes of any site.</param>
/// <param name="particles">Whether a run has a particle axis; without one, an axis of 1 stands for it.</param>
internal sealed class PlateAxes(int depth, bool particles)
{
    public static PlateAxes Of(RunSettings settings) => new(settings.Layout.PlateDepth, settings.Particles is not null);

    /// <summary>One number for each element, along the particles' axis and all plate axes.</summary>
    /// <param name="byElement">Of a site's batch shape.</param>
    public Tensor Align(Tensor byElement)
    {
        var shape = new Shape(byElement.shape);
        var (first, plates) = particles || shape.Rank > depth ? (shape[0], shape[1..]) : (1, shape);
        return shape.Rank == depth + 1 ? byElement
            : byElement.reshape([first, .. Enumerable.Repeat(1L, depth - plates.Rank), .. plates]);
    }

    /// <summary>Sums over all plate axes but some; those stay, and the others become 1.</summary>
    /// <param name="aligned">Of the shape that <see cref="Align"/> gives.</param>
    /// <param name="kept">The plates that stay.</param>
    public Tensor SumTo(Tensor aligned, IEnumerable<Plate> kept)
    {
        var axes = kept.Select(plate => (long)plate.Axis).ToHashSet();
        var shape = aligned.shape;
        long[] summed = [.. Enumerable.Range(1, depth).Select(axis => -(long)axis).Where(axis => !axes.Contains(axis) && shape[^(int)-axis] > 1)];
        return summed.Length == 0 ? aligned : aligned.sum(summed, keepdim: true);
    }
}
