using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A variable of a guide's own, from which it computes its latent variables.</summary>
internal static class AuxiliaryVariable
{
    /// <summary>Draws it, or takes the value that a replayed guide gave it; its density is the guide's.</summary>
    public static Tensor SampleAuxiliary(this Run run, Latent site, Distribution distribution)
    {
        var (fitted, reads) = run.Resolve(site, new Source(() => distribution, DeclaresReads: true), distribution.EventShape.Rank);
        var value = run.Settings.Replay?.Find(site)?.Value ?? run.Drawn(site, fitted);
        return run.Record(new AuxiliarySite(site, fitted, value, run.Plates.Open, reads));
    }
}
