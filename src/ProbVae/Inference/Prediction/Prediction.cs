using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Draws of some of a model's sites. The tensors belong to who asked for them: they outlive every dispose scope, and go when this is
/// disposed of, or when nothing refers to them any more.
/// </summary>
public sealed class Prediction : IDisposable
{
    private readonly string _model;
    private readonly IReadOnlyList<(SiteHandle Site, Tensor Values)> _sites;

    internal Prediction(string model, int draws, bool vectorized, IReadOnlyList<(SiteHandle Site, Tensor Values)> sites) =>
        (_model, Draws, Vectorized, _sites) = (model, draws, vectorized, sites);

    /// <summary>How many draws there are.</summary>
    public int Draws { get; }

    /// <summary>Whether draws were made along a leading axis; false where the programs could not take one and ran once a draw.</summary>
    public bool Vectorized { get; }

    /// <summary>The sites that were kept, in the model's order unless they were chosen.</summary>
    public IReadOnlyList<SiteHandle> Sites => [.. _sites.Select(entry => entry.Site)];

    /// <summary>The draws of one site, of shape (draws) + plates + event; the plates in the order of their axes.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">The site was not kept; the message names those that were.</exception>
    public Tensor this[SiteHandle site]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(site);
            return _sites.FirstOrDefault(entry => entry.Site.Equals(site)).Values ?? throw new ModelException($"Site '{site}' is not among the sites of this prediction of '{_model}', which are {string.Join(", ", Sites)}.");
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var (_, values) in _sites)
        {
            values.Dispose();
        }
    }

    /// <summary>A table of the sites and the shapes of their draws.</summary>
    public override string ToString() => TextTable.Render(["site", "draws"], _sites.Select(entry => new[] { entry.Site.Name, new Shape(entry.Values.shape).ToString() }));
}
