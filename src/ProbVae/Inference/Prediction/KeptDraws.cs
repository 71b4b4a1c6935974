using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Draws of some latent variables that runs of a model take as they are, while it draws the others itself.</summary>
/// <param name="kept">Of shape (draws) + plates + event each.</param>
internal sealed class KeptDraws(IReadOnlyList<(Latent Site, Tensor Draws)> kept)
{
    /// <summary>Whether discrete variables that are not kept are drawn given the data too, and not from their priors.</summary>
    public bool GivenData { get; init; }

    /// <summary>Whether a site's draws are kept.</summary>
    public bool Has(SiteHandle site) => kept.Any(entry => entry.Site.Equals(site));

    /// <summary>Some of the draws, to be replayed.</summary>
    /// <param name="measured">A run of the model without particles, which tells the plates.</param>
    /// <param name="plateDepth">The most batch axes of any site.</param>
    /// <param name="start">The first draw.</param>
    /// <param name="particles">How many draws lie along a leading axis; null for one without that axis.</param>
    /// <exception cref="ModelException">The model has no such latent variable, or its plates have other sizes.</exception>
    public Trace At(Trace measured, int plateDepth, int start, long? particles)
    {
        var values = new Trace();
        foreach (var (handle, draws) in kept)
        {
            var site = measured.Find(handle) as LatentSite ?? throw new ModelException(
                [$"Predictive.Given: site '{handle}' is {(measured.Find(handle) is { } other ? $"{other.Role} in this model" : "no site of this model")}, so its draws cannot be kept; name in keep: latent variables among {string.Join(", ", measured.Latents.Select(latent => latent.Name))}."],
                MaskedReads.Table(measured));
            var events = site.Distribution.EventShape;
            var expected = new Shape([.. site.Plates.OrderBy(plate => plate.Axis).Select(plate => plate.Size)]) + events;
            if (new Shape(draws.shape[1..]) != expected)
            {
                throw new ModelException(
                    [$"Predictive.Given: each draw of site '{handle}' has shape {new Shape(draws.shape[1..])}, and with these data the site has {expected}: the draws are of other elements. Leave '{handle}' out of keep:, and it is drawn from its prior given what is kept."],
                    MaskedReads.Table(measured));
            }

            var batch = Enumerable.Repeat(1L, particles is null ? site.Distribution.BatchShape.Rank : plateDepth).ToArray();
            foreach (var plate in site.Plates)
            {
                batch[^-plate.Axis] = plate.Size;
            }

            batch = particles is { } count ? [count, .. batch] : batch;
            values.Add(ParticleRuns<object>.Held(site, draws.narrow(0, start, particles ?? 1).reshape([.. batch, .. events.ToArray()]), batch.Length));
        }

        return values;
    }
}
