using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Linear = TorchSharp.Modules.Linear;

namespace ProbVae.Benchmarks;

/// <summary>784 pixels → 200, ReLU → location and log scale of the 10 latent variables.</summary>
internal sealed class Encoder : Module<Tensor, (Tensor Loc, Tensor LogScale)>
{
    private readonly Linear _hidden = Linear(VaeProblem.Pixels, VaeProblem.Hidden);
    private readonly Linear _loc = Linear(VaeProblem.Hidden, VaeProblem.Latents);
    private readonly Linear _logScale = Linear(VaeProblem.Hidden, VaeProblem.Latents);

    public Encoder()
        : base("encoder") => RegisterComponents();

    public override (Tensor Loc, Tensor LogScale) forward(Tensor input)
    {
        var hidden = _hidden.call(input).relu();
        return (_loc.call(hidden), _logScale.call(hidden));
    }
}
