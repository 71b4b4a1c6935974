using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Reports;

/// <summary>What a trained guide makes of test images: their codes, and how each dimension of a latent variable is used.</summary>
public sealed class CodeStudy
{
    /// <summary>Images that are looked at.</summary>
    public const int MostImages = 1000;

    /// <summary>A dimension is active where Cov_x(E_q[z]) is larger (Burda, Grosse and Salakhutdinov 2016).</summary>
    public const double ActiveBound = 0.01;

    private const int MostAtOnce = 250;

    // Where q has no mean in closed form, two means of so many draws each stand for it: their covariance over the images is not biased.
    private const int DrawsOfAMean = 10;

    private CodeStudy(IReadOnlyList<float[]> codes, byte[]? labels, IReadOnlyList<LatentUse> uses) => (Codes, Labels, Uses) = (codes, labels, uses);

    /// <summary>A code an image: the mean of q(z | x), or of draws from it.</summary>
    public IReadOnlyList<float[]> Codes { get; }

    /// <summary>The images' digits, or null where nobody knows.</summary>
    public IReadOnlyList<byte>? Labels { get; }

    /// <summary>Each latent variable.</summary>
    public IReadOnlyList<LatentUse> Uses { get; }

    public static CodeStudy Of(Vae vae, Batches test, int images, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        int count = Math.Min(MostImages, test.Count);
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * test.Count / count))];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var moments = vae.Latents.ToDictionary(latent => latent, _ => new List<Moments>());
        // A run cannot have more images than there are to train with.
        foreach (int[] part in chosen.Chunk(Math.Min(MostAtOnce, images)))
        {
            using var batch = test.Load(part, epoch: 0, vae.Device);
            foreach (var (latent, of) in MomentsOf(vae, batch, key.Fold(part[0])))
            {
                moments[latent].Add(of);
            }
        }

        var whole = vae.Latents.Select(latent => (latent, Moments.Join(moments[latent]))).ToList();
        var codes = whole.Single(pair => pair.latent == vae.Code).Item2.First;
        return new([.. Rows(codes)], test.HasLabels ? test.Labels(chosen) : null, [.. whole.Select(pair => Use(pair.latent.ToString(), pair.Item2))]);
    }

    private static LatentUse Use(string name, Moments moments)
    {
        var covariance = (moments.First - moments.First.mean([0])).mul(moments.Second - moments.Second.mean([0])).mean([0]);
        return new(name, Numbers(covariance), moments.Kl is null ? null : Numbers(moments.Kl.mean([0])));
    }

    private static Dictionary<Latent, Moments> MomentsOf(Vae vae, ImageBatch batch, RandomKey key)
    {
        var guide = vae.Recognition.Trace(batch, key);
        var model = vae.Generative.Trace(batch, key, guide);
        var found = new Dictionary<Latent, Moments>();
        foreach (var latent in vae.Latents)
        {
            var (posterior, prior) = (guide[latent].Distribution, model[latent].Distribution);
            var kl = posterior is Normal q && prior is Normal p ? Kl(q, p) : null;
            // The mean of the code that is read off the image is exact; of one above it, only given the draw below.
            if (latent == vae.Code)
            {
                var (first, second) = posterior is Normal ? (posterior.Mean, posterior.Mean) : (MeanOfDraws(posterior, key.Fold("first")), MeanOfDraws(posterior, key.Fold("second")));
                found[latent] = new(first, second, kl);
            }
            else
            {
                found[latent] = new(Mean(vae, latent, batch, key.Fold("first")), Mean(vae, latent, batch, key.Fold("second")), kl);
            }
        }

        return found;
    }

    private static Tensor MeanOfDraws(Distribution distribution, RandomKey key) => distribution.Sample(key, DrawsOfAMean).mean([0]);

    private static Tensor Mean(Vae vae, Latent latent, ImageBatch batch, RandomKey key) =>
        stack([.. Enumerable.Range(0, DrawsOfAMean).Select(draw => vae.Recognition.Trace(batch, key.Fold(draw))[latent].Value)]).mean([0]);

    // Of each dimension: log(σ_p / σ_q) + (σ_q² + (μ_q − μ_p)²) / 2 σ_p² − 1/2.
    private static Tensor Kl(Normal q, Normal p) =>
        (p.Scale.log() - q.Scale.log()) + (q.Scale.square() + (q.Loc - p.Loc).square()).div(p.Scale.square().mul(2)) - 0.5;

    private static IEnumerable<float[]> Rows(Tensor matrix) => Numbers(matrix).Chunk((int)matrix.shape[1]);

    private static float[] Numbers(Tensor values) => values.cpu().contiguous().data<float>().ToArray();

    private sealed record Moments(Tensor First, Tensor Second, Tensor? Kl)
    {
        public static Moments Join(IReadOnlyList<Moments> parts) => new(
            cat([.. parts.Select(part => part.First)]),
            cat([.. parts.Select(part => part.Second)]),
            parts.All(part => part.Kl is not null) ? cat([.. parts.Select(part => part.Kl!)]) : null);
    }
}

/// <summary>How the dimensions of a latent variable are used, over images.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Covariances">Cov_x(E_q[z]) of each dimension.</param>
/// <param name="Kl">The mean of KL(q ‖ p) of each dimension in nats; null where it is no sum over dimensions.</param>
public sealed record LatentUse(string Name, IReadOnlyList<float> Covariances, IReadOnlyList<float>? Kl)
{
    /// <summary>How many dimensions are active.</summary>
    public int Active => Covariances.Count(covariance => covariance > CodeStudy.ActiveBound);
}
