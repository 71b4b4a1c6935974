using static TorchSharp.torch.nn;

namespace ProbVae;

/// <content>What an objective says of single sites: weights, gradients, what it can train.</content>
public abstract partial class Elbo
{
    /// <summary>The objective's own networks, whose parameters are trained with the others: learnt baselines.</summary>
    internal virtual IReadOnlyList<(string Name, Module Module)> Modules => [];

    /// <summary>Which latent variables a run of this program goes through all values of; null for none.</summary>
    /// <param name="isGuide">Whether the program is the guide.</param>
    internal virtual Enumeration? NewEnumeration(bool isGuide) => null;

    /// <summary>How the gradient reaches a guide's site, in a few words.</summary>
    internal virtual string Gradient(LatentSite posterior) => posterior.Distribution.IsReparameterized ? "pathwise" : "none: its arguments are fixed";

    /// <summary>Says in a sentence why this objective cannot train a guide's site; null where it can.</summary>
    internal virtual string? WhyNotTrained(LatentSite posterior) =>
        posterior.Distribution.IsReparameterized || !posterior.Distribution.Arguments.Any(argument => argument.Value.requires_grad) ? null
            : $"Site '{posterior.Name}': the guide's {posterior.Distribution.Family} is not reparameterized: its draws carry no gradient to its arguments, so this ELBO cannot train it. Use a reparameterized family ({posterior.Distribution.Family}'s arguments may also be held fixed).";

    /// <summary>The term with the weight that the loss counts it with.</summary>
    private protected virtual ElboTerm Weighted(ElboTerm term, long step) => term;
}
