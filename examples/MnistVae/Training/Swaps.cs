using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>What the swaps changed in the derived ELBO, line by line.</summary>
public static class Swaps
{
    /// <summary>Lines of the base model's ELBO with − and of the swapped one's with +; null where nothing was swapped.</summary>
    public static string? Diff(Vae vae, Elbo elbo, ImageBatch batch)
    {
        ArgumentNullException.ThrowIfNull(vae);
        if (ReferenceEquals(vae.Base, vae.Generative))
        {
            return null;
        }

        var (before, after) = (Lines(vae.Base, vae, elbo, batch), Lines(vae.Generative, vae, elbo, batch));
        return string.Join(
            Environment.NewLine,
            [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)]);
    }

    // An inference that takes no step: only one can say what it derived.
    private static string[] Lines(Model<ImageBatch> model, Vae vae, Elbo elbo, ImageBatch batch)
    {
        using var svi = new Svi<ImageBatch>(model, vae.Recognition, elbo, parameters => optim.SGD(parameters, 0));
        return [.. svi.Explain(batch).ToString().Split('\n').Select(line => string.Join("  ", line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))];
    }
}
