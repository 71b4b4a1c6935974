using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// The normal guide with all correlations: one multivariate normal distribution over all unconstrained numbers, with the covariance
/// L Lᵀ, L = diag(e^s) (I + A), A strictly lower triangular.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoMultivariateNormal<TData> : JointGuide<TData>
{
    private readonly double _scale;
    private readonly Parameter _logScale;
    private readonly Parameter _lower;

    internal AutoMultivariateNormal(Model<TData> model, TData data, AutoGuideOptions options, double scale)
        : base(model, data, options)
    {
        _scale = Start.Positive(scale);
        using var scope = NewDisposeScope();
        _logScale = NewParameter("logScale", Start.LogScale(Loc, scale));
        _lower = NewParameter("lower", zeros([Dimension, Dimension], Loc.dtype, Loc.device));
    }

    /// <summary>The covariance of the unconstrained numbers, site by site in the order of <see cref="AutoGuide{TData}.Sites"/>.</summary>
    public Tensor Covariance => matmul(ScaleTril, ScaleTril.transpose(0, 1));

    /// <summary>Puts the distribution where another approximation found it.</summary>
    internal void Set(Tensor loc, Tensor scaleTril)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var diagonal = scaleTril.diagonal();
        Loc.copy_(loc);
        _logScale.copy_(diagonal.log());
        _lower.copy_(scaleTril.div(diagonal.unsqueeze(-1)).tril(-1));
    }

    private Tensor ScaleTril => _lower.tril(-1).add(eye(Dimension, dtype: Loc.dtype, device: Loc.device)).mul(_logScale.exp().unsqueeze(-1));

    /// <inheritdoc/>
    protected override Distribution Joint() => MultivariateNormal.FromScaleTril(Loc, ScaleTril);

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoMultivariateNormal<TData>(model, data, options, _scale);
}
