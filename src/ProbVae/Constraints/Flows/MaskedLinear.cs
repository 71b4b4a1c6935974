using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>A linear layer y = (mask ⊙ W) x + b, whose mask says which outputs see which inputs.</summary>
public sealed class MaskedLinear : nn.Module<Tensor, Tensor>
{
    // Named as torch names them: TorchSharp registers fields under their names.
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor mask;

    /// <summary>A layer with random weights, uniform in ±1/√(inputs), and biases of 0.</summary>
    /// <param name="mask">Of shape outputs × inputs: 1 where the output sees the input, 0 elsewhere.</param>
    /// <param name="key">Where the weights' randomness comes from.</param>
    /// <param name="gain">What the random weights are multiplied by.</param>
    public MaskedLinear(Tensor mask, RandomKey key, double gain = 1)
        : base(nameof(MaskedLinear))
    {
        ArgumentNullException.ThrowIfNull(mask);
        using var generator = key.NewGenerator();
        var bound = gain / Math.Sqrt(Math.Max(1, mask.shape[1]));
        weight = new Parameter(rand(mask.shape, ScalarType.Float32, generator: generator).mul_(2 * bound).sub_(bound));
        bias = new Parameter(zeros(mask.shape[0]));
        this.mask = mask.to(ScalarType.Float32, copy: true);
        RegisterComponents();
        this.DetachFromScope();
    }

    /// <summary>The mask, which nothing changes.</summary>
    internal Tensor Mask => mask;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        // Vectors of float64 keep their digits whatever the type of the weights is.
        var masked = weight.mul(mask);
        return input.dtype == masked.dtype
            ? nn.functional.linear(input, masked, bias)
            : nn.functional.linear(input, masked.to(input.dtype), bias.to(input.dtype));
    }
}
