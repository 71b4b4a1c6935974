using static TorchSharp.torch;

namespace ProbVae;

/// <content>The families over vectors and matrices.</content>
internal static partial class ClosedForms
{
    private static KlRegistry RegisterVectors(KlRegistry registry) => registry
        .WithPrecise<Dirichlet, Dirichlet>((q, p) => Stirling.DirichletDivergence(q.Concentration, p.Concentration))
        .WithPrecise<Wishart, Wishart>((q, p) => q.Divergence(p))
        .With<MultivariateNormal, MultivariateNormal>(OfGaussians)
        .With<MultivariateNormal, LowRankMultivariateNormal>(OfGaussians)
        .With<LowRankMultivariateNormal, MultivariateNormal>(OfGaussians)
        .With<LowRankMultivariateNormal, LowRankMultivariateNormal>(OfGaussians)
        .With<Normal, MultivariateNormal>(FromNormal)
        .With<Normal, LowRankMultivariateNormal>(FromNormal)
        .With<MultivariateNormal, Normal>((q, p) => ToNormals(q.Variance, q, p))
        .With<LowRankMultivariateNormal, Normal>((q, p) => ToNormals(q.Variance, q, p));

    // ½ (tr(Σp⁻¹ Σq) + δᵀ Σp⁻¹ δ − D + log |Σp|/|Σq|), δ = μq − μp; the trace sums the norms of the rows of Σq's root.
    private static Tensor OfGaussians(IMultivariateGaussian q, IMultivariateGaussian p)
    {
        if (!(q.IsEveryday && p.IsEveryday))
        {
            return OfGaussians((IMultivariateGaussian)((Distribution)q).InDoublePrecision(), (IMultivariateGaussian)((Distribution)p).InDoublePrecision()).to(((Distribution)q).DType);
        }

        var trace = q.RootRows.Select(rows => p.SquaredNorm(rows).sum(dim: -1)).Aggregate((sum, next) => sum.add(next));
        var distance = p.SquaredNorm(q.Loc.sub(p.Loc).unsqueeze(-2)).squeeze(-1);
        return trace.add(distance).sub(q.Loc.shape[^1]).mul(0.5).add(p.HalfLogDeterminant).sub(q.HalfLogDeterminant);
    }

    // The same for Σq = diag(σ²), one number for each element of the vector; what belongs to the whole of it is shared out evenly.
    private static Tensor FromNormal(Normal q, IMultivariateGaussian p)
    {
        var dimension = p.Loc.shape[^1];
        var trace = q.Scale.square().mul(p.SquaredNorm(eye(dimension, dtype: p.Loc.dtype, device: p.Loc.device)));
        var distance = p.SquaredNorm(q.Loc.sub(p.Loc).unsqueeze(-2));
        return trace.sub(1).mul(0.5).sub(q.Scale.log()).add(distance.mul(0.5).add(p.HalfLogDeterminant.unsqueeze(-1)).div(dimension));
    }

    // −E log p sums over the vector's elements; H(q) = ½ (D log 2πe + log |Σq|), where log 2π cancels.
    private static Tensor ToNormals(Tensor variance, IMultivariateGaussian q, Normal p)
    {
        var density = variance.add(q.Loc.sub(p.Loc).square()).div(p.Scale.square()).sub(1).mul(0.5).add(p.Scale.log());
        return density.sum(dim: -1).sub(q.HalfLogDeterminant);
    }
}
