using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>
/// The guide's codes of a set of images: of the code that the decoder reads, in double precision and main memory. The caller disposes
/// of them.
/// </summary>
/// <param name="Mean">E[z | x], of shape [images, latent].</param>
/// <param name="Deviation">The standard deviation of z given x, of the same shape.</param>
/// <param name="Drawn">One draw of z given x for each image, of the same shape.</param>
/// <param name="Draws">How many draws the moments come from; 0 where they are exact and q(z | x) is Normal.</param>
public sealed record TestCodes(Tensor Mean, Tensor Deviation, Tensor Drawn, int Draws) : IDisposable
{
    // The threshold of Burda, Grosse and Salakhutdinov (2016).
    private const double ActiveVariance = 0.01;

    private const int ImagesAtOnce = 500;

    /// <summary>Encodes a set, batch by batch.</summary>
    public static TestCodes Of(Vae vae, Batches batches, int size, long seed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(batches);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var key = new RandomKey(unchecked((ulong)seed)).Fold("codes");
        var (means, deviations, drawn, draws) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), 0);
        foreach (var chosen in batches.InOrder(size))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var codes = vae.Encode(batches.Load(chosen, epoch: 0, vae.Device), key.Fold(chosen[0]));
            means.Add(Kept(codes.Mean));
            deviations.Add(Kept(codes.Deviation));
            drawn.Add(Kept(codes.Drawn));
            draws = codes.Draws;
        }

        return new(cat(means).DetachFromDisposeScope(), cat(deviations).DetachFromDisposeScope(), cat(drawn).DetachFromDisposeScope(), draws);
    }

    /// <summary>How many of the code's numbers depend on the image: those with Var_x(E[z | x]) above 0.01 (Burda, Grosse and Salakhutdinov 2016).</summary>
    public int ActiveUnits()
    {
        if (Mean.shape[0] < 2)
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        var variance = Mean.var(0);
        if (Draws > 0)
        {
            // Means of draws vary by themselves, by as much as this.
            variance = variance - Deviation.square().mean([0]).div(Draws);
        }

        return variance.cpu().data<double>().Count(value => value > ActiveVariance);
    }

    /// <summary>
    /// I_q(x; z) in nats, the mutual information of an image and its code under the guide: (1/N) Σ_n log q(z_n | x_n) − log q(z_n), with one
    /// draw z_n an image and the aggregate posterior q(z) = (1/N) Σ_m q(z | x_m) over the same N images (Hoffman and Johnson 2016). It is at
    /// most log N. Null where q(z | x) is no Normal: its density at other images' codes would cost too much.
    /// </summary>
    public double? MutualInformation()
    {
        if (Draws > 0)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var images = Mean.shape[0];

        // log q(z | x_m) up to a constant that cancels, as products of matrices: −½ Σ (z − μ)² / σ² − Σ log σ.
        var precision = Deviation.pow(-2);
        var (square, linear) = (precision.mul(-0.5).t(), Mean.mul(precision).t());
        var constant = Mean.square().mul(precision).mul(-0.5).sub(Deviation.log()).sum(dim: -1);
        var own = (Drawn - Mean).div(Deviation).square().mul(-0.5).sub(Deviation.log()).sum(dim: -1);
        var total = 0.0;
        for (var start = 0L; start < images; start += ImagesAtOnce)
        {
            using var inner = NewDisposeScope();
            var z = Drawn.narrow(0, start, Math.Min(ImagesAtOnce, images - start));
            var aggregate = z.square().matmul(square).add(z.matmul(linear)).add(constant).logsumexp(-1).sub(Math.Log(images));
            total += own.narrow(0, start, z.shape[0]).sub(aggregate).sum().item<double>();
        }

        return total / images;
    }

    public void Dispose()
    {
        Mean.Dispose();
        Deviation.Dispose();
        Drawn.Dispose();
    }

    private static Tensor Kept(Tensor values) => values.to(ScalarType.Float64).cpu().MoveToOuterDisposeScope();
}
