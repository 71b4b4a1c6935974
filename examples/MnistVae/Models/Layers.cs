using MnistVae.Commands;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>Stacks of linear layers.</summary>
public static class Layers
{
    /// <summary>Linear layers of the given widths with an activation between them.</summary>
    public static Module<Tensor, Tensor> Stack(IReadOnlyList<int> widths, Activation activation)
    {
        ArgumentNullException.ThrowIfNull(widths);
        var layers = new List<Module<Tensor, Tensor>>();
        foreach (var (from, to) in widths.Zip(widths.Skip(1)))
        {
            if (layers.Count > 0)
            {
                layers.Add(Between(activation));
            }

            layers.Add(Linear(from, to));
        }

        return Sequential(layers);
    }

    /// <summary>What stands between two layers.</summary>
    public static Module<Tensor, Tensor> Between(Activation activation) => activation switch
    {
        Activation.Elu => ELU(),
        Activation.Tanh => Tanh(),
        Activation.Softplus => Softplus(),
        _ => ReLU(),
    };
}
