using System.Globalization;

namespace ProbVae.Training.Tests;

/// <summary>A training that was stopped anywhere and resumed ends as one that was left alone: the same parameters, the same events.</summary>
public sealed class TrainingLoopTests : IDisposable
{
    private readonly TemporaryFolder _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void PassesStepsAndValidationsAreTold()
    {
        using var small = new SmallTraining(_folders.At("run"));
        var told = new List<TrainingEvent>();
        Assert.Equal(14, small.Loop().Run(told.Add));
        Assert.Equal(Enumerable.Range(1, 14).Select(step => (long)step), told.OfType<StepTaken>().Select(step => step.Step));
        Assert.Equal([(3L, 1L), (6L, 2L), (9L, 3L), (12L, 4L)], told.OfType<PassEnded>().Select(pass => (pass.Step, pass.Pass)));
        Assert.Equal([2L, 4, 6, 8, 10, 12, 14], told.OfType<Validated>().Select(validated => validated.Step));
        Assert.All(told.OfType<PassEnded>(), pass => Assert.Equal((SmallTraining.Rows, 10L), (pass.Training.Elements, pass.Test!.Elements)));
        Assert.Equal([(1L, 1L), (1L, 2L), (1L, 3L), (2L, 1L)], told.OfType<StepTaken>().Take(4).Select(step => (step.Pass, step.InPass)));
        Assert.Equal(told.OfType<Validated>().Max(validated => validated.Measured.Bound), small.Loop().Best?.Bound ?? small.Folder.LoadBest(small.Svi).Best!.Bound);
    }

    [Fact]
    public void WhereverItIsCancelledItGoesOnBitForBit()
    {
        var whole = Uninterrupted(out var state);
        for (var stop = 1; stop < 14; stop++)
        {
            using var interrupt = new CancellationTokenSource();
            var told = new List<TrainingEvent>();
            using (var first = new SmallTraining(_folders.At($"cancelled {stop}")))
            {
                // Cancelled in the step itself, so that the measurements after it are cut short.
                Assert.Throws<OperationCanceledException>(() => first.Loop().Run(
                    happened =>
                    {
                        told.Add(happened);
                        if (happened is StepTaken { Step: var step } && step == stop)
                        {
                            interrupt.Cancel();
                        }
                    },
                    interrupt.Token));
            }

            Resume($"cancelled {stop}", told, whole, state);
        }
    }

    [Fact]
    public void AListenerThatCancelsLosesNothing()
    {
        var whole = Uninterrupted(out var state);
        for (var stop = 1; stop < whole.Count; stop++)
        {
            var told = new List<TrainingEvent>();
            using (var first = new SmallTraining(_folders.At($"listener {stop}")))
            {
                Assert.Throws<OperationCanceledException>(() => first.Loop().Run(happened =>
                {
                    told.Add(happened);
                    if (told.Count == stop)
                    {
                        throw new OperationCanceledException();
                    }
                }));
            }

            Resume($"listener {stop}", told, whole, state);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void WhereverItCrashesItGoesOnFromTheLastCheckpoint(int minutes)
    {
        var whole = Uninterrupted(out var state);
        // The very first event, one in the middle of a pass, and each kind of event.
        for (var stop = 1; stop < whole.Count; stop += 3)
        {
            var told = new List<TrainingEvent>();
            using (var first = new SmallTraining(_folders.At($"crashed {minutes} {stop}")))
            {
                Assert.Throws<InvalidOperationException>(() => first.Loop(first.Options with { CheckpointEvery = TimeSpan.FromMinutes(minutes) }).Run(happened =>
                {
                    told.Add(happened);
                    if (told.Count == stop)
                    {
                        throw new InvalidOperationException("a crash");
                    }
                }));
            }

            Resume($"crashed {minutes} {stop}", told, whole, state);
        }
    }

    [Fact]
    public void PatienceIsCountedAcrossAResume()
    {
        // So large a rate that the bound does not rise for long.
        static TrainingOptions<TorchSharp.torch.Tensor> Patient(SmallTraining small) => small.Options with { Steps = 2000, Patience = 4 };
        using var whole = new SmallTraining(_folders.At("whole"), rate: 0.5);
        var told = new List<TrainingEvent>();
        var end = whole.Loop(Patient(whole)).Run(told.Add);
        Assert.InRange(end, 10, 1999);
        var early = Assert.IsType<StoppedEarly>(told[^1]);
        Assert.Equal((end, 4, end - 8), (early.Step, early.Validations, early.Best.Step));

        using (var first = new SmallTraining(_folders.At("parts"), rate: 0.5))
        {
            first.Loop(Patient(first) with { Steps = end - 4 }).Run();
        }

        using var second = new SmallTraining(_folders.At("parts"), rate: 0.5);
        var loop = second.Loop(Patient(second));
        Assert.True(loop.Resume());
        Assert.Equal(end, loop.Run());
        Assert.Equal(whole.State, second.State);
        Assert.Equal(early.Best, loop.Best);
        // What has lost its patience takes no further step.
        Assert.Equal(end, loop.Run());
    }

    [Fact]
    public void TheBestCheckpointIsThatOfTheBestValidation()
    {
        using var small = new SmallTraining(_folders.At("run"), rate: 0.5);
        var told = new List<TrainingEvent>();
        small.Loop(small.Options with { Steps = 60 }).Run(told.Add);
        var best = told.OfType<Validated>().MaxBy(validated => validated.Measured.Bound)!;
        Assert.NotEqual(60, best.Step);
        Assert.Equal([.. told.OfType<Validated>().Where(validated => validated.IsBest).Select(validated => validated.Measured.Bound).Order()], told.OfType<Validated>().Where(validated => validated.IsBest).Select(validated => validated.Measured.Bound));
        Assert.Equal(new BestSoFar(best.Step, best.Measured.Bound), small.Folder.LoadBest(small.Svi).Best);
        Assert.Equal(best.Step, small.Svi.StepCount);
        Assert.Equal(best.Measured.Bound, TermMeans.Measure(small.Svi, small.HeldOut, SmallTraining.Rows).Bound);
    }

    [Fact]
    public void WithoutValidationThereIsNoBest()
    {
        using var small = new SmallTraining(_folders.At("run"));
        small.Loop(new() { Passes = 2 }).Run();
        Assert.Equal((true, false, 6), (small.Folder.HasLast, small.Folder.HasBest, small.Svi.StepCount));
        Assert.Null(small.Folder.LoadBest(small.Svi).Best);
    }

    [Fact]
    public void PassesAndStepsBoundATraining()
    {
        using var small = new SmallTraining(_folders.At("run"));
        Assert.Equal((6L, 2L), (small.Loop(new() { Passes = 2 }).LastStep, small.Loop(new() { Passes = 2 }).LastPass));
        Assert.Equal((4L, 2L), (small.Loop(new() { Passes = 2, Steps = 4 }).LastStep, small.Loop(new() { Passes = 2, Steps = 4 }).LastPass));
        Assert.False(small.Loop().Resume());
    }

    [Fact]
    public void OptionsThatDoNotGoTogetherAreSentences()
    {
        using var small = new SmallTraining(_folders.At("run"));
        Assert.Equal("Training has no end: give Passes, Steps or both.", Assert.Throws<ArgumentException>(() => small.Loop(new())).Message);
        Assert.Equal("Patience is about the validation data, and there are none; give Validation.", Assert.Throws<ArgumentException>(() => small.Loop(new() { Steps = 1, Patience = 2 })).Message);
        Assert.StartsWith("ValidateEvery must be at least 1.", Assert.Throws<ArgumentOutOfRangeException>(() => small.Loop(small.Options with { ValidateEvery = 0 })).Message, StringComparison.Ordinal);
        Assert.StartsWith("Passes must be at least 1.", Assert.Throws<ArgumentOutOfRangeException>(() => small.Loop(new() { Passes = 0 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderHasOneTrainingAtATime()
    {
        using SmallTraining first = new(_folders.At("run")), second = new(_folders.At("run"));
        first.Loop(first.Options with { Steps = 4 }).Run(happened =>
        {
            var sentence = $"Another training is at work in {_folders.At("run")}; wait for its end, stop it, or train in another folder.";
            Assert.Equal(sentence, Assert.Throws<FolderInUseException>(() => second.Loop().Run()).Message);
            Assert.Equal(0, second.Svi.StepCount);
            if (first.Folder.HasLast)
            {
                Assert.Equal(sentence, Assert.Throws<FolderInUseException>(() => second.Loop().Resume()).Message);
            }
        });
        var loop = second.Loop();
        Assert.True(loop.Resume());
        Assert.Equal(14, loop.Run());
        Assert.Equal(["best.bin", "checkpoint.bin"], Directory.GetFiles(_folders.At("run")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void WhatAnotherTrainingIsWritingIsLeftAlone()
    {
        using SmallTraining first = new(_folders.At("run")), second = new(_folders.At("run"));
        var unfinished = Path.Combine(_folders.At("run"), $".{TrainingFolder.LastName}.part");
        first.Loop(first.Options with { Steps = 1, Validation = null }).Run(_ =>
        {
            File.WriteAllBytes(unfinished, [1]);
            Assert.Throws<FolderInUseException>(() => second.Loop().Run());
            Assert.True(File.Exists(unfinished));
        });
    }

    [Fact]
    public void AnInferenceThatTookOtherStepsIsRefused()
    {
        using var small = new SmallTraining(_folders.At("run"));
        using var batch = small.Data.Of(0);
        small.Svi.Step(batch);
        Assert.Equal(
            "The inference had taken steps before this training (1), which counts from 0; give a new Svi, or call Resume() where the folder has its checkpoint.",
            Assert.Throws<InvalidOperationException>(() => small.Loop().Run()).Message);
    }

    [Fact]
    public void AFreshTrainingTakesNothingFromTheOneBefore()
    {
        using (var first = new SmallTraining(_folders.At("run")))
        {
            first.Loop().Run();
        }

        using (var second = new SmallTraining(_folders.At("run")))
        {
            Assert.Throws<InvalidOperationException>(() => second.Loop().Run(_ => throw new InvalidOperationException("a crash")));
            Assert.Equal((false, false), (second.Folder.HasLast, second.Folder.HasBest));
        }
    }

    [Fact]
    public void OtherMinibatchesDoNotGoOnWithATraining()
    {
        using var small = new SmallTraining(_folders.At("run"));
        small.Loop(small.Options with { Steps = 4 }).Run();
        using var rows = new Normal(0, 2).Sample(new RandomKey(1), SmallTraining.Rows);
        var other = TrainingLoop.For(small.Svi, Minibatches.Shuffled(rows, 20, new RandomKey(4)), small.Folder, small.Options);
        Assert.Equal(
            $"The training in {_folders.At("run")} goes over 40 elements in 3 minibatches a pass, and the data given now has 40 in 2; give the same, or train in another folder.",
            Assert.Throws<CheckpointException>(() => other.Resume()).Message);
    }

    [Fact]
    public void APlateWhoseTotalIsTheMinibatchIsRefused()
    {
        using var loc = new TorchSharp.Modules.Parameter(TorchSharp.torch.tensor(0f));
        var model = Model.Given<TorchSharp.torch.Tensor>("own total").Plate("rows", total: x => x.shape[0])
            .Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), x => x, out _).Build();
        using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build(), Elbo.MeanField(), parameters => TorchSharp.torch.optim.Adam(parameters));
        using var rows = TorchSharp.torch.zeros(40);
        const string Sentence = "A minibatch has 10 of 40 elements, and the model 'own total' has plate rows (10); one plate is to see 10 of a total of 40: give it that total, the number of elements of the training data.";
        Assert.Equal(Sentence, Assert.Throws<ModelException>(() =>
            TrainingLoop.For(svi, Minibatches.InOrder(rows, 10), new(_folders.At("run")), new() { Steps = 4 }).Run()).Problems[0]);
        Assert.Equal(Sentence, Assert.Throws<ModelException>(() => TermMeans.Measure(svi, Minibatches.InOrder(rows, 10), 40)).Problems[0]);
        Assert.Equal(0, svi.StepCount);
        // All of the data at once needs no scale.
        Assert.Equal(40, TermMeans.Measure(svi, Minibatches.InOrder(rows, 40), 40).Elements);
    }

    [Fact]
    public void ATrainingMayHaveNoEnd()
    {
        using var small = new SmallTraining(_folders.At("run"));
        Assert.Equal((2L, 1L), (small.Loop(new() { Passes = long.MaxValue, Steps = 2 }).LastStep, small.Loop(new() { Passes = long.MaxValue, Steps = 2 }).LastPass));
        Assert.True(small.Loop(new() { Steps = long.MaxValue }).LastPass > 0);
    }

    [Fact]
    public void ABoundThatIsNoNumberIsRefused()
    {
        using var small = new SmallTraining(_folders.At("run"));
        Assert.Equal(
            "The bound of the validation data after step 2 is NaN; expected a number, the higher the better.",
            Assert.Throws<InvalidOperationException>(() => small.Loop(small.Options with { Bound = _ => double.NaN }).Run()).Message);
    }

    private List<string> Uninterrupted(out byte[] state)
    {
        using var small = new SmallTraining(_folders.At("whole"));
        var told = new List<TrainingEvent>();
        small.Loop().Run(told.Add);
        state = small.State;
        return told.ConvertAll(Line);
    }

    // What was told after the settled step is told again; a program drops it, as the loop's remarks say.
    private void Resume(string folder, List<TrainingEvent> before, List<string> whole, byte[] state)
    {
        using var small = new SmallTraining(_folders.At(folder));
        var loop = small.Loop();
        loop.Resume();
        var told = before.Where(happened => happened.Step <= loop.SettledStep).ToList();
        var again = new List<TrainingEvent>();
        Assert.Equal(14, loop.Run(again.Add));
        Assert.Equal(whole, told.Concat(again).Select(Line));
        Assert.Equal(state, small.State);
    }

    // All but the clock's figures.
    private static string Line(TrainingEvent happened) => happened switch
    {
        StepTaken step => $"StepTaken {step.Step} {step.Pass} {step.InPass} {Line(step.SoFar)}",
        PassEnded pass => $"PassEnded {pass.Step} {pass.Pass} {Line(pass.Training)} {Line(pass.Test!)}",
        Validated validated => $"Validated {validated.Step} {validated.IsBest} {Line(validated.Measured)}",
        _ => happened.ToString(),
    };

    private static string Line(TermMeans means) => string.Create(CultureInfo.InvariantCulture, $"{means.Elements} {means.Bound:R} {means.LogLikelihood:R} {means.Kl:R} {means.GradientNorm:R}");
}
