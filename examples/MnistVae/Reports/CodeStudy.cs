using static TorchSharp.torch;

namespace MnistVae;

/// <summary>How the dimensions of a latent variable are used, over images.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Activity">Var_x(E[z | x]) of each dimension.</param>
/// <param name="Kl">The mean of KL(q ‖ p) of each dimension in nats; null where it is no sum over dimensions.</param>
public sealed record LatentUse(string Name, IReadOnlyList<double> Activity, IReadOnlyList<double>? Kl);

/// <summary>What a trained guide makes of test images: their codes, and how each dimension of a latent variable is used.</summary>
/// <param name="Codes">A code an image: E[z | x], or the mean of draws where there is no such number.</param>
/// <param name="Labels">The images' digits, or null where nobody knows.</param>
/// <param name="Uses">Each latent variable.</param>
public sealed record CodeStudy(IReadOnlyList<float[]> Codes, IReadOnlyList<byte>? Labels, IReadOnlyList<LatentUse> Uses)
{
    private const int MostImages = 1000;
    private const int MostAtOnce = 250;

    /// <summary>Looks at test images, evenly spaced.</summary>
    /// <param name="images">How many training images the run has: a run cannot have more at once.</param>
    public static CodeStudy Of(Vae vae, Batches test, int images, RandomKey key)
    {
        int[] chosen = test.Spaced(MostImages);
        var (rows, uses) = (Array.Empty<float[]>(), new List<LatentUse>());
        foreach (var latent in vae.Latents)
        {
            var batches = test.LoadInOrder(Math.Min(MostAtOnce, images), vae.Device, chosen);
            using var codes = LatentCodes.Of(vae.Generative, vae.Recognition, latent, batches, key);
            uses.Add(new(latent.ToString(), codes.Activity(), codes.KlByNumber()));
            if (latent == vae.Code)
            {
                using var means = codes.Mean.to(ScalarType.Float32);
                rows = [.. means.data<float>().ToArray().Chunk(codes.Numbers)];
            }
        }

        return new(rows, test.HasLabels ? test.Labels(chosen) : null, uses);
    }

    /// <summary>The codes in the plane of the two directions in which they vary most, and the share of the whole variance along each.</summary>
    public static (IReadOnlyList<(double X, double Y)> Points, double FirstShare, double SecondShare) PrincipalComponents(IReadOnlyList<float[]> codes)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(codes.SelectMany(code => code).ToArray(), [codes.Count, codes[0].Length]).to(ScalarType.Float64);
        var (u, s, _) = linalg.svd(rows - rows.mean([0]), fullMatrices: false);
        double[] variances = s.square().data<double>().ToArray(), scores = (u * s).narrow(1, 0, Math.Min(2, s.shape[0])).contiguous().data<double>().ToArray();
        double total = Math.Max(variances.Sum(), double.Epsilon);
        var points = scores.Chunk(scores.Length / codes.Count).Select(score => (score[0], score.ElementAtOrDefault(1)));
        return ([.. points], variances[0] / total, variances.ElementAtOrDefault(1) / total);
    }
}
