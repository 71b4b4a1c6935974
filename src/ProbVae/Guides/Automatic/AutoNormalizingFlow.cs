using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// A guide of any shape: a standard normal vector, sent through flows and then scaled and shifted, u = loc + e^s · f(ε), over all
/// unconstrained numbers at once (Rezende and Mohamed 2015, Variational Inference with Normalizing Flows).
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoNormalizingFlow<TData> : JointGuide<TData>
{
    private readonly Func<int, IReadOnlyList<Transform>> _make;
    private readonly double _scale;
    private readonly Parameter _logScale;
    private readonly Transform[] _flows;

    internal AutoNormalizingFlow(Model<TData> model, TData data, AutoGuideOptions options, Func<int, IReadOnlyList<Transform>> flows, double scale)
        : base(model, data, options)
    {
        (_make, _scale) = (flows, Start.Positive(scale));
        using var scope = NewDisposeScope();
        _logScale = NewParameter("logScale", Start.LogScale(Loc, scale));
        _flows = [.. flows((int)Dimension)];
        foreach (var (place, flow) in _flows.Index())
        {
            if (flow is Flow { Dimension: var length } && length != Dimension)
            {
                throw new ArgumentException($"AutoNormalizingFlow: flow {place} is over vectors of {length} numbers; the model's latent variables have {Dimension} unconstrained numbers.", nameof(flows));
            }

            if (flow is Flow network)
            {
                Register($"flow[{place}]", network.Network);
            }
        }

        MoveTo(Loc.detach());
    }

    /// <summary>The flows, the first of which is applied first.</summary>
    public IReadOnlyList<Transform> Flows => _flows;

    private protected override Tensor Middle
    {
        get
        {
            using var noGrad = no_grad();
            return _flows.Aggregate(zeros_like(Loc), (vector, flow) => flow.Forward(vector)).mul(_logScale.exp()).add(Loc);
        }
    }

    /// <inheritdoc/>
    protected override Distribution Joint() => new TransformedDistribution(
        Normal.Standard([Dimension], Loc.device, Loc.dtype),
        [.. _flows, new IndependentTransform(new AffineTransform(Loc, _logScale.exp()), 1)]);

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoNormalizingFlow<TData>(model, data, options, _make, _scale);

    // The flows do not leave 0 where it is.
    private protected override void MoveTo(Tensor start)
    {
        using var noGrad = no_grad();
        Loc.add_(start.sub(Middle));
    }
}
