using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What runs of a model from its prior told before an automatic guide was made: which latent variables it covers, and draws of them.</summary>
internal sealed class Prototype
{
    private readonly Func<long, Trace> _draw;

    private Prototype(IReadOnlyList<AutoSite> sites, Layout layout, Func<long, Trace> draw) => (Sites, Layout, _draw) = (sites, layout, draw);

    /// <summary>The covered latent variables, in the model's order.</summary>
    public IReadOnlyList<AutoSite> Sites { get; }

    public Layout Layout { get; }

    /// <summary>Runs the model on the data.</summary>
    public static Prototype Of<TData>(Model<TData> model, TData data, AutoGuideOptions options, string word)
    {
        Trace Draw(long number) => model.Execute(data, options.Key.Fold(number), new RunSettings(Layout.Unknown, Validate: false));
        var (first, second) = (Draw(0), Draw(1));
        var problems = Unknown(first, options, model.Name, word).ToList();
        var covered = first.Latents.Where(site => IsCovered(site, options)).ToList();
        problems.AddRange(covered.SelectMany(site => Unsuitable(site, second, word)));
        if (covered.Count == 0 && problems.Count == 0)
        {
            problems.Add($"{word}: the model '{model.Name}' has no continuous latent variable that it could cover.");
        }

        return problems.Count == 0
            ? new([.. covered.Select(site => new AutoSite(site))], Layout.Of(first), Draw)
            : throw new ModelException(problems, first.ToString());
    }

    /// <summary>One run of the model from its prior.</summary>
    public Trace Draw(long number) => _draw(number);

    /// <summary>The unconstrained numbers of a site in a run, for the whole of its plates.</summary>
    public static Tensor Unconstrained(AutoSite site, Trace run) => site.Spread(site.ToUnconstrained(run[site.Handle].Value));

    /// <summary>Whether the support of a site's prior is another one in a run with other draws.</summary>
    public static bool SupportMoves(LatentSite site, Trace second) => site.Distribution.Support is var support
        && second.Find(site.Handle) is LatentSite again && support.Covers(support) && !(support.Covers(again.Distribution.Support) && again.Distribution.Support.Covers(support));

    private static bool IsCovered(LatentSite site, AutoGuideOptions options) =>
        (options.Only is { } only ? only.Contains(site.Handle) : !site.Distribution.Support.IsDiscrete) && options.Except?.Contains(site.Handle) != true;

    private static IEnumerable<string> Unknown(Trace run, AutoGuideOptions options, string model, string word)
    {
        foreach (var (option, sites) in new[] { ("only", options.Only), ("except", options.Except) })
        {
            foreach (var site in (sites ?? []).Where(site => run.Find(site) is not LatentSite))
            {
                yield return $"{word}, {option}: '{site}' is no latent variable of the model '{model}'; its latent variables are {string.Join(", ", run.Latents.Select(latent => latent.Name))}.";
            }
        }
    }

    private static IEnumerable<string> Unsuitable(LatentSite site, Trace second, string word)
    {
        var (name, support) = (site.Name, site.Distribution.Support);
        if (support.IsDiscrete)
        {
            yield return $"{word}: site '{name}' is discrete ({site.Distribution.Family}), and an automatic guide covers continuous latent variables. Leave it to an objective that sums it out, or write its guide and join the two with Guide.Compose.";
            yield break;
        }

        if (support.FromUnconstrained is null)
        {
            yield return $"{word}: site '{name}': no smooth one-to-one map from the real numbers onto the support of {site.Distribution.Family} ({support}) is known. Leave the site out (except: [{name}]), write its guide and join the two with Guide.Compose.";
            yield break;
        }

        if (SupportMoves(site, second))
        {
            yield return $"{word}: site '{name}': the support of its prior {site.Distribution.Family} depends on other latent variables, so no fixed map leads onto it. Sample a variable of fixed support, such as u ~ Uniform(0, 1), and compute '{name}' from it; or leave the site out (except: [{name}]) and write its guide.";
        }

        foreach (var plate in site.Plates.Where(plate => plate.Size != plate.Total))
        {
            if (plate.Rows is null)
            {
                yield return new AutoSite(site).NeedsRows(plate);
            }
            else if (support.VariesByElement)
            {
                yield return $"{word}: site '{name}': the bounds of its prior {site.Distribution.Family} differ from element to element of the subsampled plate {plate}; an automatic guide has them for this minibatch alone. Scale a variable of fixed support, such as u ~ Uniform(0, 1), or write its guide.";
            }
        }
    }
}
