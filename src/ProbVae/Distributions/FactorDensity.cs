using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What a factor puts at its site: a log weight in a density's place, of a value that is always 0.</summary>
internal sealed class FactorDensity(Tensor logWeight) : Distribution([("logWeight", logWeight, Support.Real, 0)])
{
    /// <inheritdoc/>
    public override string Family => "Factor";

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <inheritdoc/>
    public override Tensor Mean => zeros(FullShape.ToArray(), DType, Device);

    /// <inheritdoc/>
    public override Tensor Variance => Mean;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value) => Arguments[0].Value;

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) => zeros(shape.ToArray(), DType, Device);
}
