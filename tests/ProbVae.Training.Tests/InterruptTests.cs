namespace ProbVae.Training.Tests;

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

    [Fact]
    public void AWriterToAClosedTerminalIsSilent()
    {
        using var closed = new Closed();
        using var writer = new TerminalWriter(closed);
        writer.WriteLine("This is not read.");
        writer.Write("Nor is this.");
        writer.Flush();
        Assert.True(writer.IsClosed);
        Assert.Equal(1, closed.Tries);
        using var open = new StringWriter();
        using var through = new TerminalWriter(open);
        through.Write('a');
        through.Write("bc");
        through.Write(['d', 'e', 'f'], 1, 2);
        through.WriteLine("g");
        Assert.Equal($"abcefg{Environment.NewLine}", open.ToString());
    }

    private sealed class Closed : StringWriter
    {
        public int Tries { get; private set; }

        public override void WriteLine(string? value)
        {
            Tries++;
            throw new IOException("Input/output error");
        }
    }
}
