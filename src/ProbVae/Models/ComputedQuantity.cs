using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Quantities that a program computes from latent variables.</summary>
public static class ComputedQuantity
{
    /// <summary>Keeps a quantity computed from latent variables under a name, to be read and summarized like one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="site">Its handle.</param>
    /// <param name="value">Of shape (particles) + plates + event.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ModelException">The value does not have the plates' axes, or the handle is doubled.</exception>
    public static Tensor Deterministic(this Run run, Deterministic site, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(value);
        return run.Deterministic(site, new Source(() => new Delta(value)));
    }

    internal static Tensor Deterministic(this Run run, Deterministic site, Source source)
    {
        var (distribution, reads) = run.Resolve(site, source with { Make = () => InPlates(run, site, source.Make()) }, run.Settings.Layout.EventRank(site));
        return run.Record(new DeterministicSite(site, distribution, distribution.Mean, run.Plates.Open, reads));
    }

    private static Distribution InPlates(Run run, Deterministic site, Distribution made) => BeginsWithPlates(run, made.BatchShape) ? made : throw run.Problems.Fail(
        $"Site '{site}': the computed value has shape {made.BatchShape} and stands in plate {string.Join(", ", run.Plates.Open)}; it must begin with the axes {run.Plates.PlateShape} of the plates, and its event comes after them.");

    // Only without particles, where the first axes are the plates': a later run has the same ones.
    private static bool BeginsWithPlates(Run run, Shape value)
    {
        var all = run.Plates.PlateShape;
        return run.Settings.Particles is not null || value.Rank == 0
            || Enumerable.Range(0, all.Rank + 1).Any(inner => all[inner..] is var plates && (plates.Rank > 0 || all.Rank == 0)
                && value.Rank >= plates.Rank && value[..plates.Rank].BroadcastWith(plates) == plates);
    }
}
