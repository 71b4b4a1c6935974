using System;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Weights and settings of the convolutions and their transposes.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    protected Parameter? _weight;

    [ComponentName(Name = nameof(bias))]
    protected Parameter? _bias;

    /// <summary>The padding in the order that <c>functional.pad</c> takes: last dimension first, before and after.</summary>
    protected long[] _reversed_padding_repeated_twice = [];

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name)
    {
        if (transposed && padding_mode != PaddingModes.Zeros)
        {
            throw new ArgumentException($"{name} pads with zeros only, not with {padding_mode}.", nameof(padding_mode));
        }
        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.dilation = dilation;
        this.transposed = transposed;
        this.output_padding = output_padding;
        this.groups = groups;
        this.padding_mode = padding_mode;
        if (padding_type is { } type)
        {
            SetPadding(type);
        }
        else
        {
            SetPadding(padding ?? new long[kernel_size.Length]);
        }
        long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = nn.Parameter(empty([.. channels, .. kernel_size], dtype, device));
        if (bias)
        {
            this.bias = nn.Parameter(empty(out_channels, dtype, device));
        }
        reset_parameters();
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public bool transposed { get; }

    public Padding? padding_type { get; private set; }

    public long[]? padding { get; private set; }

    public PaddingModes padding_mode { get; set; }

    public long groups { get; set; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] dilation { get; set; }

    public long[] output_padding { get; set; }

    public Parameter weight
    {
        get => _weight!;
        set => ReplaceParameterField(ref _weight, value, nameof(weight));
    }

    public Parameter? bias
    {
        get => _bias;
        set => ReplaceParameterField(ref _bias, value, nameof(bias));
    }

    public void reset_parameters()
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is not null)
        {
            nn.init.BiasUniform(bias, weight);
        }
    }

    public void SetPadding(long[] padding)
    {
        padding_type = null;
        this.padding = padding;
        _reversed_padding_repeated_twice = padding.Reverse().SelectMany(size => new[] { size, size }).ToArray();
    }

    public void SetPadding(Padding padding)
    {
        if (transposed)
        {
            throw new ArgumentException($"{GetName()} needs its padding in numbers, not as {padding}.", nameof(padding));
        }
        if (padding == Padding.Same && stride.Any(step => step != 1))
        {
            throw new ArgumentException($"Padding that keeps the size needs stride 1, not ({string.Join(", ", stride)}).", nameof(padding));
        }
        padding_type = padding;
        this.padding = null;
        _reversed_padding_repeated_twice = Enumerable.Range(0, kernel_size.Length).Reverse()
            .SelectMany(dim => SizesAround(padding, dim)).ToArray();
    }

    protected bool ValidateShape(Tensor input, long dimensions)
    {
        var shape = input.shape;
        return (shape.Length == dimensions + 2 && shape[1] == in_channels)
            || (shape.Length == dimensions + 1 && shape[0] == in_channels);
    }

    internal void RequireShape(Tensor input, long dimensions)
    {
        if (!ValidateShape(input, dimensions))
        {
            throw new ArgumentException($"{GetName()} expects an input of {dimensions + 1} or, with a batch, {dimensions + 2} dimensions and {in_channels} channels, not one of shape ({string.Join(", ", input.shape)}).", nameof(input));
        }
    }

    // Padding other than with zeros is a step of its own before the convolution.
    internal Tensor Padded(Tensor input) => nn.functional.pad(input, _reversed_padding_repeated_twice, padding_mode);

    private long[] SizesAround(Padding padding, int dim)
    {
        var total = padding == Padding.Same ? dilation[dim] * (kernel_size[dim] - 1) : 0;
        return [total / 2, total - (total / 2)];
    }
}
