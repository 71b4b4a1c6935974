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
    /// <exception cref="ModelException">The Hessian is not positive definite: the point is no maximum yet.</exception>
    public AutoMultivariateNormal<TData> Gaussian(TData data)
    {
        using var scope = NewDisposeScope();
        var hessian = NegativeHessian(data);
        using var noGrad = no_grad();
        var (factor, info) = linalg.cholesky_ex(hessian);
        if (info.item<int>() != 0 || !factor.isfinite().all().ToBoolean())
        {
            var least = hessian.isfinite().all().ToBoolean() ? $"its least eigenvalue is {linalg.eigvalsh(hessian)[0].item<double>():G4}" : "it is not finite";
            throw new ModelException($"AutoLaplace: the Hessian of −log p(x, u) at the point that was found is not positive definite ({least}), so the point is no maximum. Take more steps with a smaller learning rate, start elsewhere (init:), or use AutoMultivariateNormal.");
        }

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
