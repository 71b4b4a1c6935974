namespace ProbVae.Training.Tests;

public sealed class TrainingProgressTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void InAFileAStepIsALineNowAndThen()
    {
        using (var progress = Progress(inPlace: false))
        {
            for (var batch = 1; batch <= 30; batch++)
            {
                progress.Show(new StepTaken(30 + batch, 2, batch, Means(-101.234, -81, 20.234)));
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            progress.Show(new PassEnded(60, 2, Means(-100.5, -80.25, 20.25), Means(-99, -80, 19)));
            progress.Show(new Validated(60, Means(-99.5, -80, 19.5), true, TimeSpan.FromSeconds(0.26)));
            progress.Show(new StoppedEarly(90, 3, new BestSoFar(60, -99.5)));
        }

        Assert.Equal(
            """
            epoch 2/5   batch 11/30   ELBO -101.23   reconstruction -81.00   KL 20.23   12,346 images/s
            epoch 2/5   batch 21/30   ELBO -101.23   reconstruction -81.00   KL 20.23   12,346 images/s
            epoch 2/5   ELBO -100.50   reconstruction -80.25   KL 20.25   test ELBO -99.00   12,346 images/s   30.0 s
            step 60   validation ELBO -99.50   reconstruction -80.00   KL 19.50   best so far   0.3 s
            step 90   stopped: 3 validations in a row were no better than that of step 60, whose parameters are kept

            """.ReplaceLineEndings("\n"),
            _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void OnATerminalTheLineIsWrittenOverAndEpochsStay()
    {
        using (var progress = Progress(inPlace: true))
        {
            progress.Show(new StepTaken(1, 1, 1, Means(-1000, -900, 100)));
            _time.Advance(TimeSpan.FromSeconds(0.1));
            progress.Show(new StepTaken(2, 1, 2, Means(-1000, -900, 100)));
            _time.Advance(TimeSpan.FromSeconds(0.1));
            progress.Show(new StepTaken(3, 1, 3, Means(-101, -81, 20)));
            progress.Show(new PassEnded(30, 1, Means(-100.5, -80.25, 20.25), null));
            _time.Advance(TimeSpan.FromSeconds(1));
            progress.Show(new StepTaken(31, 2, 1, Means(-99, -80, 19)));
        }

        const string last = "epoch 2/5   batch 1/30   ELBO -99.00   reconstruction -80.00   KL 19.00   12,346 images/s";
        Assert.Equal(
            [
                "epoch 1/5   batch 1/30   ELBO -1000.00   reconstruction -900.00   KL 100.00   12,346 images/s",
                "epoch 1/5   batch 3/30   ELBO -101.00   reconstruction -81.00   KL 20.00   12,346 images/s",
                $"epoch 1/5   ELBO -100.50   reconstruction -80.25   KL 20.25   12,346 images/s   30.0 s{Environment.NewLine}",
                last,
                "",
            ],
            Lines());
        Assert.EndsWith($"{last}\r{new string(' ', last.Length)}\r", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ALoopIsShownFromItsEvents()
    {
        using var folder = new TemporaryFolder();
        using var small = new SmallTraining(folder.At("run"));
        var loop = small.Loop();
        using var progress = new TrainingProgress(new StatusLine(_output, inPlace: false), loop.LastPass, perPass: 3) { Bound = "L_5", Elements = "rows", Time = _time };
        loop.Run(progress.Show, TestContext.Current.CancellationToken);
        Assert.Matches(@"(?m)^epoch 1/5   L_5 -?\d+\.\d\d   reconstruction -?\d+\.\d\d   KL -?\d+\.\d\d .*rows/s   \d+\.\d s\r?$", _output.ToString());
        Assert.Matches(@"(?m)^step \d+   validation L_5 .* s\r?$", _output.ToString());
    }

    // Without the spaces that cover a longer line.
    private IEnumerable<string> Lines() => _output.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd(' ')).Select(line => line.EndsWith('\n') ? $"{line.TrimEnd()}{Environment.NewLine}" : line);

    private TrainingProgress Progress(bool inPlace) => new(new StatusLine(_output, inPlace), passes: 5, perPass: 30) { Elements = "images", Time = _time };

    // 12,345.6 elements a second for 30 seconds.
    private static TermMeans Means(double bound, double reconstruction, double kl)
    {
        const int elements = 370_368;
        var step = new SviStep(0, [new("x", IsKl: false, elements * reconstruction), new("z", IsKl: true, elements * kl)], 0);
        return TermMeans.None.With(step, elements * bound, elements, elements, seconds: 30);
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan span) => _ticks += span.Ticks;
    }
}
