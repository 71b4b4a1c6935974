using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;
using ParameterDict = TorchSharp.Modules.ParameterDict;

namespace ProbVae;

/// <summary>
/// A guide that is made from the model itself. What all such guides share is here: the run of the model that tells its latent variables,
/// the way from unconstrained numbers onto their supports, plates and minibatches, where the locations start, and the parameters. A new
/// one is a variational family: derive from <see cref="SiteGuide{TData}"/> or <see cref="JointGuide{TData}"/>.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public abstract partial class AutoGuide<TData> : Guide<TData>
{
    private readonly List<(string Name, Module Module)> _modules;
    private readonly Dictionary<string, ParameterDict> _parameters = [];
    private readonly bool _readsPlates;

    /// <summary>Runs the model on the data from its prior, and learns what it covers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="options">Start, choice of sites, seed.</param>
    /// <exception cref="ModelException">There is nothing to cover, or a site cannot be covered; the message lists why.</exception>
    private protected AutoGuide(Model<TData> model, TData data, AutoGuideOptions? options)
        : this(model ?? throw new ArgumentNullException(nameof(model)), data, options ?? new AutoGuideOptions(), [])
    {
    }

    private AutoGuide(Model<TData> model, TData data, AutoGuideOptions options, List<(string Name, Module Module)> modules)
        : base(model, modules)
    {
        (_modules, Model, Options) = (modules, model, options);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // The runs are no part of training: they leave running statistics as they were.
        var restoreBuffers = TrainableParameters.Of([], model).KeepBuffers();
        try
        {
            var prototype = Prototype.Of(model, data, options, Word);
            (Sites, Layout) = (prototype.Sites, prototype.Layout);
            Starts = (options.Init ?? InitTo.Median()).Starts(prototype).ToDictionary(start => start.Key, start => start.Value.clone().DetachFromDisposeScope());
        }
        catch (Exception failure)
        {
            TorchRefusal.ThrowIfTorchs(failure, $"{Word}, as it looked for its start");
            throw;
        }
        finally
        {
            restoreBuffers();
        }

        // A program tells its plates only as it runs; those that are not subsampled stay as they were.
        _readsPlates = model.Declared is null && Sites.Any(site => site.Plates.Any(plate => plate.Rows is not null || plate.Size != plate.Total));
    }

    /// <summary>The latent variables that the guide covers, in the model's order.</summary>
    public IReadOnlyList<AutoSite> Sites { get; }

    /// <summary>The family's name.</summary>
    public string Family => Word;

    /// <summary>The model that the guide was made from.</summary>
    private protected Model<TData> Model { get; }

    /// <summary>The shapes of the model's sites.</summary>
    private protected Layout Layout { get; }

    /// <summary>What the guide was told.</summary>
    private protected AutoGuideOptions Options { get; }

    /// <summary>Where each site starts, in unconstrained numbers for the whole of its plates.</summary>
    private protected IReadOnlyDictionary<Latent, Tensor> Starts { get; }

    internal override string Description => $"{Family} of {Loops.Some([.. Sites.Select(site => $"{site.Handle} {site.BatchShape + site.EventShape}")])}";

    internal override IEnumerable<Delegate> Delegates => [];

    private string Word => GetType().Name.Split('`')[0];

    /// <summary>The same family over a model with other priors, with parameters as they start.</summary>
    /// <param name="model">The other model.</param>
    /// <param name="data">Its data.</param>
    /// <param name="options">Start, choice of sites, seed.</param>
    protected abstract AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options);

    internal sealed override void SampleSites(Run run, TData data)
    {
        Begin(run);
        Visit(run, data, Sample);
    }

    /// <summary>What is done before the first site.</summary>
    private protected virtual void Begin(Run run)
    {
    }

    /// <summary>Samples one site, in its plates.</summary>
    private protected abstract void Sample(Run run, AutoSite site);

    /// <summary>The middle of a site's distribution in unconstrained space, for the whole of its plates.</summary>
    private protected abstract Tensor Centre(AutoSite site);

    /// <summary>Makes a parameter that is trained with the guide.</summary>
    /// <param name="of">What it belongs to: a site's name.</param>
    /// <param name="name">Its own name; the two make <c>w.loc</c>.</param>
    /// <param name="start">Its first value, which is copied.</param>
    private protected Parameter NewParameter(string of, string name, Tensor start)
    {
        if (!_parameters.TryGetValue(of, out var group))
        {
            _parameters.Add(of, group = ParameterDict());
            _modules.Add((of, group));
        }

        using var noGrad = no_grad();
        var parameter = new Parameter(start.detach().clone().DetachFromDisposeScope());
        group.Add(name, parameter);
        return parameter;
    }

    /// <summary>Has a network trained with the guide.</summary>
    private protected void Register(string name, Module network) => _modules.Add((name, network));

    private protected AutoScope ScopeOf(AutoSite site, Run run) => new(site, _parameters, run);

    // Enters each site's plates as this run's data has them.
    private void Visit(Run run, TData data, Action<Run, AutoSite> visit)
    {
        var seen = _readsPlates ? PlatesOf(data) : null;
        foreach (var site in Sites)
        {
            if (Model.Declared?.LatentPlates.GetValueOrDefault(site.Handle) is { } declared)
            {
                PlateDeclaration<TData>.Inside(declared, run, data, () => visit(run, site));
                continue;
            }

            var plates = seen?.GetValueOrDefault(site.Handle) ?? site.Plates;
            var entered = plates.Select(plate => run.Enter(plate)).ToArray();
            visit(run, site);
            foreach (var plate in entered.Reverse())
            {
                plate.Dispose();
            }
        }
    }

    // Which rows a program's minibatch holds, only the program knows: it is run once more, from its prior.
    private Dictionary<Latent, IReadOnlyList<Plate>> PlatesOf(TData data)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Model.Execute(data, Options.Key, new RunSettings(ProbVae.Layout.Unknown, Validate: false)).Latents.ToDictionary(site => site.Handle, site => site.Plates);
    }
}
