using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <content>A guide for the same model with other priors.</content>
public abstract partial class AutoGuide<TData>
{
    /// <summary>
    /// Remakes the guide for a model that <c>With</c> and other handlers made of its own: each site has the map onto its new support.
    /// A location is carried over by its value, so the new one starts at the same point of the model's space; other parameters are
    /// carried over where they have the same shape. What is not carried over is said.
    /// </summary>
    /// <param name="model">The changed model.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <returns>The guide, with parameters of its own, and what was not carried over.</returns>
    /// <exception cref="ModelException">The model is another one, or a site cannot be covered.</exception>
    public FollowedGuide<TData> Following(Model<TData> model, TData data)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Identity != Identity)
        {
            throw new ModelException($"{Family}.Following: the model '{model.Name}' was not made from '{Model.Name}', whose guide this is; make a new guide for it.");
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var run = model.Execute(data, Options.Key, new RunSettings(ProbVae.Layout.Unknown, Validate: false));
        List<string> notes = [];
        List<(Latent, TensorLike)> values = [];
        foreach (var site in Sites)
        {
            var now = run.Find(site.Handle) is LatentSite latent && latent.Distribution.Support.FromUnconstrained is not null ? new AutoSite(latent) : null;
            var value = site.Bijection.Forward(Centre(site));
            if (now is null)
            {
                notes.Add($"Site '{site.Handle}' is no continuous latent variable of the new model and is covered no more.");
            }
            else if (now.BatchShape + now.EventShape != site.BatchShape + site.EventShape)
            {
                notes.Add($"Site '{site.Handle}' had shape {site.BatchShape + site.EventShape} and has {now.BatchShape + now.EventShape} now; it starts at the prior's median.");
            }
            else if (!now.Support.ContainsAll(value) || !now.Bijection.Inverse(value).isfinite().all().ToBoolean())
            {
                notes.Add($"Site '{site.Handle}': the values that were found ({site.Support}) do not all lie inside the new support ({now.Support}); it starts at the prior's median.");
            }
            else
            {
                values.Add((site.Handle, value));
            }
        }

        var covered = Options.Only?.Where(site => run.Find(site) is LatentSite { Distribution.Support.IsDiscrete: false }).ToList();
        var options = Options with
        {
            Init = InitTo.Value(InitTo.Median(), [.. values]),
            Only = covered,
            Except = Options.Except?.Where(site => run.Find(site) is LatentSite).ToList(),
        };
        var guide = Remake(model, data, options);
        notes.AddRange(guide.Sites.Where(site => Sites.All(old => !old.Handle.Equals(site.Handle))).Select(site => $"Site '{site.Handle}' is new; it starts at the prior's median."));
        notes.AddRange(guide.CarryOver(this));
        return new(guide, notes);
    }

    // All but the locations, which are where the values were.
    private List<string> CarryOver(AutoGuide<TData> from)
    {
        var (mine, theirs, putBack) = (NamedParameters(), from.NamedParameters(), KeepMiddle());
        List<string> notes = [];
        foreach (var (name, parameter) in mine.Where(entry => !entry.Key.EndsWith(".loc", StringComparison.Ordinal)))
        {
            if (theirs.TryGetValue(name, out var old) && old.shape.SequenceEqual(parameter.shape))
            {
                parameter.copy_(old);
            }
            else
            {
                notes.Add(old is null
                    ? $"Parameter '{name}' is new; it has its first values."
                    : $"Parameter '{name}' had shape {new Shape(old.shape)} and has {new Shape(parameter.shape)} now; it has its first values.");
            }
        }

        notes.AddRange(theirs.Keys.Except(mine.Keys).Select(name => $"Parameter '{name}' has no place in the new guide."));
        notes.AddRange(Sites.Where(site => from.Sites.FirstOrDefault(old => old.Handle.Equals(site.Handle)) is { } old
                && !(old.Support.Covers(site.Support) && site.Support.Covers(old.Support)) && old.UnconstrainedShape == site.UnconstrainedShape)
            .Select(site => $"Site '{site.Handle}' has another support ({site.Support}): its spread was carried over in unconstrained numbers, which mean something else there."));
        putBack();
        return notes;
    }

    /// <summary>Notes where the middle is, to put it back there once other parameters have changed.</summary>
    private protected virtual Action KeepMiddle() => () => { };

    private Dictionary<string, Parameter> NamedParameters() =>
        _modules.SelectMany(module => module.Module.named_parameters().Select(entry => (Name: $"{module.Name}.{entry.name}", entry.parameter))).ToDictionary(entry => entry.Name, entry => entry.parameter);
}
