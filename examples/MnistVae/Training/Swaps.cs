using System.Globalization;
using static TorchSharp.torch;

namespace MnistVae;

/// <summary>What the swaps changed in the derived ELBO, line by line.</summary>
public static class Swaps
{
    /// <summary>Lines of the base model's ELBO with − and of the swapped one's with +; null where nothing was swapped.</summary>
    public static string? Diff(Vae vae, Elbo elbo, ImageBatch batch)
    {
        if (ReferenceEquals(vae.Base, vae.Generative))
        {
            return null;
        }

        var (before, after) = (Lines(vae.Base, vae, elbo, batch), Lines(vae.Generative, vae, elbo, batch));
        return string.Join(Environment.NewLine, [.. before.Except(after).Select(line => "- " + line), .. after.Except(before).Select(line => "+ " + line)]);
    }

    // An inference that takes no step: only one can say what it derived.
    private static string[] Lines(Model<ImageBatch> model, Vae vae, Elbo elbo, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var svi = Svi.For(model, vae.Recognition, elbo, parameters => optim.SGD(parameters, 0));
        var derived = svi.Explain(batch).ToString().Split('\n')
            .Select(line => string.Join("  ", line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

        // Two distributions of one family look alike in a formula.
        var trace = model.Trace(batch, new RandomKey(0));
        return [.. derived, .. vae.Latents.Select(latent => $"{latent} ~ {Told(trace[latent].Distribution)}"), $"{vae.Pixels} ~ {Told(trace[vae.Pixels].Distribution)}"];
    }

    private static string Told(Distribution distribution) => distribution switch
    {
        Normal normal => $"{normal.Family}({Told(normal.Loc)}, {Told(normal.Scale)})",
        Laplace laplace => $"{laplace.Family}({Told(laplace.Loc)}, {Told(laplace.Scale)})",
        MixtureSameFamily mixture => $"Mixture of {mixture.Components.BatchShape[^1]} {mixture.Components.Family}",
        _ => distribution.Family,
    };

    // A number where all are the same; networks and learnt numbers come to others.
    private static string Told(Tensor parameter)
    {
        var (low, high) = (parameter.min().to(ScalarType.Float32).item<float>(), parameter.max().to(ScalarType.Float32).item<float>());
        return low == high ? low.ToString("0.####", CultureInfo.InvariantCulture) : "...";
    }
}
