using static TorchSharp.torch;

namespace MnistVae;

/// <summary>Images with their labels, where the source has labels: the data of one step.</summary>
/// <param name="Images">Pixels in [0, 1], of shape [images, 784].</param>
/// <param name="Labels">A one and nine zeros an image, of shape [images, 10]; null where nobody knows.</param>
public sealed record ImageBatch(Tensor Images, Tensor? Labels) : IDisposable
{
    /// <summary>The digits there are.</summary>
    public const int Classes = 10;

    /// <summary>How many images.</summary>
    public long Count => Images.shape[0];

    /// <summary>Labels as ones and zeros.</summary>
    /// <param name="digits">A digit an image, as whole numbers.</param>
    public static Tensor OneHot(Tensor digits, Device device) => nn.functional.one_hot(digits.to(ScalarType.Int64), Classes).to(ScalarType.Float32).to(device);

    /// <summary>Vectors with the labels behind them.</summary>
    /// <param name="vectors">One an image, perhaps with axes in front.</param>
    /// <exception cref="InvalidOperationException">There are no labels.</exception>
    public Tensor BesideLabels(Tensor vectors)
    {
        var labels = Labels ?? throw new InvalidOperationException("These images have no labels.");
        return cat([vectors, labels.expand([.. vectors.shape[..^1], Classes])], -1);
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels?.Dispose();
    }
}
