using static TorchSharp.torch;
using Sequential = TorchSharp.Modules.Sequential;

namespace ProbVae;

/// <summary>
/// A masked autoencoder: a network over vectors of D numbers, and a context if it has one, whose outputs for element d see the
/// context and the elements before d alone.
/// </summary>
/// <remarks>Source: Germain, Gregor, Murray and Larochelle (2015), MADE: Masked Autoencoder for Distribution Estimation.</remarks>
public sealed class Made : nn.Module<Tensor, Tensor>
{
    // Output weights this small start a flow close to where its biases put it.
    private const double OutputGain = 0.1;

    // Named as torch names them: TorchSharp registers fields under their names.
    private readonly Sequential layers;

    /// <summary>A network of masked linear layers with ELU between them.</summary>
    /// <param name="dimension">D, the length of the vectors.</param>
    /// <param name="outputsPerElement">How many numbers it gives for each element.</param>
    /// <param name="hidden">The widths of the hidden layers.</param>
    /// <param name="key">Where the initial weights' randomness comes from.</param>
    /// <param name="context">The length of a context that every output sees; 0 for none.</param>
    public Made(int dimension, int outputsPerElement, IReadOnlyList<int> hidden, RandomKey key, int context = 0)
        : base(nameof(Made))
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputsPerElement, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(context);
        var modules = new List<nn.Module<Tensor, Tensor>>();
        int[] elements = [.. Enumerable.Range(1, dimension)];
        int[] degrees = [.. elements, .. new int[context]];
        foreach (var (depth, width) in hidden.Index())
        {
            var next = HiddenDegrees(width, dimension, context);
            modules.Add(new MaskedLinear(Mask(degrees, next, (from, to) => from <= to), key.Fold(depth)));
            modules.Add(nn.ELU());
            degrees = next;
        }

        int[] outputs = [.. Enumerable.Repeat(elements, outputsPerElement).SelectMany(degree => degree)];
        modules.Add(new MaskedLinear(Mask(degrees, outputs, (from, to) => from < to), key.Fold(hidden.Count), OutputGain));
        layers = nn.Sequential(modules);
        RegisterComponents();
    }

    /// <summary>The network's outputs.</summary>
    /// <param name="input">Vectors of D numbers, followed on the last axis by the context's.</param>
    /// <returns>Along the last axis the first output of each element, then the second of each, and so on.</returns>
    public override Tensor forward(Tensor input) => layers.call(input);

    // A unit of degree m sees the first m elements. Degree 0 sees the context alone, and the last element is seen by no output.
    private static int[] HiddenDegrees(int width, int dimension, int context)
    {
        var lowest = context > 0 ? 0 : 1;
        var degrees = Math.Max(1, dimension - lowest);
        return [.. Enumerable.Range(0, width).Select(unit => lowest + unit % degrees)];
    }

    private static Tensor Mask(int[] from, int[] to, Func<int, int, bool> sees)
    {
        float[] connections = [.. to.SelectMany(output => from.Select(input => sees(input, output) ? 1f : 0f))];
        return tensor(connections).reshape(to.Length, from.Length);
    }
}
