using static TorchSharp.torch;
using ParameterDict = TorchSharp.Modules.ParameterDict;

namespace ProbVae;

/// <summary>What a family of automatic guides is given for one site of one run: its parameters at the elements that the run sees.</summary>
public sealed class AutoScope
{
    private readonly AutoSite _site;
    private readonly IReadOnlyDictionary<string, ParameterDict> _parameters;
    private readonly Run _run;

    internal AutoScope(AutoSite site, IReadOnlyDictionary<string, ParameterDict> parameters, Run run) => (_site, _parameters, _run) = (site, parameters, run);

    /// <summary>A parameter of the site. Where a plate is subsampled it has the minibatch's rows, and gradients reach these alone.</summary>
    /// <param name="name">Its name, as it was made with.</param>
    /// <exception cref="ModelException">A plate of the run does not fit the parameter's rows.</exception>
    public Tensor this[string name] => Of(_site, name);

    /// <summary>A parameter of another site, whose plates are all among those of this one.</summary>
    /// <param name="site">The other site.</param>
    /// <param name="name">The parameter's name.</param>
    /// <exception cref="ModelException">A plate of the run does not fit the parameter's rows.</exception>
    public Tensor Of(AutoSite site, string name)
    {
        ArgumentNullException.ThrowIfNull(site);
        var plates = _run.Plates.Open.Where(plate => site.Plates.Any(own => own.Name == plate.Name));
        return site.InRun(_parameters[site.Handle.Name][name], [.. plates]);
    }

    /// <summary>The unconstrained numbers of a site that the guide has drawn before this one.</summary>
    /// <param name="earlier">The site.</param>
    public Tensor Numbers(AutoSite earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return earlier.Bijection.Inverse(_run[earlier.Handle]);
    }
}
