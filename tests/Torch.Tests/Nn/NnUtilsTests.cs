using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Nn;

public sealed class NnUtilsTests
{
    [Fact]
    public void ClippingTheNormScalesAllGradientsTogether()
    {
        using var first = WithGradient(3.0);
        using var second = WithGradient(0.0, 4.0);
        using var without = new Parameter(zeros(1));

        Assert.Equal(5.0, nn.utils.clip_grad_norm_([first, second, without], 1.0), 1e-9);

        Assert.Equal(0.6, first.grad![0].item<double>(), 1e-6);
        Assert.Equal(0.8, second.grad![1].item<double>(), 1e-6);
    }

    [Fact]
    public void ANormBelowTheLimitIsLeftAlone()
    {
        using var parameter = WithGradient(3.0, 4.0);

        nn.utils.clip_grad_norm_([parameter], 6.0);

        Assert.Equal([3.0, 4.0], parameter.grad!.data<double>().ToArray());
    }

    [Fact]
    public void ClippingValuesClampsEachElement()
    {
        using var parameter = WithGradient(-3.0, 0.5, 2.0);

        nn.utils.clip_grad_value_([parameter], 1.0);

        Assert.Equal([-1.0, 0.5, 1.0], parameter.grad!.data<double>().ToArray());
    }

    [Fact]
    public void AVectorGoesBackIntoTheParameters()
    {
        using var model = nn.Linear(2, 3);
        using var vector = nn.utils.parameters_to_vector(model.parameters());
        using var doubled = vector.detach() * 2;
        using var before = model.weight.detach().clone();

        nn.utils.vector_to_parameters(doubled, model.parameters());

        Assert.Equal([9], vector.shape);
        Assert.True(model.weight.detach().allclose(before * 2));
    }

    private static Parameter WithGradient(params double[] gradient) => new(zeros(gradient.Length, float64)) { grad = tensor(gradient) };
}
