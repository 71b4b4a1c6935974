using TorchSharp.Native;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Looks up the row of weight for each index.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private static readonly Op LookUp = new("embedding");

    private readonly long _paddingIndex;
    private readonly bool _scaleGradByFreq;
    private readonly bool _sparse;

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    internal Embedding(Parameter weight, long? padding_idx, bool scale_grad_by_freq, bool sparse)
        : base(nameof(Embedding))
    {
        this.weight = weight;
        _paddingIndex = padding_idx ?? -1;
        _scaleGradByFreq = scale_grad_by_freq;
        _sparse = sparse;
    }

    public Parameter weight
    {
        get => _weight!;
        set => ReplaceParameterField(ref _weight, value, nameof(weight));
    }

    public override Tensor forward(Tensor input) => LookUp.Call(weight, input, _paddingIndex, _scaleGradByFreq, _sparse);
}
