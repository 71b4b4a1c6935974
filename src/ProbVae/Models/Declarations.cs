namespace ProbVae;

/// <summary>The sites that the fluent form declared, and the plates of each.</summary>
internal sealed record Declarations<TData>(IReadOnlyList<SiteHandle> Sites, IReadOnlyDictionary<Latent, IReadOnlyList<PlateDeclaration<TData>>> LatentPlates)
{
    /// <summary>What is known of sites before any run, in a few words each: a constant prior's family, the plates.</summary>
    public IReadOnlyDictionary<SiteHandle, string> Words { get; init; } = new Dictionary<SiteHandle, string>();

    /// <summary>The sites in a line, without values.</summary>
    public string Describe()
    {
        var parts = new (string Role, IEnumerable<SiteHandle> Sites)[]
        {
            ("latent", Sites.Where(site => site is Latent latent && LatentPlates.ContainsKey(latent))),
            ("given", Sites.Where(site => site is Latent latent && !LatentPlates.ContainsKey(latent))),
            ("computed", Sites.OfType<Deterministic>()),
            ("observed", Sites.OfType<Observed>()),
        };
        return string.Join("; ", parts.Where(part => part.Sites.Any()).Select(part => $"{part.Role} {Loops.Some([.. part.Sites.Select(site => site.Name + Words.GetValueOrDefault(site, ""))])}"));
    }

    /// <summary>Says in a sentence that a handler's key is no site of the model; a name alone is not a handle.</summary>
    public string Unknown(string word, SiteHandle site, string model) =>
        $"{word}('{site}'): the model '{model}' has no such site; its sites are {string.Join(", ", Sites)}."
        + (Sites.Any(own => own.Name == site.Name) ? $" Its '{site}' has another handle: pass the one that declaring the model gave." : "");

    /// <summary>The plates of a latent variable; none where it is not one.</summary>
    public IReadOnlyList<PlateDeclaration<TData>> PlatesOf(Latent site) => LatentPlates.GetValueOrDefault(site) ?? [];

    /// <summary>Without a latent variable that a guide is to cover; the site stays.</summary>
    public Declarations<TData> WithoutLatent(Latent site) => this with { LatentPlates = LatentPlates.Where(entry => !entry.Key.Equals(site)).ToDictionary() };

    /// <summary>With another latent variable, in plates of its own.</summary>
    public Declarations<TData> WithLatent(Latent site, IReadOnlyList<PlateDeclaration<TData>> plates) =>
        new([.. Sites, site], LatentPlates.Append(KeyValuePair.Create(site, plates)).ToDictionary()) { Words = Words };
}

/// <summary>A plate whose sizes depend on the data.</summary>
internal sealed record PlateDeclaration<TData>(string Name, Func<TData, long> Total, Func<TData, long> Batch, int? Axis, Func<TData, Rows>? Rows = null)
{
    /// <summary>Whether the word that declared it takes a total from the data, as a model's does.</summary>
    public bool TotalOfData { get; init; } = true;

    private string Advice => $" Give as total how many elements the whole data has{(TotalOfData ? " (total: d => ... where each data has its own number)" : "")}, and as batch: d => ... how many of them one run sees; without batch it is the length of a tensor's first axis.";

    private IDisposable Enter(Run run, TData data) => Rows is null
        ? run.Enter(new Plate(Name, Total(data), Batch(data), Axis ?? run.Plates.NextAxis()), Advice)
        : run.Plate(Name, Total(data), Rows(data), Axis);

    /// <summary>Does something inside plates, the first of them the outermost.</summary>
    public static void Inside(IReadOnlyList<PlateDeclaration<TData>> plates, Run run, TData data, Action action)
    {
        if (plates.Count == 0)
        {
            action();
            return;
        }

        var entered = plates.Select(plate => plate.Enter(run, data)).ToArray();
        action();
        foreach (var plate in entered.Reverse())
        {
            plate.Dispose();
        }
    }
}
