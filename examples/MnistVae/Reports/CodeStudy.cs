using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using ProbVae.Training;
using static TorchSharp.torch;

namespace MnistVae.Reports;

/// <summary>What a trained guide makes of test images: their codes, and how each dimension of a latent variable is used.</summary>
/// <param name="Codes">A code an image: E[z | x], or the mean of draws where there is no such number.</param>
/// <param name="Labels">The images' digits, or null where nobody knows.</param>
/// <param name="Uses">Each latent variable.</param>
public sealed record CodeStudy(IReadOnlyList<float[]> Codes, IReadOnlyList<byte>? Labels, IReadOnlyList<LatentUse> Uses)
{
    /// <summary>Images that are looked at.</summary>
    public const int MostImages = 1000;

    private const int MostAtOnce = 250;

    /// <summary>Looks at test images, evenly spaced.</summary>
    /// <param name="images">How many training images the run has: a run cannot have more at once.</param>
    public static CodeStudy Of(Vae vae, Batches test, int images, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        int count = Math.Min(MostImages, test.Count);
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * test.Count / count))];
        var (rows, uses) = (Array.Empty<float[]>(), new List<LatentUse>());
        foreach (var latent in vae.Latents)
        {
            using var codes = LatentCodes.Of(vae.Generative, vae.Recognition, latent, Load(), key);
            uses.Add(new(latent.ToString(), codes.Activity(), codes.KlByNumber()));
            if (latent == vae.Code)
            {
                using var means = codes.Mean.to(ScalarType.Float32);
                rows = [.. means.data<float>().ToArray().Chunk(codes.Numbers)];
            }
        }

        return new(rows, test.HasLabels ? test.Labels(chosen) : null, uses);

        IEnumerable<ImageBatch> Load()
        {
            foreach (int[] part in chosen.Chunk(Math.Min(MostAtOnce, images)))
            {
                using var batch = test.Load(part, epoch: 0, vae.Device);
                yield return batch;
            }
        }
    }
}

/// <summary>How the dimensions of a latent variable are used, over images.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Activity">Var_x(E[z | x]) of each dimension.</param>
/// <param name="Kl">The mean of KL(q ‖ p) of each dimension in nats; null where it is no sum over dimensions.</param>
public sealed record LatentUse(string Name, IReadOnlyList<double> Activity, IReadOnlyList<double>? Kl)
{
    /// <summary>How many dimensions are active.</summary>
    public int Active => Activity.Count(IsActive);

    /// <summary>Whether so much activity makes a dimension active.</summary>
    public static bool IsActive(double activity) => activity > LatentCodes.ActiveVariance;
}
