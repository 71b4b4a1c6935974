using MnistVae.Data;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Models;

/// <content>What a trained guide makes of images.</content>
public sealed partial class Vae
{
    // Where q has no moments in closed form, they come from so many draws.
    private const int MomentDraws = 32;

    /// <summary>q(z | x) of the code that the decoder reads: its moments, and one draw of it.</summary>
    /// <returns>
    /// Mean, standard deviation and draw, each of shape [images, latent]; <c>Draws</c> is how many draws the moments come from, or 0 where
    /// they are exact.
    /// </returns>
    public (Tensor Mean, Tensor Deviation, Tensor Drawn, int Draws) Encode(ImageBatch batch, RandomKey key)
    {
        var site = Recognition.Trace(batch, key)[Code];
        if (site.Distribution is not TransformedDistribution)
        {
            return (site.Distribution.Mean, site.Distribution.Variance.sqrt(), site.Value, 0);
        }

        var draws = site.Distribution.Sample(key.Fold("moments"), MomentDraws);
        var mean = draws.mean([0]);
        var variance = (draws - mean).square().sum(dim: 0).div(MomentDraws - 1);
        return (mean, variance.sqrt(), site.Value, MomentDraws);
    }
}
