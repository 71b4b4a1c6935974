using static TorchSharp.torch;

namespace ProbVae;

/// <content>Families with finitely many values.</content>
public abstract partial class Distribution
{
    /// <summary>All values that one event can take, along a first axis, in the type that draws have; null where they are not finitely many, or not the same for the whole batch.</summary>
    /// <returns>Of shape K + event.</returns>
    public Tensor? EnumerateSupport()
    {
        if (_eventAxes > 0 || Support.Elements is not { } elements)
        {
            return null;
        }

        return elements.to(DrawType, Device);
    }

    /// <summary>The type of draws: that of the arguments unless a family says otherwise.</summary>
    internal virtual ScalarType DrawType => DType;
}
