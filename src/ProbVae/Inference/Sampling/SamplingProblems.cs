using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What keeps a model from being sampled by Hamiltonian trajectories, in sentences.</summary>
internal static class SamplingProblems
{
    /// <summary>Looks at two runs of a model from its prior.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="run">One run.</param>
    /// <param name="again">The same with other draws.</param>
    /// <param name="noisy">The model's modules that draw while they are in training mode.</param>
    /// <param name="readsMasked">Whether a density that counts reads what a mask leaves out of a prior.</param>
    public static IEnumerable<string> Of(string model, Trace run, Trace again, IReadOnlyList<nn.Module> noisy, bool readsMasked)
    {
        if (!run.Latents.Any(site => !site.Distribution.Support.IsDiscrete))
        {
            yield return run.Latents.Any()
                ? $"Nuts: the model '{model}' has discrete latent variables only, and trajectories move continuous ones. Their exact posterior is DiscretePosterior's."
                : $"Nuts: the model '{model}' has no latent variable, so there is nothing to sample.";
        }

        if (noisy.FirstOrDefault(module => module.training) is { } module)
        {
            yield return $"Nuts: the model's {module.GetName()} draws at random in training mode, so the density at a point is not one number. Call eval() on the network first.";
        }

        foreach (var site in run.Latents.SelectMany(site => Unsuitable(site, again)).Concat(run.Sites.OfType<BlockedSite>().Select(Blocked)))
        {
            yield return site;
        }

        var masked = run.Latents.FirstOrDefault(site => site is { Distribution: Masked } && !site.Distribution.Support.IsDiscrete);
        if (masked is not null && (readsMasked || run.Latents.Any(site => site.Distribution.Support.IsDiscrete)))
        {
            yield return readsMasked
                ? $"Nuts: a mask leaves elements of the prior of '{masked.Name}' out, and another site reads them, so nothing says where they are. Mask what reads them too."
                : $"Nuts: a mask leaves elements of the prior of '{masked.Name}' out, and the model has discrete variables that are summed out; the two together are not sampled. Drop the mask, or draw the discrete variables' sums by hand.";
        }

        foreach (var plate in run.Sites.SelectMany(site => site.Plates).Distinct().Where(plate => plate.Size != plate.Total))
        {
            yield return $"Nuts: plate '{plate.Name}' holds {plate.Size} of its {plate.Total} elements, and a chain needs the density of all data at each point. Give the whole data; for minibatches, fit a guide with Svi.";
        }
    }

    /// <summary>Says of a latent variable that a handler gives its value.</summary>
    public static string Held(LatentSite site, string word) =>
        $"Nuts: site '{site.Name}': the handler {word} gives its value, so it cannot be moved. Condition on the value, which makes it data, or use the model without that handler.";

    private static IEnumerable<string> Unsuitable(LatentSite site, Trace again)
    {
        var (name, support) = (site.Name, site.Distribution.Support);
        if (support.IsDiscrete)
        {
            if (site.Distribution.EnumerateSupport() is null)
            {
                yield return $"Nuts: site '{name}' is discrete and has no finite list of values ({site.Distribution.Family}), so it can be neither moved nor summed out. Write the model without it (a gamma-mixed Poisson is a NegativeBinomial), or fit a guide for it with Svi.";
            }
        }
        else if (support.FromUnconstrained is null)
        {
            yield return $"Nuts: site '{name}': no smooth one-to-one map from the real numbers onto the support of {site.Distribution.Family} ({support}) is known, so no trajectory can stay on it. Compute '{name}' from a variable of another support, or fit a guide for it with Svi.";
        }
        else if (Prototype.SupportMoves(site, again))
        {
            yield return $"Nuts: site '{name}': the support of its prior {site.Distribution.Family} depends on other latent variables, so no fixed map leads onto it. Sample a variable of fixed support, such as u ~ Uniform(0, 1), and compute '{name}' from it.";
        }
    }

    private static string Blocked(BlockedSite site) =>
        $"Nuts: site '{site.Name}' is blocked, so it is drawn anew in each run and a chain has no density to move in. Use the model without that handler.";
}
