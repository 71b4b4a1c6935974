using MnistVae.Data;
using ProbVae;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MnistVae.Models;

/// <summary>
/// A latent-variable model without a network, of one count an image: its ink, the number of pixels that are set.
/// z ~ Normal(0, 1), ink | z ~ Binomial(784, σ(shift + spread z)). With one latent number log p(ink) is an integral that quadrature
/// gives, so an estimate can be held against the truth.
/// </summary>
public sealed class InkModel : IDisposable
{
    private const double GridEnd = 10;
    private const int GridSize = 4001;

    private readonly Parameter shift = new(tensor(-2f));
    private readonly Parameter logSpread = new(tensor(0f));
    private readonly Parameter gain = new(tensor(1f));
    private readonly Parameter offset = new(tensor(2f));
    private readonly Parameter logScale = new(tensor(-1f));

    /// <param name="images">How many training images there are.</param>
    public InkModel(int images)
    {
        Generative = Model.Given<Tensor>("ink")
            .Plate("images", total: images)
            .Sample("z", new Normal(0, 1), out var z)
            .Observe("ink", s => Binomial.FromLogits((float)DigitSet.PixelCount, shift + (logSpread.exp() * s[z])), out var ink)
            .Build();

        // q(z | ink) = Normal(z; 0, 1): the draws of the naive estimate, which do not look at the data.
        Prior = Guide.For(Generative).Sample(z, _ => new Normal(0, 1)).Build();

        // q(z | ink) = Normal(z; gain · log odds of the ink + offset, scale): three numbers that are learnt.
        Fitted = Guide.For(Generative).Sample(z, data => new Normal((gain * LogOdds(data)) + offset, logScale.exp())).Build();
        (Code, Ink) = (z, ink);
    }

    /// <summary>p(ink, z).</summary>
    public Model<Tensor> Generative { get; }

    /// <summary>The prior as a guide.</summary>
    public Guide<Tensor> Prior { get; }

    /// <summary>A guide that looks at the ink.</summary>
    public Guide<Tensor> Fitted { get; }

    public Latent Code { get; }

    public Observed Ink { get; }

    /// <summary>Where the log odds of a pixel lie, and how far they spread between images.</summary>
    public (double Shift, double Spread) Learnt => (shift.item<float>(), Math.Exp(logSpread.item<float>()));

    /// <summary>The ink of each image, of shape [images].</summary>
    public static Tensor Count(DigitSet digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        float[] counts = [.. Enumerable.Range(0, digits.Count).Select(i => (float)Set(digits.Image(i)))];
        return tensor(counts);
    }

    /// <summary>log p(ink) of every count from 0 to 784 by the trapezoidal rule, in nats; its error is far below float32's.</summary>
    public Tensor ExactLogEvidence()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var z = linspace(-GridEnd, GridEnd, GridSize, ScalarType.Float64);
        var (at, spread) = Learnt;
        var likelihood = Binomial.FromLogits((double)DigitSet.PixelCount, z.mul(spread).add(at));
        var counts = arange(DigitSet.PixelCount + 1, ScalarType.Float64).unsqueeze(-1).expand(DigitSet.PixelCount + 1, GridSize);
        var joint = likelihood.LogProb(counts).add(new Normal(zeros_like(z), 1).LogProb(z));
        return joint.logsumexp(-1).add(Math.Log(2 * GridEnd / (GridSize - 1))).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var parameter in new[] { shift, logSpread, gain, offset, logScale })
        {
            parameter.Dispose();
        }
    }

    // A half more of each: no ink at all has finite log odds too.
    private static Tensor LogOdds(Tensor ink) => (ink + 0.5).log() - (DigitSet.PixelCount + 0.5 - ink).log();

    private static int Set(ReadOnlySpan<byte> image)
    {
        int count = 0;
        foreach (byte level in image)
        {
            count += level > byte.MaxValue / 2 ? 1 : 0;
        }

        return count;
    }
}
