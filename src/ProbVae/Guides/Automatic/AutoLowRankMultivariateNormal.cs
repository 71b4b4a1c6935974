using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// The normal guide with few directions of correlation: one normal distribution over all D unconstrained numbers with the covariance
/// W Wᵀ + diag(e^s)², W of D × R. Its cost grows with D R², where that of <see cref="AutoMultivariateNormal{TData}"/> grows with D².
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoLowRankMultivariateNormal<TData> : JointGuide<TData>
{
    private readonly double _scale;
    private readonly int? _rank;
    private readonly Parameter _logScale;
    private readonly Parameter _factor;

    internal AutoLowRankMultivariateNormal(Model<TData> model, TData data, AutoGuideOptions options, int? rank, double scale)
        : base(model, data, options)
    {
        (_scale, _rank, Rank) = (Start.Positive(scale), rank, rank ?? (int)Math.Ceiling(Math.Sqrt(Dimension)));
        if (Rank < 1 || Rank > Dimension)
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"AutoLowRankMultivariateNormal: the rank must be from 1 to {Dimension}, the number of unconstrained numbers.");
        }

        using var scope = NewDisposeScope();
        using var generator = options.Key.Fold("factor").NewGenerator(Loc.device);
        // At W = 0 every direction would look the same; the diagonal keeps half of the variance.
        var half = scale / Math.Sqrt(2);
        _logScale = NewParameter("logScale", Start.LogScale(Loc, half));
        _factor = NewParameter("factor", randn([Dimension, Rank], Loc.dtype, Loc.device, generator: generator).mul(half / Math.Sqrt(Rank)));
    }

    /// <summary>The number R of directions. Range: 1 to <see cref="JointGuide{TData}.Dimension"/>.</summary>
    public int Rank { get; }

    /// <summary>The covariance of the unconstrained numbers, site by site in the order of <see cref="AutoGuide{TData}.Sites"/>.</summary>
    public Tensor Covariance => matmul(_factor, _factor.transpose(0, 1)).add(_logScale.mul(2).exp().diag_embed());

    /// <inheritdoc/>
    protected override Distribution Joint() => new LowRankMultivariateNormal(Loc, _factor, _logScale.mul(2).exp());

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) =>
        new AutoLowRankMultivariateNormal<TData>(model, data, options, _rank, _scale);
}
