using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>Where a guide begins.</summary>
public static partial class Guide
{
    /// <summary>Declares a guide site by site: for each latent variable of the model, its approximate posterior.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    public static GuideBuilder<TData> For<TData>(Model<TData> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model);
    }

    /// <summary>Writes a guide as plain C#; it samples the model's latent variables, in the model's plates.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="program">Samples each latent variable of the model.</param>
    /// <param name="modules">Networks that the program uses and that are not captured by it: through a static field, say.</param>
    public static Guide<TData> Program<TData>(Model<TData> model, Action<Run, TData> program, params (string Name, Module Module)[] modules)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(program);
        return new ProgramGuide<TData>(model, program, modules, [program]);
    }
}

/// <summary>An approximate posterior q(z | x) over the latent variables of a model.</summary>
/// <typeparam name="TData">The model's data.</typeparam>
public abstract class Guide<TData> : Program<TData>
{
    private protected Guide(Model<TData> model, IReadOnlyList<(string Name, Module Module)> modules)
        : base($"guide of {model.Name}", model.Identity, modules)
    {
    }

    /// <summary>Runs the guide once and records its sites; the tensors belong to the caller's dispose scope.</summary>
    /// <param name="data">The data of the run.</param>
    /// <param name="key">Where the draws come from.</param>
    /// <exception cref="ModelException">The program cannot run so; the message lists why.</exception>
    public Trace Trace(TData data, RandomKey key) => ExecuteFirst(data, key, () => new RunSettings(Layout.Unknown));

    private protected sealed override Run Begin(TData data, RandomKey key, RunSettings settings) => new(key, settings with { IsGuide = true }) { Owner = Identity, Rules = RulesFor(data) };

    /// <summary>The guide beside a model that may know the values of variables which the guide samples.</summary>
    internal Guide<TData> Serving(Model<TData> model) => model.Rules.GiveValues ? new ServingGuide<TData>(this, model) : this;

    private protected virtual SiteRules RulesFor(TData data) => SiteRules.None;

    private protected sealed override void Visit(Run run, TData data) => SampleSites(run, data);

    /// <summary>Samples the latent variables, in the model's plates.</summary>
    internal abstract void SampleSites(Run run, TData data);
}
