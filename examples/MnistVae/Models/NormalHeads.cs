using MnistVae.Commands;
using ProbVae;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>From one code to a Normal distribution of another: hidden layers, then a head for the location and one for the scale.</summary>
public sealed class NormalHeads : Module<Tensor, Normal>
{
    private readonly Module<Tensor, Tensor> layers;

    public NormalHeads(int from, int hidden, int to, Activation activation)
        : base(nameof(NormalHeads))
    {
        layers = Layers.Stack([from, hidden, 2 * to], activation);
        RegisterComponents();
    }

    public override Normal forward(Tensor input)
    {
        var heads = layers.call(input).chunk(2, -1);
        return new Normal(heads[0], heads[1].exp());
    }
}
