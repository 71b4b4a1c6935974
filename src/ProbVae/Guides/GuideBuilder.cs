using System.Collections.Immutable;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A guide under construction. Each word returns a new builder.</summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class GuideBuilder<TData>
{
    private readonly Model<TData> _model;

    internal GuideBuilder(Model<TData> model) => _model = model;

    private GuideBuilder(GuideBuilder<TData> from) => (_model, Sites, Summed, Open, Modules) = (from._model, from.Sites, from.Summed, from.Open, from.Modules);

    private ImmutableList<(Latent Handle, Action<Run, TData> Visit, Delegate Captured)> Sites { get; init; } = [];

    private ImmutableList<Latent> Summed { get; init; } = [];

    private ImmutableList<PlateDeclaration<TData>> Open { get; init; } = [];

    private ImmutableList<(string Name, Module Module)> Modules { get; init; } = [];

    /// <summary>
    /// Opens a plate, where the model is a program; a declared model's plates are entered by themselves.
    /// </summary>
    /// <param name="name">The plate's name in the model.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="batch">How many of them one run sees; all of them unless said.</param>
    /// <param name="axis">The batch axis, as in the model.</param>
    public GuideBuilder<TData> Plate(string name, long total, Func<TData, long>? batch = null, int? axis = null) =>
        new(this) { Open = Open.Add(new PlateDeclaration<TData>(name, _ => total, batch ?? (_ => total), axis) { TotalOfData = false }) };

    /// <summary>Opens a plate of which the data names the rows, where the model is a program.</summary>
    /// <param name="name">The plate's name in the model.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="rows">Which of them one run sees: the object that the model's plate has.</param>
    /// <param name="axis">The batch axis, as in the model.</param>
    public GuideBuilder<TData> Plate(string name, long total, Func<TData, Rows> rows, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new(this) { Open = Open.Add(new PlateDeclaration<TData>(name, _ => total, data => rows(data).Count, axis, rows)) };
    }

    /// <summary>The approximate posterior of one latent variable, given the data.</summary>
    /// <param name="site">The model's handle.</param>
    /// <param name="posterior">Makes the distribution; its axes are those of the plates, then those of the event.</param>
    public GuideBuilder<TData> Sample(Latent site, Func<TData, Distribution> posterior)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        return Add(site, (run, data) => new Source(() => posterior(data), DeclaresReads: true), posterior);
    }

    /// <summary>The approximate posterior of one latent variable, given the data and the latent variables before it in the guide.</summary>
    /// <param name="site">The model's handle.</param>
    /// <param name="posterior">Makes the distribution from the data and the values so far.</param>
    public GuideBuilder<TData> Sample(Latent site, Func<TData, Scope<TData>, Distribution> posterior)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        return Add(site, (run, data) => new Source(() => posterior(data, new Scope<TData>(run, data)), DeclaresReads: true), posterior);
    }

    /// <summary>Leaves discrete latent variables out of the guide, for an objective that sums them out: <see cref="Elbo.Enumerated"/>.</summary>
    /// <param name="sites">The model's handles; another objective refuses the guide at its first step.</param>
    public GuideBuilder<TData> SumOut(params Latent[] sites)
    {
        ArgumentNullException.ThrowIfNull(sites);
        return new(this) { Summed = Summed.AddRange(sites) };
    }

    /// <summary>Names networks whose parameters are to be trained and which no lambda captures: those in a static field, say.</summary>
    /// <param name="modules">A name and a module each.</param>
    public GuideBuilder<TData> Uses(params (string Name, Module Module)[] modules) => new(this) { Modules = Modules.AddRange(modules) };

    /// <summary>Ends the sentence.</summary>
    /// <exception cref="ModelException">A latent variable is missing, doubled or not the model's; the message lists all problems.</exception>
    public Guide<TData> Build() => Made(Problems(whole: true).ToList());

    /// <summary>Ends the sentence of a guide for some of the latent variables, a part for <c>Guide.Compose</c>.</summary>
    /// <exception cref="ModelException">A latent variable is doubled or not the model's; the message lists all problems.</exception>
    public Guide<TData> BuildPart() => Made(Problems(whole: false).ToList());

    private Guide<TData> Made(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new ModelException(problems);
        }

        var sites = Sites.ToArray();
        return new ProgramGuide<TData>(_model, (run, data) => Array.ForEach(sites, site => site.Visit(run, data)), Modules, [.. sites.Select(site => site.Captured)],
            Loops.Some([.. sites.Select(site => site.Handle.Name)]) + (Summed.IsEmpty ? "" : $"; summed out: {Loops.Some([.. Summed.Select(site => site.Name)])}"));
    }

    /// <summary>Whose guide it is to be, and the sites so far.</summary>
    public override string ToString() => $"guide of {_model.Name} under construction: {(Sites.IsEmpty ? "no site yet" : Loops.Some([.. Sites.Select(site => site.Handle.Name)]))}";

    private IEnumerable<string> Problems(bool whole)
    {
        foreach (var group in Sites.GroupBy(site => site.Handle).Where(group => group.Count() > 1))
        {
            yield return $"Site '{group.Key}' is sampled {group.Count()} times in the guide; once is needed.";
        }

        foreach (var both in Summed.Where(summed => Sites.Any(site => site.Handle.Equals(summed))))
        {
            yield return $"Site '{both}' is sampled in the guide and left out by SumOut; keep one of the two.";
        }

        foreach (var site in Sites.Select(site => site.Handle).Concat(Summed).Where(site => site.Owner is { } owner && owner != _model.Identity))
        {
            yield return $"Site '{site}' belongs to the model '{site.Owner!.Name}' and not to '{_model.Name}'.";
        }

        if (_model.Declared is not { } declared)
        {
            yield break;
        }

        foreach (var missing in declared.LatentPlates.Keys.Where(latent => !Summed.Contains(latent) && Sites.All(site => !site.Handle.Equals(latent))).Where(_ => whole))
        {
            yield return $"Site '{missing}' is latent in the model '{_model.Name}' and missing from the guide; add .Sample({missing}, ...), or .SumOut({missing}) for a discrete one that Elbo.Enumerated is to sum out.";
        }

        foreach (var extra in Sites.Select(site => site.Handle).Concat(Summed).Where(site => (site.Owner is null || site.Owner == _model.Identity) && !declared.LatentPlates.ContainsKey(site)))
        {
            yield return $"Site '{extra}' is no latent variable of the model '{_model.Name}'; its latent variables are {string.Join(", ", declared.LatentPlates.Keys)}.";
        }
    }

    private GuideBuilder<TData> Add(Latent site, Func<Run, TData, Source> source, Delegate captured)
    {
        ArgumentNullException.ThrowIfNull(site);
        IReadOnlyList<PlateDeclaration<TData>> plates = _model.Declared?.LatentPlates.GetValueOrDefault(site) ?? Open;
        return new(this) { Sites = Sites.Add((site, (run, data) => PlateDeclaration<TData>.Inside(plates, run, data, () => run.Sample(site, source(run, data))), captured)) };
    }
}
