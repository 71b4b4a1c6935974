using static TorchSharp.torch;
using Sequential = TorchSharp.Modules.Sequential;

namespace ProbVae;

/// <summary>The network of a coupling: linear layers in which every output sees every input, with ELU between them.</summary>
internal sealed class CouplingNetwork : nn.Module<Tensor, Tensor>
{
    private const double OutputGain = 0.1;

    // Named as torch names them: TorchSharp registers fields under their names.
    private readonly Sequential layers;

    public CouplingNetwork(IReadOnlyList<int> widths, RandomKey key)
        : base(nameof(CouplingNetwork))
    {
        var modules = new List<nn.Module<Tensor, Tensor>>();
        foreach (var (depth, (from, to)) in widths.Zip(widths.Skip(1)).Index())
        {
            var isLast = depth == widths.Count - 2;
            modules.Add(new MaskedLinear(ones(to, from), key.Fold(depth), isLast ? OutputGain : 1));
            if (!isLast)
            {
                modules.Add(nn.ELU());
            }
        }

        layers = nn.Sequential(modules);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => layers.call(input);
}
