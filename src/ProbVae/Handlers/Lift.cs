using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Lifting: a parameter becomes a latent variable with a prior.</summary>
public static class LiftHandler
{
    /// <summary>
    /// The same model with a latent variable in a parameter's place, wherever the model reads the parameter through
    /// <c>s[parameter]</c> or <c>s.Call(network, input)</c>. It is no parameter of the model any more.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="prior">Its prior, which broadcasts to the parameter's shape; all axes are one event.</param>
    /// <param name="site">The latent variable's handle.</param>
    /// <param name="name">Its name; as the parameter is written at the call unless given.</param>
    /// <exception cref="ModelException">The parameter is lifted already, the name is taken, or the prior does not fit the parameter's shape.</exception>
    public static Model<TData> Lift<TData>(
        this Model<TData> model, Parameter parameter, Distribution prior, out Latent site, [CallerArgumentExpression(nameof(parameter))] string name = "parameter")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(prior);
        var handle = site = new Latent(name) { Owner = model.Identity };
        if (model.Rules.Lifted.TryGetValue(parameter, out var earlier))
        {
            throw new ModelException($"Lift('{name}'): that parameter was lifted to '{earlier}' already; swap the prior with With({earlier}, ...).");
        }

        if (model.Declared?.Sites.Any(own => own.Name == name) == true)
        {
            throw new ModelException($"Lift('{name}'): the model '{model.Name}' has a site of that name; give another one, Lift(parameter, prior, out ..., name: \"...\").");
        }

        var fitted = Fitted(name, new Shape(parameter.shape), prior);
        var rules = model.Rules with
        {
            Lifted = model.Rules.Lifted.Add(parameter, handle),
            Before = model.Rules.Before.Add((run, _) => run.Sample(handle, new Source(() => fitted, Constant: true, DeclaresReads: true))),
        };
        return model.Handled("Lift", null, rules, declared => declared.WithLatent(handle, []));
    }

    /// <summary>The same model with latent variables in the place of a network's parameters, where it runs the network by <c>s.Call(network, input)</c>.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="module">The network.</param>
    /// <param name="prior">A parameter's prior, which broadcasts to its shape; null leaves it a parameter.</param>
    /// <param name="sites">The handles, by the parameters' names in the network, as in <c>0.weight</c>.</param>
    /// <param name="name">What the sites' names begin with; as the network is written at the call unless given.</param>
    /// <exception cref="ModelException">No parameter is lifted, one is lifted already, a name is taken, a prior does not fit, or the module runs within libtorch.</exception>
    public static Model<TData> Lift<TData>(
        this Model<TData> model,
        Module module,
        Func<Parameter, Distribution?> prior,
        out IReadOnlyDictionary<string, Latent> sites,
        [CallerArgumentExpression(nameof(module))] string name = "network")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(prior);
        var found = ImmutableSortedDictionary<string, Latent>.Empty;
        foreach (var (part, parameter) in module.named_parameters())
        {
            if (prior(parameter) is { } distribution)
            {
                ModuleCopy.RequireReplaceable($"Lift('{name}.{part}')", module, parameter);
                model = model.Lift(parameter, distribution, out var site, $"{name}.{part}");
                found = found.Add(part, site);
            }
        }

        sites = found;
        return found.IsEmpty
            ? throw new ModelException($"Lift('{name}'): no parameter of that module was given a prior, so nothing is lifted.")
            : model;
    }

    private static Distribution Fitted(string name, Shape shape, Distribution prior)
    {
        var (events, batch) = (prior.EventShape, shape.Rank - prior.EventShape.Rank);
        return shape.EndsWith(events) && prior.BatchShape.BroadcastWith(shape[..batch]) == shape[..batch]
            ? prior.Expand(shape[..batch]).ToEvent(batch)
            : throw new ModelException($"Lift('{name}'): the prior {prior} does not broadcast to the parameter's shape {shape}.");
    }
}
