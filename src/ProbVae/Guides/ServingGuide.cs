namespace ProbVae;

/// <summary>
/// A guide beside a model that knows the values of some variables, by Condition or Intervene, which the guide samples: these sites take
/// the values and are in no density.
/// </summary>
internal sealed class ServingGuide<TData>(Guide<TData> guide, Model<TData> model) : Guide<TData>(model, guide.Modules)
{
    private readonly ModelRules<TData> _rules = model.Rules;

    public Guide<TData> Written => guide;

    internal override string Description => guide.Description;

    internal override IEnumerable<Delegate> Delegates => guide.Delegates;

    private protected override SiteRules RulesFor(TData data) => _rules.ForGuide(data);

    internal override void SampleSites(Run run, TData data) => guide.SampleSites(run, data);
}
