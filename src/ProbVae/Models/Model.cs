using System.Collections.Immutable;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>Where a model begins.</summary>
public static class Model
{
    /// <summary>Declares a model site by site: a plate, a latent variable, an observation.</summary>
    /// <typeparam name="TData">The data that one run sees: a tensor, or a record or tuple of several.</typeparam>
    /// <param name="name">The name for people.</param>
    public static ModelBuilder<TData> Given<TData>(string name) => new(name);

    /// <summary>Writes a model as plain C#, for what a declaration cannot say: loops, branches, recursion.</summary>
    /// <typeparam name="TData">The data that one run sees.</typeparam>
    /// <param name="name">The name for people.</param>
    /// <param name="program">Samples and observes the sites.</param>
    /// <param name="modules">Networks that the program uses and that are not captured by it: through a static field, say.</param>
    public static Model<TData> Program<TData>(string name, Action<Run, TData> program, params (string Name, Module Module)[] modules)
    {
        ArgumentNullException.ThrowIfNull(program);
        return new(name, new ModelIdentity(name), program, modules, [program], null);
    }
}

/// <summary>A joint distribution of latent variables and observations, p(x, z). An immutable value: <c>With</c> returns another one.</summary>
/// <typeparam name="TData">The data that one run sees.</typeparam>
public sealed class Model<TData> : Program<TData>
{
    private readonly ImmutableDictionary<SiteHandle, Swap<TData>> _swaps;
    private readonly IReadOnlyList<Delegate> _delegates;

    internal Model(
        string name,
        ModelIdentity identity,
        Action<Run, TData> body,
        IReadOnlyList<(string Name, Module Module)> modules,
        IReadOnlyList<Delegate> delegates,
        Declarations<TData>? declared,
        ImmutableDictionary<SiteHandle, Swap<TData>>? swaps = null)
        : base(name, identity, body, modules)
    {
        (_delegates, Declared, _swaps) = (delegates, declared, swaps ?? ImmutableDictionary<SiteHandle, Swap<TData>>.Empty);
    }

    /// <summary>What the fluent form declared; null for a program, which tells only when it runs.</summary>
    internal Declarations<TData>? Declared { get; }

    internal override IEnumerable<Delegate> Delegates => [.. _delegates, .. _swaps.Values];

    /// <summary>The same model with another distribution at one site.</summary>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">The new prior or likelihood, the same for all data.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public Model<TData> With(SiteHandle site, Distribution distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(site, (_, _, _) => new Source(() => distribution, Constant: true, DeclaresReads: true));
    }

    /// <summary>The same model with another distribution at one site, made from the latent variables before it.</summary>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">Makes the new prior or likelihood.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public Model<TData> With(SiteHandle site, Func<Scope<TData>, Distribution> distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(site, (run, data, _) => new Source(() => distribution(new Scope<TData>(run, data)), DeclaresReads: true));
    }

    /// <summary>The same model with another distribution at one site, made from the old one.</summary>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">Makes the new prior or likelihood from the latent variables before it and the old distribution.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public Model<TData> With(SiteHandle site, Func<Scope<TData>, Distribution, Distribution> distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(site, (run, data, old) => old with { Make = () => distribution(new Scope<TData>(run, data), old.Make()) });
    }

    /// <summary>Runs the model once and records its sites; the tensors belong to the caller's dispose scope.</summary>
    /// <param name="data">The data of the run.</param>
    /// <param name="key">Where the draws come from.</param>
    /// <param name="guide">A guide's trace whose values the latent variables take; drawn from the prior without one.</param>
    /// <exception cref="ModelException">The program cannot run so; the message lists why.</exception>
    public Trace Trace(TData data, RandomKey key, Trace? guide = null) => Execute(data, key, new RunSettings(Layout.Unknown, Replay: guide));

    internal override Trace Execute(TData data, RandomKey key, RunSettings settings)
    {
        Run? run = null;
        run = new Run(key, settings)
        {
            Owner = Identity,
            Rewrite = (site, written) => _swaps.TryGetValue(site, out var swap) ? swap(run!, data, written) : written,
        };
        Body(run, data);
        return run.Finish(_swaps.Keys);
    }

    private Model<TData> With(SiteHandle site, Swap<TData> swap)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (Declared is { } declared && !declared.Sites.Contains(site))
        {
            throw new ModelException($"With('{site}'): the model '{Name}' has no such site; its sites are {string.Join(", ", declared.Sites)}.");
        }

        Swap<TData> composed = _swaps.TryGetValue(site, out var earlier) ? (run, data, old) => swap(run, data, earlier(run, data, old)) : swap;
        return new(Name, Identity, Body, Modules, _delegates, Declared, _swaps.SetItem(site, composed));
    }
}

/// <summary>Puts a source in the place of another one.</summary>
internal delegate Source Swap<TData>(Run run, TData data, Source old);
