using MnistVae.Tests.Models;
using ProbVae;

namespace MnistVae.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private const int HeldOut = 8;

    private readonly TemporaryFolder folder = new();
    private readonly DigitData data = SmallDigits.Data().HoldOut(HeldOut);

    // 40 images in batches of 16: three steps an epoch, the last one smaller.
    private static TrainOptions Options { get; } = SmallDigits.Options with { Epochs = 100, Steps = 14, ValidateEvery = 2, HoldOut = HeldOut, LearningRate = 0.05 };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void StepsEndTrainingInTheMiddleOfAnEpoch()
    {
        var run = Train("run", Options);
        Assert.Equal([1, 2, 3, 4], run.History.Read().Select(row => row.Epoch));
        Assert.Equal([2L, 4, 6, 8, 10, 12, 14], run.Validations.Read().Select(row => row.Step));
        Assert.Equal(14, StepOf(run, TrainingFolder.LastName));
    }

    [Fact]
    public void EpochsEndTrainingWhereTheyAreFewer()
    {
        var run = Train("run", Options with { Epochs = 2 });
        Assert.Equal(6, StepOf(run, TrainingFolder.LastName));
    }

    [Fact]
    public void TheLastStepIsMeasuredWhereverItFalls()
    {
        var run = Train("run", Options with { Steps = 5, ValidateEvery = 4 });
        Assert.Equal([4L, 5], run.Validations.Read().Select(row => row.Step));
    }

    [Fact]
    public void TheBestCheckpointIsThatOfTheBestValidation()
    {
        // So many steps on so few images that the last measurement is not the best.
        var run = Train("run", Options with { Steps = 150, LearningRate = 0.03 });
        var rows = run.Validations.Read();
        var best = rows.MaxBy(row => row.Elbo)!;
        Assert.NotEqual(rows[^1].Step, best.Step);
        Assert.Equal(best.Step, StepOf(run, TrainingFolder.BestName));
        using var session = SessionOf(run);
        Assert.Equal(new BestSoFar(best.Step, best.Elbo), run.Training.LoadBest(session.Svi).Best);
        var measured = SmallDigits.Measure(session, data.Validation!, Options.Batch, data.Train.Count);
        Assert.Equal(best.Elbo, measured.Bound);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void AnInterruptedRunResumesBitForBit(int stop)
    {
        var options = Options with { Steps = 20 };
        var whole = Train("whole", options);
        var parts = Train("parts", options with { Steps = stop });
        Train(parts, options, resume: true);

        // A measurement at the step where the first part ended is one more than the whole run has.
        Assert.Equal(Terms(whole.Validations.Read()), Terms(parts.Validations.Read()).Where(row => row.Step != stop || stop % 2 == 0));
        Assert.Equal(
            whole.History.Read().Select(row => row with { Seconds = 0, ImagesPerSecond = 0 }),
            parts.History.Read().Select(row => row with { Seconds = 0, ImagesPerSecond = 0 }));
        Assert.Equal(Parameters(whole, TrainingFolder.LastName), Parameters(parts, TrainingFolder.LastName));
        Assert.Equal(Parameters(whole, TrainingFolder.BestName), Parameters(parts, TrainingFolder.BestName));
    }

    [Fact]
    public void ARunWithoutValidationHasNoBestCheckpoint()
    {
        var run = Train("run", Options with { ValidateEvery = null });
        Assert.False(run.Has(TrainingFolder.BestName));
        Assert.False(run.Has(RunFolder.ValidationName));
        using var session = SessionOf(run);
        Assert.Null(run.Training.LoadBest(session.Svi).Best);
        Assert.Equal(14, session.Svi.StepCount);
    }

    [Fact]
    public void ADamagedCheckpointIsASentence()
    {
        var run = Train("run", Options);
        var path = run.PathOf(TrainingFolder.LastName);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^9]);
        using var session = SessionOf(run);
        var error = Assert.Throws<CheckpointException>(() => run.Load(session.Svi));
        Assert.StartsWith($"{path} cannot be used (", error.Message, StringComparison.Ordinal);
    }

    private RunFolder Train(string name, TrainOptions options)
    {
        var run = RunFolder.Create(folder.At(name), RunRecord.Start(options, data.Source), overwrite: false);
        Train(run, options, resume: false);
        return run;
    }

    private void Train(RunFolder run, TrainOptions options, bool resume)
    {
        using var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        var trainer = new Trainer(options, data, run, session);
        if (resume)
        {
            trainer.Resume();
        }

        trainer.Train(_ => { }, CancellationToken.None);
    }

    private Session SessionOf(RunFolder run) => new(run.Record.Options, data.Train.Count, DeviceKind.Cpu, threads: 1);

    private long StepOf(RunFolder run, string checkpoint)
    {
        using var session = SessionOf(run);
        run.Load(session.Svi, checkpoint);
        return session.Svi.StepCount;
    }

    private Dictionary<string, float[]> Parameters(RunFolder run, string checkpoint)
    {
        using var session = SessionOf(run);
        run.Load(session.Svi, checkpoint);
        return session.Svi.Parameters.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.detach().data<float>().ToArray());
    }

    private static IEnumerable<ValidationRow> Terms(IEnumerable<ValidationRow> rows) => rows.Select(row => row with { Seconds = 0 });
}
