using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>
/// The matrix products of one step of the VAE and nothing else: of each layer y = x Wᵀ, the weights' gradient gᵀ x and the
/// input's gradient g W, which the first layer does not need.
/// </summary>
internal sealed class VaeMatrixProducts : IContender
{
    public const string Title = "its matrix products alone";

    private static readonly (int In, int Out)[] LayerSizes =
    [
        (VaeProblem.Pixels, VaeProblem.Hidden),
        (VaeProblem.Hidden, VaeProblem.Latents),
        (VaeProblem.Hidden, VaeProblem.Latents),
        (VaeProblem.Latents, VaeProblem.Hidden),
        (VaeProblem.Hidden, VaeProblem.Pixels),
    ];

    private readonly (Tensor Input, Tensor Weight, Tensor Gradient)[] _layers = Array.ConvertAll(LayerSizes, size =>
        (randn(VaeProblem.Batch, size.In), randn(size.Out, size.In), randn(VaeProblem.Batch, size.Out)));

    public string Name => Title;

    public double Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var (input, weight, gradient) = _layers[layer];
            _ = input.mm(weight.t());
            _ = gradient.t().mm(input);
            if (layer > 0)
            {
                _ = gradient.mm(weight);
            }
        }

        return double.NaN;
    }

    public void Dispose()
    {
        foreach (var (input, weight, gradient) in _layers)
        {
            input.Dispose();
            weight.Dispose();
            gradient.Dispose();
        }
    }
}
