using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Passes its input on.</summary>
public sealed class Identity : ParameterLessModule<Tensor, Tensor>
{
    internal Identity()
        : base(nameof(Identity))
    {
    }

    // A new handle: whoever called may dispose of the result without losing the input.
    public override Tensor forward(Tensor tensor) => tensor.alias();
}
