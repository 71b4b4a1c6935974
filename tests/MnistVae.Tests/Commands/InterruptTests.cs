using MnistVae.Commands;

namespace MnistVae.Tests.Commands;

public sealed class InterruptTests
{
    [Fact]
    public void TheFirstSignalCancelsAndTheSecondEnds()
    {
        var told = new List<string>();
        using var interrupt = new Interrupt(told.Add);
        Assert.False(interrupt.Token.IsCancellationRequested);
        Assert.True(interrupt.OnSignal());
        Assert.True(interrupt.Token.IsCancellationRequested);
        Assert.False(interrupt.OnSignal());
        Assert.Equal("Stopping; what was learnt so far is being kept. Press Ctrl-C again to quit at once.", Assert.Single(told));
    }
}
