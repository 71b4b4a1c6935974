using MnistVae.Commands;

namespace MnistVae.Tests.Commands;

public sealed class InterruptTests
{
    [Fact]
    public void TheFirstSignalCancelsAndTheSecondEnds()
    {
        using var interrupt = new Interrupt();
        Assert.False(interrupt.Token.IsCancellationRequested);
        Assert.True(interrupt.OnSignal());
        Assert.True(interrupt.Token.IsCancellationRequested);
        Assert.False(interrupt.OnSignal());
    }
}
