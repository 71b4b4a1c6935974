using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Decentering: a latent variable of a location and a scale, sampled free of them.</summary>
public static class DecenterHandler
{
    /// <summary>
    /// The same model with z = loc + scale^(1−c) (x − c loc) computed from a latent variable x of location c loc and scale scale^c: the
    /// joint distribution is the same, and for c = 0 x is independent of loc and scale a priori (Papaspiliopoulos, Roberts and Sköld 2007;
    /// c between 0 and 1: Gorinova, Moore and Hoffman 2020). A guide samples x in place of z; lambdas read z as before.
    /// </summary>
    /// <remarks>Normal, Laplace, Cauchy, StudentT, Logistic and Gumbel keep their family; x of a LogNormal is Normal, and z its exponential.</remarks>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable z.</param>
    /// <param name="raw">The handle of x, called <c>z_raw</c>.</param>
    /// <param name="centeredness">c: 0 leaves nothing of loc and scale in x, 1 all. Range: 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="centeredness"/> is out of its range.</exception>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Decenter<TData>(this Model<TData> model, Latent site, out Latent raw, double centeredness = 0)
    {
        if (!(centeredness >= 0 && centeredness <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(centeredness), $"Decenter('{site}'): a centeredness of {centeredness} is impossible; it must be from 0 (decentered) to 1 (as written).");
        }

        return model.Recomputed("Decenter", site, out raw, (run, distribution) => Decentered(site, run, distribution, centeredness));
    }

    private static Split Decentered(Latent site, Run run, Distribution distribution, double centeredness)
    {
        var (loc, scale, family) = Parts(distribution) ?? throw new ModelException(
            $"Decenter('{site}'): {distribution.Family} is not decentered; that is possible for Normal, Laplace, Cauchy, StudentT, Logistic, Gumbel and LogNormal (for a TransformedDistribution use Reparameterize first).");
        var rank = distribution.EventShape.Rank;
        Distribution prior;
        if (centeredness == 0)
        {
            // Without a trace of loc and scale there are no axes but those of particles and plates.
            var shape = (run.Plates.BatchShape + distribution.EventShape).ToArray();
            prior = family(zeros(shape, distribution.DType, distribution.Device), ones(shape, distribution.DType, distribution.Device));
        }
        else
        {
            var shape = (distribution.BatchShape + distribution.EventShape).ToArray();
            prior = family(loc.mul(centeredness).expand(shape), scale.pow(centeredness).expand(shape));
        }

        return new(prior.ToEvent(rank), centeredness != 0 || distribution is StudentT, x =>
        {
            var value = centeredness == 0 ? x.mul(scale).add(loc) : x.sub(loc.mul(centeredness)).mul(scale.pow(1 - centeredness)).add(loc);
            return distribution is LogNormal ? value.exp() : value;
        });
    }

    private static (Tensor Loc, Tensor Scale, Func<Tensor, Tensor, Distribution> Family)? Parts(Distribution distribution) => distribution switch
    {
        Normal normal => (normal.Loc, normal.Scale, (loc, scale) => new Normal(loc, scale)),
        LogNormal log => (log.Loc, log.Scale, (loc, scale) => new Normal(loc, scale)),
        Laplace laplace => (laplace.Loc, laplace.Scale, (loc, scale) => new Laplace(loc, scale)),
        Cauchy cauchy => (cauchy.Loc, cauchy.Scale, (loc, scale) => new Cauchy(loc, scale)),
        StudentT student => (student.Loc, student.Scale, (loc, scale) => new StudentT(student.Df, loc, scale)),
        Logistic logistic => (logistic.Loc, logistic.Scale, (loc, scale) => new Logistic(loc, scale)),
        Gumbel gumbel => (gumbel.Loc, gumbel.Scale, (loc, scale) => new Gumbel(loc, scale)),
        _ => null,
    };
}
