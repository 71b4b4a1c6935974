using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A smooth one-to-one map y = f(x) between two spaces, with log |det ∂y/∂x|: what changes a density by
/// log p(y) = log p(x) − log |det ∂y/∂x|.
/// </summary>
public abstract class Transform
{
    /// <summary>Where x lies.</summary>
    public virtual Support Domain => Support.Real;

    /// <summary>Where y lies.</summary>
    public abstract Support Codomain { get; }

    /// <summary>y = f(x).</summary>
    /// <param name="x">In the domain; its last <c>Domain.EventRank</c> axes are one element.</param>
    public abstract Tensor Forward(Tensor x);

    /// <summary>x = f⁻¹(y).</summary>
    /// <param name="y">In the codomain; its last <c>Codomain.EventRank</c> axes are one element.</param>
    public abstract Tensor Inverse(Tensor y);

    /// <summary>log |det ∂y/∂x|, one number for each element.</summary>
    /// <param name="x">A point of the domain.</param>
    /// <param name="y">Its image, so that it need not be computed again.</param>
    public abstract Tensor LogDeterminant(Tensor x, Tensor y);

    /// <summary>
    /// y = f(x), with log |det ∂y/∂x| where it comes from the same work, as it does from a flow's one run of its network; null where
    /// <see cref="LogDeterminant"/> is to be asked for it.
    /// </summary>
    internal virtual (Tensor Y, Tensor? LogDeterminant) ForwardAtOnce(Tensor x) => (Forward(x), null);

    /// <summary>Whether log |det ∂y/∂x| is 0 everywhere, so that nobody need ask for it.</summary>
    internal virtual bool KeepsVolume => false;

    /// <summary>The shape of y for an x of a shape.</summary>
    /// <param name="shape">The shape of x.</param>
    public virtual Shape ForwardShape(Shape shape) => shape;

    /// <summary>The shape of x for a y of a shape.</summary>
    /// <param name="shape">The shape of y.</param>
    public virtual Shape InverseShape(Shape shape) => shape;
}
