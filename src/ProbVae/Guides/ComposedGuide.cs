namespace ProbVae;

/// <summary>A guide of several parts, each of which samples latent variables of its own.</summary>
internal sealed class ComposedGuide<TData> : Guide<TData>
{
    private readonly Guide<TData>[] _parts;

    public ComposedGuide(Model<TData> model, Guide<TData>[] parts)
        : base(model, [.. parts.SelectMany(part => part.Modules)])
    {
        _parts = [.. parts];
        var problems = Problems(model).ToList();
        if (problems.Count > 0)
        {
            throw new ModelException(problems);
        }
    }

    internal override string Description => string.Join(", and ", _parts.Select(part => part.Description));

    internal override IEnumerable<Delegate> Delegates => _parts.SelectMany(part => part.Delegates);

    private IEnumerable<AutoGuide<TData>> Automatic => AutomaticIn(this);

    /// <summary>The automatic guides that a guide is made of.</summary>
    internal static IEnumerable<AutoGuide<TData>> AutomaticIn(Guide<TData> guide) =>
        guide switch
        {
            ComposedGuide<TData> composed => composed._parts.SelectMany(AutomaticIn),
            ServingGuide<TData> serving => AutomaticIn(serving.Written),
            AutoGuide<TData> automatic => [automatic],
            _ => [],
        };

    internal override void SampleSites(Run run, TData data) => Array.ForEach(_parts, part => part.SampleSites(run, data));

    private IEnumerable<string> Problems(Model<TData> model)
    {
        if (_parts.Length == 0)
        {
            yield return $"Guide.Compose: no part was given for the model '{model.Name}'.";
        }

        foreach (var part in _parts.Where(part => part.Identity != model.Identity))
        {
            yield return $"Guide.Compose: the {part.Name} is no guide of the model '{model.Name}'; make all parts from the same model.";
        }

        foreach (var group in Automatic.SelectMany(guide => guide.Sites.Select(site => (site.Handle, guide.Family))).GroupBy(entry => entry.Handle).Where(group => group.Count() > 1))
        {
            yield return $"Guide.Compose: site '{group.Key}' is covered by {string.Join(" and by ", group.Select(entry => entry.Family))}; name the sites of each part with only: or except:.";
        }
    }
}
