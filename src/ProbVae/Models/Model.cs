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

/// <summary>A joint distribution of latent variables and observations, p(x, z). An immutable value: each handler returns another one.</summary>
/// <typeparam name="TData">The data that one run sees.</typeparam>
public sealed class Model<TData> : Program<TData>
{
    private readonly Action<Run, TData> _body;
    private readonly IReadOnlyList<Delegate> _delegates;

    internal Model(
        string name,
        ModelIdentity identity,
        Action<Run, TData> body,
        IReadOnlyList<(string Name, Module Module)> modules,
        IReadOnlyList<Delegate> delegates,
        Declarations<TData>? declared,
        ModelRules<TData>? rules = null)
        : base(name, identity, modules)
    {
        (_body, _delegates, Declared, Rules) = (body, delegates, declared, rules ?? ModelRules<TData>.None);
    }

    /// <summary>What the fluent form declared; null for a program, which tells only when it runs.</summary>
    internal Declarations<TData>? Declared { get; }

    /// <summary>What handlers have asked of the model.</summary>
    internal ModelRules<TData> Rules { get; }

    internal override string Description => Declared?.Describe() ?? "a program, whose sites are told by a run: see Trace or Render";

    internal override IEnumerable<Delegate> Delegates => [.. _delegates, .. Rules.Swaps.Values, .. Rules.Delegates];

    /// <summary>Runs the model once and records its sites; the tensors belong to the caller's dispose scope.</summary>
    /// <param name="data">The data of the run.</param>
    /// <param name="key">Where the draws come from.</param>
    /// <param name="guide">A guide's trace whose values the latent variables take; drawn from the prior without one.</param>
    /// <exception cref="ModelException">The program cannot run so; the message lists why.</exception>
    public Trace Trace(TData data, RandomKey key, Trace? guide = null) => ExecuteFirst(data, key, () => new RunSettings(Layout.Unknown, Replay: guide));

    private protected override Run Begin(TData data, RandomKey key, RunSettings settings) => new(Rules.Key ?? key, settings) { Owner = Identity, Rules = Rules.For(data) };

    private protected override IEnumerable<(string Word, SiteHandle Site)> Handlers => Rules.Sites;

    private protected override void Visit(Run run, TData data)
    {
        Rules.Before.ForEach(action => action(run, data));
        _body(run, data);
    }

    /// <summary>The same model under other rules; what a handler is made with.</summary>
    /// <param name="word">The handler's name, for sentences.</param>
    /// <param name="site">The site that it is about.</param>
    /// <param name="rules">The rules from now on.</param>
    /// <param name="declared">The declarations from now on, where they change.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    internal Model<TData> Handled(string word, SiteHandle? site, ModelRules<TData> rules, Func<Declarations<TData>, Declarations<TData>>? declared = null) =>
        site is not null && Declared is { } sites && !sites.Sites.Contains(site)
            ? throw new ModelException(sites.Unknown(word, site, Name))
            : new(Name, Identity, _body, Modules, _delegates, Declared is null || declared is null ? Declared : declared(Declared), rules);
}
