using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Whether a density that counts depends on a draw that a mask leaves out, whose own density counts for nothing. A program does not tell what
/// its sites read, so it is tried: the draws that are left out are exchanged for others, and no log density may change.
/// </summary>
internal static class MaskedReads
{
    // A draw of two values is the same as another one half of the time.
    private const int Trials = 8;

    private const int TableRows = 12;

    /// <summary>Says, in one sentence, which site reads what a mask leaves out; nothing where none does.</summary>
    /// <param name="run">A run without particles.</param>
    /// <param name="again">Runs the model again at other values of its latent variables.</param>
    public static IEnumerable<string> Of(ParticleRun run, Func<Trace, Trace> again)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var source = run.Guide ?? run.Model;
        var masked = run.Model.Latents.Where(site => source.Find(site.Handle) is LatentSite && site.Distribution is Masked distribution && !distribution.CountedNumbers.all().ToBoolean()).ToList();
        var readers = Readers(masked);
        if (readers.Count == 0)
        {
            return [];
        }

        var latent = masked.Find(site => Readers([site]).Count > 0) ?? masked[0];
        var reader = Readers([latent]).FirstOrDefault() ?? readers[0];
        var more = readers.Count == 1 ? "" : $" ({readers.Count} sites read such elements)";
        return [$"Site '{latent.Name}': a mask leaves elements of its prior out, and '{reader.Name}' reads them{more}: their draws would count without the prior that makes them an evidence. Mask '{reader.Name}' where they are left out, or use ByPriorSampling."];

        List<Site> Readers(IReadOnlyList<LatentSite> exchanged) => exchanged.Count == 0 ? [] : Enumerable.Range(0, Trials)
            .Select(trial => Changed(run.Model, again(Exchanged(source, exchanged, run.Key.Fold("masked").Fold(trial)))))
            .FirstOrDefault(changed => changed.Count > 0, []);
    }

    /// <summary>The table of a run's sites, unless it is longer than anyone reads.</summary>
    public static string? Table(Trace run) => run.Sites.Count <= TableRows ? run.ToString() : null;

    private static Trace Exchanged(Trace source, IReadOnlyList<LatentSite> masked, RandomKey key)
    {
        var others = new Trace();
        foreach (var site in source.Sites.Where(site => site is LatentSite or AuxiliarySite))
        {
            others.Add(masked.FirstOrDefault(one => one.Key.Equals(site.Key))?.Distribution is Masked mask
                ? site with { Value = where(mask.CountedNumbers, site.Value, site.Distribution.SampleUnchecked(key.Fold(site.Name)).expand_as(site.Value)) }
                : site);
        }

        return others;
    }

    private static List<Site> Changed(Trace before, Trace after) => [.. before.Sites.Where(site => site is LatentSite or ObservedSite
        && (after.Find(site.Key) is not { } other || !Same(site.LogProb(), other.LogProb())))];

    // Networks round in another order where their input differs elsewhere.
    private static bool Same(Tensor one, Tensor other) => one.dtype == ScalarType.Float64 ? one.allclose(other, 1e-9, 1e-9, true) : one.allclose(other, 1e-4, 1e-4, true);
}
