using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What is wrong with a run, in sentences: problems that are told together when it ends, and those that end it.</summary>
/// <param name="run">The run.</param>
internal sealed class RunProblems(Run run)
{
    /// <summary>What to do about sizes that a program wrote.</summary>
    public const string SizesOfPrograms = " Give run.Plate as total how many elements the whole data has, and as batch how many of them this run sees.";

    private readonly List<string> _sentences = [];
    private Func<string> _nullParts = static () => "";

    private string? Table => run.Trace.Sites.Count == 0 ? null : run.Trace.ToString();

    private string Particles => run.Settings.Particles is { } count ? $" The {count} particles are the first axis of what was drawn; a lambda that cannot take it runs with vectorized: false." : "";

    /// <summary>A problem that does not keep the run from going on.</summary>
    public void Add(string problem) => _sentences.Add(problem);

    /// <summary>The exception for a problem that ends the run, after those before it.</summary>
    public ModelException Fail(string problem) => new([.. _sentences, problem], Table);

    /// <summary>The exception for arguments outside their range.</summary>
    public ModelException Outside(SiteHandle site, Distribution distribution, IReadOnlyList<string> sentences) =>
        NonFiniteException.Behind(sentences, site, distribution, run.Settings.Replay, run.Trace, run.Settings.IsGuide)
            ?? new ModelException([.. sentences.Select(sentence => $"Site '{site}': {sentence}")], Table);

    /// <summary>A value that densities can be computed of.</summary>
    public Tensor Usable(SiteHandle site, Tensor? value) => DataProblems.Of(value) is { } problem ? throw Fail($"Site '{site}': the given value {problem}.") : value!;

    /// <summary>Runs the program's own code and ends the run; what fails outside of any site's lambda names the last site before.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="body">The code.</param>
    /// <param name="handled">The handlers' words and sites, to which the run must come.</param>
    public Trace Guarded(string program, object data, Action body, IEnumerable<(string Word, SiteHandle Site)> handled)
    {
        _nullParts = () => DataProblems.NullParts(data);
        try
        {
            body();
        }
        catch (Exception met) when (Why(met, "the program") is { } why)
        {
            var place = run.Trace.Sites.Count == 0 ? "before its first site" : $"after site '{run.Trace.Sites[^1].Name}'";
            throw new ModelException([.. _sentences, $"The {(run.Settings.IsGuide ? program : $"model '{program}'")}, {place}: {why}{Particles}"], Table, met);
        }

        _sentences.AddRange(OnlyInGuide());
        _sentences.AddRange(handled.Where(rule => run.Trace.Find(rule.Site) is null)
            .Select(rule => $"{rule.Word}('{rule.Site}'): the model does not come to that site."));
        _sentences.AddRange(run.Rules.Problems(run));
        return _sentences.Count == 0 ? run.Trace : throw new ModelException(_sentences, Table);
    }

    /// <summary>A site's distribution. What torch refuses inside a lambda names neither the site nor what stands to the left of its axes.</summary>
    public Distribution Made(SiteHandle site, Source source)
    {
        try
        {
            return source.Make() ?? throw Fail($"Site '{site}': its lambda gave null, and it must give a distribution.");
        }
        catch (Exception met) when (Why(met, "its lambda") is { } why)
        {
            var reads = run.Reads.Sites().Select(latent => $"'{latent.Name}' {new Shape(latent.Value.shape)}").ToList();
            var read = reads.Count == 0 ? "" : $" It read {string.Join(", ", reads)}.";
            throw new ModelException([.. _sentences, $"Site '{site}': {why}{ParticleAdvice(site)}{read}{Particles}"], Table, met);
        }
    }

    /// <summary>Refuses a plate that cannot be entered here.</summary>
    /// <param name="plate">The plate.</param>
    /// <param name="before">The plate of that name that the run has entered before; null for none.</param>
    /// <param name="advice">Where its sizes come from, after a batch that is too great.</param>
    public void ThrowIfImpossible(Plate plate, Plate? before, string advice)
    {
        var (name, total) = (plate.Name, plate.Total);
        if (plate.Rows?.Indices.Max() >= total)
        {
            throw Fail($"Plate '{name}': row {plate.Rows.Indices.Max()} was asked for, and the plate has a total of {total}; rows are counted from 0.");
        }

        if (plate.Size < 1 || plate.Size > total || plate.Axis >= 0)
        {
            throw Fail($"Plate '{name}': a batch of {plate.Size} out of a total of {total} along axis {plate.Axis} is impossible; the batch must be from 1 to the total, the axis negative.{(plate.Size > total ? advice : "")}");
        }

        if (run.Plates.Open.FirstOrDefault(open => open.Name == name || open.Axis == plate.Axis) is { } taken)
        {
            throw Fail($"Plate '{name}' along axis {plate.Axis} cannot be entered inside plate '{taken.Name}' along axis {taken.Axis}: each open plate has its own name and axis.");
        }

        if (before is not null && before != plate)
        {
            throw Fail($"Plate '{name}' was entered as {before} along axis {before.Axis} and now as {plate} along axis {plate.Axis}; a plate keeps its size and axis through a run.");
        }
    }

    /// <summary>How a site stands in other plates elsewhere.</summary>
    public string OtherPlates(string site, IReadOnlyList<Plate> theirs, string where)
    {
        var own = run.Plates.Open;
        return theirs.Count == own.Count && theirs.Zip(own).FirstOrDefault(pair => pair.First != pair.Second && pair.First with { Rows = null } == pair.Second with { Rows = null }) is { First: { } one, Second: { } other }
            ? $"{site} stands in plate {one} at {one.Rows?.ToString() ?? "rows that are not named"} {where} and at {other.Rows?.ToString() ?? "rows that are not named"} in the model; two minibatches are out of step: give both the rows of the same data."
            : $"{site} stands in plates [{string.Join(", ", theirs)}] {where} and [{string.Join(", ", own)}] in the model; enter the same plates in both.";
    }

    /// <summary>A latent variable of the model that the guide has no site for, unless it is summed out.</summary>
    public void AddMissingFromGuide(Latent site, Distribution prior)
    {
        if (run.Settings.Enumeration?.SumsOut(site, prior) == true)
        {
            return;
        }

        Add($"Site '{site}' is latent in the model and missing from the guide; every latent variable needs a site there."
            + (!prior.Support.IsDiscrete ? ""
                : prior.EnumerateSupport() is { } elements ? $" It is discrete with K = {elements.shape[0]} values: give the guide a site for it, or sum it out exactly with Elbo.Enumerated."
                : run.Settings.Enumeration is null || prior.EventShape == Shape.Scalar || prior.Support.Elements is null ? ""
                : $" Elbo.Enumerated sums out single variables, and this one is {prior.EventShape.Count} of them in one event; put them in a plate instead."));
    }

    /// <summary>What a lambda is to write so that it takes particles, for the variables that it read: every event's rank is known here. Empty where there is nothing to say.</summary>
    public string ParticleAdvice(SiteHandle site)
    {
        var read = run.Settings.Particles is null ? [] : run.Reads.Sites().ToList();
        var rank = Math.Max(run.Settings.Layout.EventRank(site) ?? 0, read.Select(Rank).DefaultIfEmpty().Max());
        var scalars = read.Where(latent => Rank(latent) < rank).ToList();
        var lower = scalars.ConvertAll(latent => $"s[{latent.Name}]{string.Concat(Enumerable.Repeat(".unsqueeze(-1)", rank - Rank(latent)))}");
        var vectors = read.Where(latent => Rank(latent) > 0).ToList();
        return (lower.Count == 0 ? "" : $" Beside {(rank == 1 ? "a vector" : $"an event of {rank} axes")} write {string.Join(" and ", lower)} (in a site's lambda also s[{scalars[0].Name}, events: {rank - Rank(scalars[0])}]): events' axes are aligned from the right.")
            + (vectors.Count == 0 ? "" : $" {string.Join(" ", vectors.Take(2).Select(Parts))}");
    }

    private static int Rank(LatentSite latent) => latent.Distribution.EventShape.Rank;

    private string Parts(LatentSite vector)
    {
        var (name, rank) = ($"s[{vector.Name}]", Rank(vector));
        var element = $"An element of '{vector.Name}' is {name}.select(-{rank}, 0), not {name}[0]";
        // In a plate the particles' axis is followed by the plates', so a row of the matrix meets the vector element by element.
        var product = vector.Plates.Count < run.Plates.Open.Count ? $"{name}.mul(X).sum(-1)" : $"X.matmul({name}.unsqueeze(-1)).squeeze(-1)";
        return rank == 1 ? $"{element}; a matrix times it is {product}, not X.matmul({name})." : $"{element}.";
    }

    // What a guide sampled and the model does not take from it.
    private IEnumerable<string> OnlyInGuide()
    {
        foreach (var site in (run.Settings.Replay?.Latents ?? []).Where(site => run.Trace.Find(site.Handle) is not LatentSite))
        {
            yield return run.Trace.Find(site.Handle) is { } other
                ? $"Site '{site.Name}' is in the guide and {other.Role} in the model, by a handler; leave it out of the guide: write the guide for the handled model."
                : $"Site '{site.Name}' is in the guide and is no latent variable of the model; drop it, or use the handle that the model samples.";
        }
    }

    // Null for an exception that says by itself what is wrong.
    private string? Why(Exception met, string who) => met switch
    {
        ExternalException => $"torch refused what {who} does: {TorchRefusal.Words(met)}.{(met.Message.Contains("dtype", StringComparison.Ordinal) ? " Give data, constants and networks one type, as by .to(ScalarType.Float32)." : "")}",
        NullReferenceException or ArgumentNullException => $"{who} met null where a tensor or another object was needed{_nullParts()}; give data in which nothing that the programs read is null.",
        InvalidOperationException when met.Message.StartsWith("Tensor invalid", StringComparison.Ordinal) => $"{who} used a tensor that was disposed of; keep data and constants alive as long as the inference uses them.",
        _ => null,
    };
}
