using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor that a module trains; it takes over the given tensor and its place in a dispose scope.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(Take(data, requires_grad), register: false) => DisposeScope.ReplaceWith(data, this);

    private static nint Take(Tensor data, bool requiresGrad)
    {
        data.requires_grad = requiresGrad;
        return data.DecoupleFromNativeHandle();
    }
}
