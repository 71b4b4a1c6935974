using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The ends of a tensor's range, outside any graph: they decide between a formula for everyday numbers and a slower one that also
/// holds far out. One pass each; NaN where the tensor holds one.
/// </summary>
internal static class Extremes
{
    /// <summary>The least number; infinity where there is none.</summary>
    public static double Least(Tensor value) => Of(value, double.PositiveInfinity, range => range.Least, all => all.min());

    /// <summary>The greatest number; negative infinity where there is none.</summary>
    public static double Greatest(Tensor value) => Of(value, double.NegativeInfinity, range => range.Greatest, all => all.max());

    /// <summary>The greatest distance from 0; negative infinity where there is no number.</summary>
    public static double Reach(Tensor value) => Math.Max(-Least(value), Greatest(value));

    private static double Of(Tensor value, double ofNone, Func<(double Least, double Greatest), double> ofFew, Func<Tensor, Tensor> ofMany)
    {
        if (value.numel() == 0)
        {
            return ofNone;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return HostNumbers.Range(value) is { } range ? ofFew(range) : ofMany(value).to(ScalarType.Float64).item<double>();
    }
}
