using static TorchSharp.torch;

namespace ProbVae;

/// <summary>erfcx(x) = exp(x²) erfc(x), which neither underflows nor overflows where x is large.</summary>
/// <remarks>TorchSharp 0.107.0: <c>special.erfcx</c> calls erfc. Torch's own function is reached through a script.</remarks>
internal static class ScaledErfc
{
    private static readonly jit.CompilationUnit Script = jit.compile("def erfcx(x):\n    return torch.special_erfcx(x)\n");

    public static Tensor Erfcx(this Tensor x) => Script.invoke<Tensor>("erfcx", x);
}
