using static TorchSharp.torch;

namespace ProbVae;

/// <summary>log(x/y), exact where x is near y: a power of the quotient multiplies what two logarithms' difference would have lost.</summary>
internal static class LogRatio
{
    /// <summary>log(x/y). Range: x, y &gt; 0.</summary>
    public static Tensor Of(Tensor x, Tensor y)
    {
        var far = x.gt(y.mul(2)).logical_or(x.lt(y.mul(0.5)));
        var near = x.sub(y).div(y).masked_fill(far, 0).log1p();
        return where(far, x.log().sub(y.log()), near);
    }
}
