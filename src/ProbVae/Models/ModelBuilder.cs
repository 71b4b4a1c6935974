using System.Collections.Immutable;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>A model under construction: a sentence of plates, latent variables and observations. Each word returns a new builder.</summary>
/// <typeparam name="TData">The data that one run sees.</typeparam>
public sealed class ModelBuilder<TData>
{
    private readonly string _name;
    private readonly ModelIdentity _identity;

    internal ModelBuilder(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        NativeTorch.Require();
        (_name, _identity) = (name, new ModelIdentity(name));
    }

    private ModelBuilder(ModelBuilder<TData> from) => (_name, _identity, Sites, Open, Modules, Problems) = (from._name, from._identity, from.Sites, from.Open, from.Modules, from.Problems);

    private ImmutableList<SiteDeclaration> Sites { get; init; } = [];

    private ImmutableList<PlateDeclaration<TData>> Open { get; init; } = [];

    private ImmutableList<(string Name, Module Module)> Modules { get; init; } = [];

    private ImmutableList<string> Problems { get; init; } = [];

    /// <summary>Opens a plate of conditionally independent elements; the sites that follow stand in it.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="batch">How many of them one run sees; without it, the length of the first axis of data that is a tensor, else all.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    public ModelBuilder<TData> Plate(string name, long total, Func<TData, long>? batch = null, int? axis = null) =>
        Plate(name, _ => total, batch ?? (data => data is Tensor tensor && tensor.dim() > 0 ? tensor.shape[0] : total), axis);

    /// <summary>Opens a plate whose total depends on the data, all of which a run sees.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the data has.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    public ModelBuilder<TData> Plate(string name, Func<TData, long> total, int? axis = null) => Plate(name, total, total, axis);

    /// <summary>Opens a plate of which the data names the rows: one object for model and guide, so that the guide may keep something for each element.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="rows">Which of them one run sees.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    public ModelBuilder<TData> Plate(string name, long total, Func<TData, Rows> rows, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new(this) { Open = Open.Add(new PlateDeclaration<TData>(name, _ => total, data => rows(data).Count, axis, rows)) };
    }

    /// <summary>Closes the plate that was opened last.</summary>
    public ModelBuilder<TData> EndPlate() => Open.IsEmpty
        ? new(this) { Problems = Problems.Add("EndPlate(): no plate is open here.") }
        : new(this) { Open = Open.RemoveAt(Open.Count - 1) };

    /// <summary>A latent variable with the same prior for all data; all its axes are one event, unless they are those of a plate that is not subsampled.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="prior">The prior.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Sample(string name, Distribution prior, out Latent site)
    {
        ArgumentNullException.ThrowIfNull(prior);
        return Latent(name, (_, _) => new Source(() => prior, Constant: true, DeclaresReads: true), () => prior, out site, prior.Family);
    }

    /// <summary>A latent variable whose prior depends on the data or on latent variables before it.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="prior">Makes the prior; its axes are those of the plates, then those of the event.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Sample(string name, Func<Scope<TData>, Distribution> prior, out Latent site)
    {
        ArgumentNullException.ThrowIfNull(prior);
        return Latent(name, Lambda(prior), prior, out site);
    }

    /// <summary>A quantity computed from the data and the latent variables before it, kept under a name: in traces, predictions and summaries.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="value">Computes it; its axes are those of the plates, then those of the event.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Deterministic(string name, Func<Scope<TData>, Tensor> value, out Deterministic site)
    {
        ArgumentNullException.ThrowIfNull(value);
        var handle = site = new Deterministic(name) { Owner = _identity };
        return Add(new SiteDeclaration(handle, Open, (run, data) => run.Deterministic(handle, new Source(() => new Delta(value(new Scope<TData>(run, data))), DeclaresReads: true)), [value]));
    }

    /// <summary>An observation of a part of the data.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="likelihood">Makes the likelihood; its axes are those of the plates, then those of the event.</param>
    /// <param name="value">The part of the data.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Observe(string name, Func<Scope<TData>, Distribution> likelihood, Func<TData, Tensor> value, out Observed site)
    {
        ArgumentNullException.ThrowIfNull(likelihood);
        ArgumentNullException.ThrowIfNull(value);
        var handle = site = new Observed(name) { Owner = _identity };
        var source = Lambda(likelihood);
        return Add(new SiteDeclaration(handle, Open, (run, data) => run.Observe(handle, source(run, data), value(data)), [likelihood, value]));
    }

    /// <summary>An observation of the data itself, where that is one tensor.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="likelihood">Makes the likelihood; its axes are those of the plates, then those of the event.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Observe(string name, Func<Scope<TData>, Distribution> likelihood, out Observed site)
    {
        var builder = Observe(name, likelihood, data => (Tensor)(object)data!, out site);
        return typeof(TData) == typeof(Tensor) ? builder : new(builder)
        {
            Problems = Problems.Add($"Site '{name}': the data is a {Spelled(typeof(TData))}; say which tensor of it is observed, as in Observe(\"{name}\", likelihood, data => data.Y, out ...)."),
        };
    }

    /// <summary>A factor: multiplies the joint density with the exponential of a log weight, for what no distribution says, as a constraint or a penalty.</summary>
    /// <param name="name">The name for people, unique in the model.</param>
    /// <param name="logWeight">Computes the log weight: one number for each element of the plates. Range: real.</param>
    /// <param name="site">Its handle.</param>
    public ModelBuilder<TData> Factor(string name, Func<Scope<TData>, Tensor> logWeight, out Observed site)
    {
        ArgumentNullException.ThrowIfNull(logWeight);
        var handle = site = new Observed(name) { Owner = _identity };
        var source = Lambda(scope => new FactorDensity(logWeight(scope)));
        return Add(new SiteDeclaration(handle, Open, (run, data) => run.Factor(handle, source(run, data)), [logWeight]));
    }

    /// <summary>Names networks whose parameters are to be trained and which no lambda captures: those in a static field, say.</summary>
    /// <param name="modules">A name and a module each.</param>
    public ModelBuilder<TData> Uses(params (string Name, Module Module)[] modules) => new(this) { Modules = Modules.AddRange(modules) };

    /// <summary>Ends the sentence.</summary>
    /// <returns>The model: an immutable value.</returns>
    /// <exception cref="ModelException">Names are doubled, or a word does not fit; the message lists all problems.</exception>
    public Model<TData> Build()
    {
        var doubled = Sites.GroupBy(site => site.Handle.Name).Where(group => group.Count() > 1)
            .Select(group => $"Site '{group.Key}' is declared {group.Count()} times; each site needs its own name.");
        var problems = Problems.AddRange(doubled);
        problems = Sites.IsEmpty ? problems.Add($"The model '{_name}' has no site.") : problems;
        if (!problems.IsEmpty)
        {
            throw new ModelException(problems);
        }

        SiteDeclaration[] sites = [.. Sites];
        return new Model<TData>(_name, _identity, (run, data) => Execute(sites, run, data), Modules, [.. Sites.SelectMany(site => site.Delegates)], new Declarations<TData>(
            [.. Sites.Select(site => site.Handle)],
            Sites.Where(site => site.Handle is Latent).ToDictionary(site => (Latent)site.Handle, site => (IReadOnlyList<PlateDeclaration<TData>>)site.Plates))
        {
            Words = Sites.ToDictionary(site => site.Handle, site => $"{(site.Family is { } family ? $" ~ {family}" : "")}{(site.Plates.IsEmpty ? "" : $" in plate {string.Join(", ", site.Plates.Select(plate => plate.Name))}")}"),
        });
    }

    /// <summary>The name, and the sites so far.</summary>
    public override string ToString() => $"model '{_name}' under construction: {(Sites.IsEmpty ? "no site yet" : Loops.Some([.. Sites.Select(site => site.Handle.Name)]))}";

    // (Tensor, Tensor) for a tuple, List<Tensor> for other generics: as a person writes them.
    private static string Spelled(Type type)
    {
        var arguments = string.Join(", ", type.GetGenericArguments().Select(Spelled));
        return !type.IsGenericType ? type.Name
            : type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) ? $"({arguments})"
            : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{arguments}>";
    }

    private static void Execute(SiteDeclaration[] sites, Run run, TData data)
    {
        foreach (var site in sites)
        {
            PlateDeclaration<TData>.Inside(site.Plates, run, data, () => site.Visit(run, data));
        }
    }

    private static Func<Run, TData, Source> Lambda(Func<Scope<TData>, Distribution> make) =>
        (run, data) => new Source(() => make(new Scope<TData>(run, data)), DeclaresReads: true);

    private ModelBuilder<TData> Plate(string name, Func<TData, long> total, Func<TData, long> batch, int? axis) =>
        new(this) { Open = Open.Add(new PlateDeclaration<TData>(name, total, batch, axis)) };

    private ModelBuilder<TData> Latent(string name, Func<Run, TData, Source> source, Delegate captured, out Latent site, string? family = null)
    {
        var handle = site = new Latent(name) { Owner = _identity };
        return Add(new SiteDeclaration(handle, Open, (run, data) => run.Sample(handle, source(run, data)), [captured], family));
    }

    private ModelBuilder<TData> Add(SiteDeclaration site) => new(this) { Sites = Sites.Add(site) };

    private sealed record SiteDeclaration(SiteHandle Handle, ImmutableList<PlateDeclaration<TData>> Plates, Action<Run, TData> Visit, IReadOnlyList<Delegate> Delegates, string? Family = null);
}
