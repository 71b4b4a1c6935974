using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Modules of our own that outlive the dispose scope in which they are made.</summary>
/// <remarks>
/// TorchSharp 0.107.0 takes the tensors of its own modules out of the scope, and leaves those of modules derived from
/// <c>nn.Module</c> in it: the module would lose its parameters with the scope.
/// </remarks>
internal static class ModuleScopes
{
    /// <summary>Takes a module's parameters and buffers out of the dispose scope; they live until the module is disposed of.</summary>
    public static void DetachFromScope(this nn.Module module)
    {
        foreach (var parameter in module.parameters())
        {
            parameter.DetachFromDisposeScope();
        }

        foreach (var buffer in module.buffers())
        {
            buffer.DetachFromDisposeScope();
        }
    }
}
