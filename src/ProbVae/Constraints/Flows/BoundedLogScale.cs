using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Keeps the logarithms of scales that a network gives in (−5, 5), smoothly, so that no step of training overflows a flow.</summary>
internal static class BoundedLogScale
{
    private const double Bound = 5;

    /// <summary>5 tanh(a / 5): near 0 it is a itself.</summary>
    public static Tensor Of(Tensor unbounded) => unbounded.div(Bound).tanh().mul(Bound);
}
