using ProbVae;
using Spectre.Console;

namespace MnistVae.Tests.Commands;

public sealed class TrainingDisplayTests : IDisposable
{
    private readonly StringWriter output = new();
    private readonly ManualTime time = new();

    public void Dispose() => output.Dispose();

    [Fact]
    public void PlainLinesComeNowAndThen()
    {
        TrainingDisplay.Run(Console(AnsiSupport.No), moves: false, time, display =>
        {
            for (int batch = 1; batch <= 30; batch++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                display.Show(new StepTaken(30 + batch, 2, batch, Means(-101.234, -81, 20.234)), 5, 30);
            }

            display.Show(new PassEnded(60, 2, Means(-100.5, -80.25, 20.25), Means(-99, -80, 19)), 5, 30);
        });
        Assert.Equal(
            """
            epoch 2/5   batch 10/30   ELBO -101.23   reconstruction -81.00   KL 20.23   12,346 images/s
            epoch 2/5   batch 20/30   ELBO -101.23   reconstruction -81.00   KL 20.23   12,346 images/s
            epoch 2/5   batch 30/30   ELBO -101.23   reconstruction -81.00   KL 20.23   12,346 images/s
            epoch 2/5   ELBO -100.50   reconstruction -80.25   KL 20.25   test ELBO   -99.00   12,346 images/s   30.0 s

            """.ReplaceLineEndings("\n"),
            output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void ATerminalShowsABarAndKeepsTheEpochs()
    {
        TrainingDisplay.Run(Console(AnsiSupport.Yes), moves: true, time, display =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            display.Show(new StepTaken(10, 1, 10, Means(-101.234, -81, 20.234)), 5, 20);
            display.Show(new PassEnded(20, 1, Means(-100.5, -80.25, 20.25), null), 5, 20);
        });
        string shown = output.ToString();
        Assert.Contains("epoch 1/5   batch 10/20", shown, StringComparison.Ordinal);
        Assert.Contains("epoch 1/5   ELBO -100.50   reconstruction -80.25   KL 20.25   12,346 images/s   30.0 s", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void AFailureOfTrainingComesThrough() => Assert.Throws<UserError>(
        () => TrainingDisplay.Run(Console(AnsiSupport.Yes), moves: true, time, _ => throw new UserError("The disk is full.")));

    [Fact]
    public void AFileIsNoPlaceForMovingLines() => Assert.False(TrainingDisplay.CanMove(Console(AnsiSupport.Yes)));

    // 12,345.6 images a second for 30 seconds.
    private static TermMeans Means(double bound, double reconstruction, double kl)
    {
        const int images = 370_368;
        var step = new SviStep(0, [new("x", IsKl: false, images * reconstruction), new("z", IsKl: true, images * kl)], 0);
        return TermMeans.None.With(step, images * bound, images, images, seconds: 30);
    }

    private IAnsiConsole Console(AnsiSupport ansi)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = ansi, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        return console;
    }

    private sealed class ManualTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan span) => ticks += span.Ticks;
    }
}
