namespace ProbVae;

/// <summary>A model, a guide or their data that cannot be inferred with: every problem that was found, and the sites' shapes.</summary>
public class ModelException : Exception
{
    /// <summary>States problems, a sentence each.</summary>
    /// <param name="problems">The problems; at least one.</param>
    /// <param name="sites">The table of sites so far, if any.</param>
    public ModelException(IReadOnlyList<string> problems, string? sites = null)
        : base(ShortMessage.Of(problems, sites)) => (Problems, Sites) = (problems, sites);

    /// <summary>States one problem.</summary>
    /// <param name="problem">A sentence.</param>
    public ModelException(string problem)
        : this([problem])
    {
    }

    internal ModelException(IReadOnlyList<string> problems, string? sites, Exception cause)
        : base(ShortMessage.Of(problems, sites), cause) => (Problems, Sites) = (problems, sites);

    /// <summary>The problems, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>The table of the sites that the run had come to; null where it had come to none.</summary>
    public string? Sites { get; }
}
