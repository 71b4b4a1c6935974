namespace ProbVae;

/// <content>What a lambda is to write so that it takes particles: every event's rank is known here.</content>
public sealed partial class Run
{
    /// <summary>Enters a plate whose sizes a program wrote.</summary>
    internal IDisposable Enter(Plate plate) => Enter(plate, " Give run.Plate as total how many elements the whole data has, and as batch how many of them this run sees.");

    // A plate whose sizes a declaration takes from the data; whether the declaring word takes a total from it too.
    internal IDisposable Enter(string name, long total, long batch, int? axis, bool totalOfData) => Enter(
        new Plate(name, total, batch, axis ?? _plates.NextAxis()),
        $" Give as total how many elements the whole data has{(totalOfData ? " (total: d => ... where each data has its own number)" : "")}, and as batch: d => ... how many of them one run sees; without batch it is the length of a tensor's first axis.");

    // Sentences for the variables that a lambda read, each with a space before it; empty where there is nothing to say.
    private string ParticleAdvice(SiteHandle site)
    {
        var read = _settings.Particles is null ? [] : Trace.Latents.Where(latent => _reads.Contains(latent.Handle)).ToList();
        var rank = Math.Max(_settings.Layout.EventRank(site) ?? 0, read.Select(Rank).DefaultIfEmpty().Max());
        var lower = read.Where(latent => Rank(latent) < rank).Select(latent => $"s[{latent.Name}]{string.Concat(Enumerable.Repeat(".unsqueeze(-1)", rank - Rank(latent)))}").ToList();
        var vectors = read.Where(latent => Rank(latent) > 0).ToList();
        return (lower.Count == 0 ? "" : $" Beside {(rank == 1 ? "a vector" : $"an event of {rank} axes")} write {string.Join(" and ", lower)}: events' axes are aligned from the right.")
            + (vectors.Count == 0 ? "" : $" {string.Join(" ", vectors.Take(2).Select(Parts))}");

        static int Rank(LatentSite latent) => latent.Distribution.EventShape.Rank;
    }

    private string Parts(LatentSite vector)
    {
        var (name, rank) = ($"s[{vector.Name}]", vector.Distribution.EventShape.Rank);
        var element = $"An element of '{vector.Name}' is {name}.select(-{rank}, 0), not {name}[0]";
        // In a plate the particles' axis is followed by the plates', so a row of the matrix meets the vector element by element.
        var product = vector.Plates.Count < _plates.Open.Count ? $"{name}.mul(X).sum(-1)" : $"X.matmul({name}.unsqueeze(-1)).squeeze(-1)";
        return rank == 1 ? $"{element}; a matrix times it is {product}, not X.matmul({name})." : $"{element}.";
    }
}
