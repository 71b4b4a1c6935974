using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Laplace's approximation. Trained, this guide is the point of greatest density in unconstrained space; <see cref="Gaussian"/> then
/// gives the normal distribution there whose precision is the Hessian of −log p(x, u).
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoLaplace<TData> : JointGuide<TData>
{
    internal AutoLaplace(Model<TData> model, TData data, AutoGuideOptions options)
        : base(model, data, options)
    {
    }

    /// <summary>The normal guide at the point that was found. It can be drawn from at once, or trained further.</summary>
    /// <param name="data">The whole data, or a minibatch that stands for it.</param>
    /// <exception cref="ModelException">
    /// The Hessian is not positive definite, so the point is no maximum yet; or the model leaves a direction undetermined, as far as the
    /// parameters' type can tell.
    /// </exception>
    public AutoMultivariateNormal<TData> Gaussian(TData data)
    {
        using var scope = NewDisposeScope();
        var hessian = NegativeHessian(data);
        using var noGrad = no_grad();
        RequireMaximum(hessian);
        var (factor, _) = linalg.cholesky_ex(hessian);
        // Σ = H⁻¹ = L Lᵀ, in the type of the parameters.
        var covariance = cholesky_inverse(factor);
        var guide = new AutoMultivariateNormal<TData>(Model, data, Options with { Init = InitTo.Feasible }, 1);
        guide.Set(Loc, linalg.cholesky(covariance.add(covariance.t()).mul(0.5)).to(Loc.dtype));
        return guide;
    }

    /// <summary>The Hessian of −log p(x, u) at the point, by differentiating the gradient number by number.</summary>
    internal Tensor NegativeHessian(TData data)
    {
        // The point moves as one tensor; the model's own parameters stay out of it.
        using var frozen = TrainableParameters.Of([], Model).Freeze();
        var negative = NegativeLogJoint(data);
        var gradient = Gradients.Of(negative, [Loc], differentiable: true)[0];
        var rows = new List<Tensor>();
        for (var row = 0L; row < Dimension; row++)
        {
            rows.Add(gradient.requires_grad ? Gradients.Of(gradient[row], [Loc], keepGraph: true)[0] : zeros_like(Loc, requires_grad: false));
        }

        var hessian = stack(rows).to(ScalarType.Float64);
        return hessian.add(hessian.t()).mul(0.5);
    }

    /// <inheritdoc/>
    protected override Distribution Joint() => new Delta(Loc).ToEvent(1);

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoLaplace<TData>(model, data, options);

    // The numbers' own scales are taken out first: what is left tells whether they are told apart. A matrix that came from numbers of a type
    // has eigenvalues no more exact than its rounding.
    private void RequireMaximum(Tensor hessian)
    {
        var isFinite = hessian.isfinite().all().ToBoolean();
        if (isFinite)
        {
            var scale = hessian.diagonal().abs().sqrt();
            var unit = scale.masked_fill(scale.eq(0), 1).reciprocal();
            var (values, vectors) = linalg.eigh(hessian.mul(unit).mul(unit.unsqueeze(-1)));
            var type = Loc.dtype;
            var rounding = 8 * Dimension * finfo(type).eps;
            var (least, greatest) = (values[0].item<double>(), values[-1].item<double>());
            if (least >= rounding * Math.Max(greatest, 1))
            {
                return;
            }

            if (least > -rounding * Math.Max(greatest, 1))
            {
                throw new ModelException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"AutoLaplace: prior and data leave a direction of {Along(vectors.select(1, 0))} undetermined, as far as {(type == ScalarType.Float64 ? "float64" : "float32")} can tell: −log p(x, u) does not bend along it (of the Hessian with a diagonal of 1 the least eigenvalue is {least:G2}, and its rounding {rounding:G2}). ")
                    + (type == ScalarType.Float64
                        ? "Give these variables priors of finite width, or leave one of them out of the model."
                        : "Where the priors have a finite width, give the model float64 tensors, priors and data, which tell more; otherwise give the variables such priors, or leave one of them out."));
            }
        }

        var found = isFinite ? string.Create(CultureInfo.InvariantCulture, $"its least eigenvalue is {linalg.eigvalsh(hessian)[0].item<double>():G4}") : "it is not finite";
        throw new ModelException($"AutoLaplace: the Hessian of −log p(x, u) at the point that was found is not positive definite ({found}), so the point is no maximum. Take more steps with a smaller learning rate, start elsewhere (init:), or use AutoMultivariateNormal.");
    }

    // The sites whose numbers have a share in a direction.
    private string Along(Tensor direction)
    {
        var (names, from) = (new List<string>(), 0L);
        foreach (var site in Sites)
        {
            var length = site.BatchShape.Count * site.Dimension;
            if (length > 0 && direction.narrow(0, from, length).abs().max().item<double>() > 0.1)
            {
                names.Add($"'{site.Handle}'");
            }

            from += length;
        }

        return string.Join(", ", names);
    }

    private Tensor NegativeLogJoint(TData data)
    {
        var key = Options.Key.Fold("hessian");
        var guide = Execute(data, key, new RunSettings(Layout));
        var model = Model.Execute(data, key, new RunSettings(Layout, Replay: guide, Validate: false));
        // log |det ∂z/∂u| is what the images' densities take from it.
        var images = guide.Latents.Select(site => model[site.Handle].Total(site.Score()).ToTensor());
        var joint = model.Sites.Where(site => site is LatentSite or ObservedSite).Select(site => site.Total(site.Score()).ToTensor().neg());
        return images.Concat(joint).Aggregate((sum, next) => sum.add(next));
    }
}
