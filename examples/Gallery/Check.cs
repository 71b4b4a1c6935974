using System.Globalization;

namespace ProbVae.Examples.Gallery;

/// <summary>A claim about a figure.</summary>
/// <param name="Claim">What is claimed, with a name for the figure.</param>
/// <param name="Received">The figure.</param>
/// <param name="Least">The least that it may be.</param>
/// <param name="Greatest">The greatest that it may be.</param>
/// <param name="Expected">The bound in words.</param>
public sealed record Check(string Claim, double Received, double Least, double Greatest, string Expected)
{
    /// <summary>Whether the claim holds; a NaN never does.</summary>
    public bool Passes => Received >= Least && Received <= Greatest;

    // Four decimals, or the order of size where they would be zeros.
    private string Figure => Received.ToString(Received != 0 && Math.Abs(Received) < 0.001 ? "0.#E+0" : "0.####", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => $"{(Passes ? "ok    " : "FAILED")}  {Claim}: {Figure}, expected {Expected}";
}
