using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class ModuleHookTests
{
    [Fact]
    public void HooksChangeInputAndOutputUntilTheyAreRemoved()
    {
        using var identity = nn.Identity();
        var before = identity.register_forward_pre_hook((_, input) => input + 1);
        var after = identity.register_forward_hook((_, _, output) => output * 10);

        Assert.Equal(30f, identity.call(tensor(2f)).item<float>());
        before.remove();
        Assert.Equal(20f, identity.call(tensor(2f)).item<float>());
        after.remove();
        Assert.Equal(2f, identity.call(tensor(2f)).item<float>());
    }
}
