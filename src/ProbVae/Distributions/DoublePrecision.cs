using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Quantities of distributions worked out in float64 and given in the distribution's type.</summary>
internal static class DoublePrecision
{
    /// <summary>A quantity of one distribution.</summary>
    public static Tensor Precisely<T>(this T distribution, Func<T, Tensor> quantity)
        where T : Distribution => quantity((T)distribution.InDoublePrecision()).to(distribution.DType);

    /// <summary>A quantity of one distribution at a value.</summary>
    public static Tensor Precisely<T>(this T distribution, Tensor value, Func<T, Tensor, Tensor> quantity)
        where T : Distribution => quantity((T)distribution.InDoublePrecision(), value.to(ScalarType.Float64)).to(distribution.DType);

    /// <summary>A divergence, in float64 where one of the two has that type.</summary>
    public static KlRegistry WithPrecise<TQ, TP>(this KlRegistry registry, Func<TQ, TP, Tensor> divergence)
        where TQ : Distribution
        where TP : Distribution => registry.With<TQ, TP>((q, p) =>
            divergence((TQ)q.InDoublePrecision(), (TP)p.InDoublePrecision()).to(p.DType == ScalarType.Float64 ? p.DType : q.DType));
}
