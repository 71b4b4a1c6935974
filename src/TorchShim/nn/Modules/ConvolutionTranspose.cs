using System;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The transpose of a convolution, which maps the convolution's output shape back to its input shape.</summary>
public abstract class ConvolutionTranspose : Convolution
{
    protected ConvolutionTranspose(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias, padding_mode, device, dtype)
    {
    }

    public override Tensor forward(Tensor input) => forward(input, null);

    public abstract Tensor forward(Tensor input, long[]? output_size);

    /// <summary>Finds the output padding that yields the wanted size; strided convolutions map several sizes to the same one.</summary>
    protected long[] _output_padding(Tensor input, long[]? output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
    {
        if (output_size is null)
        {
            return output_padding;
        }
        var spatial = (int)num_spatial_dims;
        var wanted = output_size.TakeLast(spatial).ToArray();
        var given = input.shape.TakeLast(spatial).ToArray();
        var least = Enumerable.Range(0, spatial)
            .Select(dim => ((given[dim] - 1) * stride[dim]) - (2 * padding[dim]) + (dilation[dim] * (kernel_size[dim] - 1)) + 1)
            .ToArray();
        if (wanted.Length != spatial || wanted.Where((size, dim) => size < least[dim] || size >= least[dim] + stride[dim]).Any())
        {
            throw new ArgumentException($"The output size ({string.Join(", ", output_size)}) cannot be reached: it must be at least ({string.Join(", ", least)}) and exceed that by less than the stride ({string.Join(", ", stride)}).", nameof(output_size));
        }
        return wanted.Zip(least, (size, smallest) => size - smallest).ToArray();
    }
}
