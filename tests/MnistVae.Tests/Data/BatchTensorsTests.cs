using MnistVae.Data;
using TorchSharp;

namespace MnistVae.Tests.Data;

public sealed class BatchTensorsTests
{
    [Fact]
    public void RowsBecomeAFloatTensor()
    {
        var (digits, _) = ProceduralDigits.Draw(0, 4, 1);
        var batches = new Batches(digits, Binarization.None, 0);
        using var tensor = batches.Tensor([2, 0], epoch: 0);
        Assert.Equal([2L, DigitSet.PixelCount], tensor.shape);
        Assert.Equal(torch.ScalarType.Float32, tensor.dtype);
        Assert.Equal(batches.Pixels([2, 0], 0), tensor.data<float>().ToArray());
    }
}
