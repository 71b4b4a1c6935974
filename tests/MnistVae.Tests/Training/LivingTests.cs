using MnistVae.Tests.Models;
using ProbVae;

namespace MnistVae.Tests.Training;

/// <summary>Checkpoints by time, early stopping, schedules, clipping, batches of any size, and interrupts at any point.</summary>
public sealed class LivingTests : IDisposable
{
    private const int HeldOut = 8;

    private readonly TemporaryFolder folder = new();
    private readonly DigitData data = SmallDigits.Data().HoldOut(HeldOut);

    // 40 images in batches of 16: three steps an epoch, the last one smaller.
    private static TrainOptions Options { get; } = SmallDigits.Options with { Epochs = 100, Steps = 20, ValidateEvery = 2, HoldOut = HeldOut, LearningRate = 0.03 };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PatienceEndsTraining()
    {
        var run = Train("run", Options with { Steps = 2000, Patience = 3 });
        var rows = run.Validations.Read();
        long best = rows.MaxBy(row => row.Elbo)!.Step;
        Assert.Equal(best + (3 * 2), rows[^1].Step);
        Assert.True(rows[^1].Step < 2000);
        Assert.Equal((rows[^1].Step, best), (StepOf(run, TrainingFolder.LastName), StepOf(run, TrainingFolder.BestName)));
        var (said, _) = Run(run, Options with { Steps = 2000, Patience = 3 }, resume: true);
        Assert.Equal($"step {rows[^1].Step}   stopped: 3 validations in a row were no better than that of step {best}, whose parameters are kept\n", said);
        Assert.Equal(rows[^1].Step, StepOf(run, TrainingFolder.LastName));
    }

    [Fact]
    public void PatienceIsCountedAcrossAResume()
    {
        var options = Options with { Steps = 2000, Patience = 4 };
        var whole = Train("whole", options);
        long end = StepOf(whole, TrainingFolder.LastName);
        // Two validations before the end, on a step that is validated anyway.
        var parts = Train("parts", options with { Steps = (int)end - 4 });
        Run(parts, options, resume: true);
        Assert.Equal(Terms(whole.Validations.Read()), Terms(parts.Validations.Read()));
        Assert.Equal(Parameters(whole), Parameters(parts));
    }

    [Theory]
    [InlineData(Schedule.Constant, 0, 1)]
    [InlineData(Schedule.Cosine, 0, 1)]
    [InlineData(Schedule.Cosine, 5, 0.625)]
    [InlineData(Schedule.Cosine, 10, 0.25)]
    [InlineData(Schedule.Cosine, 99, 0.25)]
    [InlineData(Schedule.Step, 9, 1)]
    [InlineData(Schedule.Step, 10, 0.25)]
    [InlineData(Schedule.Step, 20, 0.0625)]
    public void TheRateFollowsTheSchedule(Schedule schedule, int step, double factor)
    {
        using var session = SmallDigits.Session(Options with { Schedule = schedule, ScheduleSteps = schedule == Schedule.Constant ? null : 10, ScheduleFactor = 0.25 });
        using var batch = SmallDigits.Batch(Options);
        for (int taken = 0; taken <= step; taken++)
        {
            session.Svi.Step(batch);
        }

        Assert.Equal(Options.LearningRate * factor, session.Svi.Optimizer.ParamGroups.Single().LearningRate, 1e-12);
    }

    [Fact]
    public void TheNormIsThatOfTheLossAnImage()
    {
        // A step of plain gradient descent is the rate times the clipped gradient; the rate is divided by the number of images already.
        var options = Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 1, ClipNorm = 0.5 };
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Batch(options);
        float[] before = [.. session.Svi.Parameters.ByName.Values.SelectMany(parameter => parameter.detach().data<float>().ToArray())];
        session.Svi.Step(batch);
        Assert.True(session.Svi.GradientNorm > 0.5 * SmallDigits.Count);
        float[] after = [.. session.Svi.Parameters.ByName.Values.SelectMany(parameter => parameter.detach().data<float>().ToArray())];
        double moved = Math.Sqrt(before.Zip(after, (a, b) => Math.Pow(a - b, 2)).Sum());
        Assert.Equal(0.5, moved, 1e-4);
    }

    [Fact]
    public void BatchesThatAreMadeAheadChangeNothing()
    {
        var options = Options with { Binarize = Binarization.Dynamic, Schedule = Schedule.Step, ScheduleSteps = 6, ClipNorm = 5 };
        Assert.Equal(Parameters(Train("now", options)), Parameters(Train("ahead", options with { Prefetch = 2 })));
    }

    [Theory]
    [InlineData(1, Structure.Plain, Network.Dense)]
    [InlineData(1, Structure.Plain, Network.Convolutional)]
    [InlineData(1, Structure.Conditional, Network.Dense)]
    [InlineData(1, Structure.Hierarchical, Network.Dense)]
    [InlineData(39, Structure.Plain, Network.Dense)]
    [InlineData(64, Structure.Plain, Network.Dense)]
    public void BatchesOfAnySizeTrain(int size, Structure structure, Network network)
    {
        var run = Train("run", Options with { Batch = size, Structure = structure, Network = network, Steps = 3, LearningRate = 0.003 });
        Assert.Equal(3, StepOf(run, TrainingFolder.LastName));
        Assert.All(run.Validations.Read(), row => Assert.True(double.IsFinite(row.Elbo)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void ACheckpointIsWrittenWhenItsTimeHasCome(double minutes)
    {
        // No epoch ends and nothing is validated in eleven steps; each takes a minute by this clock.
        var options = Options with { Batch = 1, ValidateEvery = null, Steps = 12, CheckpointMinutes = minutes };
        var run = RunFolder.Create(folder.At("run"), RunRecord.Start(options, data.Source), overwrite: false);
        using var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        var trainer = new Trainer(options, data, run, session, new MinuteByMinute());
        var sizes = new List<long>();
        Assert.Throws<InvalidOperationException>(() => Train(trainer, () =>
        {
            // Training tells after a step and before its checkpoint; a crash comes in the tenth.
            sizes.Add(run.Has(TrainingFolder.LastName) ? StepOf(run, TrainingFolder.LastName) : 0);
            if (sizes.Count == 10)
            {
                throw new InvalidOperationException("a crash");
            }
        }));
        Assert.Equal(minutes == 0 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [0, 0, 0, 0, 0, 5, 5, 5, 5, 5], sizes);
        var (_, step) = Run(run, options, resume: true);
        Assert.Equal(12, step);
        Assert.Equal(Parameters(Train("whole", options)), Parameters(run));
    }

    [Fact]
    public void ARunThatEndedBeforeItsFirstCheckpointBeginsAgain()
    {
        var run = RunFolder.Create(folder.At("run"), RunRecord.Start(Options, data.Source), overwrite: false);
        run.Validations.Append(new ValidationRow(2, -100, -90, 10, 1));
        File.WriteAllBytes(run.PathOf(".checkpoint.bin.part"), [1]);
        Run(run, Options, resume: true);
        Assert.Equal(Parameters(Train("whole", Options)), Parameters(run));
        Assert.Equal(10, run.Validations.Read().Count);
        Assert.False(run.Has(".checkpoint.bin.part"));
    }

    [Fact]
    public void AnInterruptInAMeasurementLosesNothing()
    {
        // Every step ends an epoch or is validated; the token is cancelled during step n, so that the measurements after it are cut short.
        var options = Options with { Batch = 40, ValidateEvery = 1, Steps = 6 };
        var whole = Train("whole", options);
        for (int stop = 1; stop < 6; stop++)
        {
            var run = RunFolder.Create(folder.At($"run{stop}"), RunRecord.Start(options, data.Source), overwrite: false);
            using (var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1))
            {
                using var interrupt = new CancellationTokenSource();
                int steps = 0;
                var trainer = new Trainer(options, data, run, session);
                Assert.Throws<OperationCanceledException>(() => Train(trainer, () =>
                {
                    if (++steps == stop)
                    {
                        interrupt.Cancel();
                    }
                }, interrupt.Token));
                Assert.Equal(stop, session.Svi.StepCount);
            }

            Run(run, options, resume: true);
            Assert.Equal(Terms(whole.Validations.Read()), Terms(run.Validations.Read()));
            Assert.Equal(whole.History.Read().Select(row => row.TestElbo), run.History.Read().Select(row => row.TestElbo));
            Assert.Equal(whole.History.Read().Select(row => row.Elbo), run.History.Read().Select(row => row.Elbo));
            Assert.Equal(Parameters(whole), Parameters(run));
        }
    }

    [Fact]
    public void ADamagedStateOfTheTrainingIsASentence()
    {
        var run = Train("run", Options);
        string path = run.PathOf(TrainingFolder.LastName);
        byte[] bytes = File.ReadAllBytes(path);
        using var session = new Session(Options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        for (int place = 0; place < 120; place++)
        {
            bytes[place] ^= 0x10;
            File.WriteAllBytes(path, bytes);
            var error = Assert.Throws<CheckpointException>(() => run.Load(session.Svi));
            Assert.StartsWith($"{path} cannot be used (", error.Message, StringComparison.Ordinal);
            bytes[place] ^= 0x10;
        }
    }

    private RunFolder Train(string name, TrainOptions options)
    {
        var run = RunFolder.Create(folder.At(name), RunRecord.Start(options, data.Source), overwrite: false);
        Run(run, options, resume: false);
        return run;
    }

    private (string Said, long Step) Run(RunFolder run, TrainOptions options, bool resume)
    {
        using var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        var trainer = new Trainer(options, data, run, session);
        if (resume)
        {
            trainer.Resume();
        }

        using var output = new StringWriter();
        using var progress = trainer.ShowOn(new StatusLine(output, inPlace: false));
        trainer.Train(progress.Show, CancellationToken.None);
        return (output.ToString().ReplaceLineEndings("\n"), session.Svi.StepCount);
    }

    private static void Train(Trainer trainer, Action afterStep, CancellationToken cancellation = default) => trainer.Train(
        happened =>
        {
            if (happened is StepTaken)
            {
                afterStep();
            }
        },
        cancellation);

    private long StepOf(RunFolder run, string checkpoint)
    {
        using var session = new Session(run.Record.Options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        run.Load(session.Svi, checkpoint);
        return session.Svi.StepCount;
    }

    private Dictionary<string, float[]> Parameters(RunFolder run)
    {
        using var session = new Session(run.Record.Options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        run.Load(session.Svi);
        return session.Svi.Parameters.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.detach().data<float>().ToArray());
    }

    private static IEnumerable<ValidationRow> Terms(IEnumerable<ValidationRow> rows) => rows.Select(row => row with { Seconds = 0 });

    // A minute passes between a checkpoint's two looks at the clock.
    private sealed class MinuteByMinute : TimeProvider
    {
        private long minutes;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => TimeSpan.TicksPerMinute * minutes++;
    }
}
