
namespace MnistVae.Tests.Commands;

public sealed class AppTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RecordingCommands commands = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public AppTests() => folder.WriteMnist();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task TrainHasTheDocumentedDefaults()
    {
        Assert.Equal(0, await RunAsync("train", "--data", folder.Root, "--run", folder.At("run")));
        Assert.Equal([200], commands.Trained!.Hidden);
        int[] ignored = [];
        Assert.Equal(
            new TrainOptions { Data = folder.Root, Hidden = ignored },
            commands.Trained with { Hidden = ignored });
        Assert.False(commands.Resumed);
        Assert.Equal(6, commands.Data!.Train.Count);
        Assert.True(commands.Run!.Has("run.json"));
    }

    [Fact]
    public async Task EveryTrainOptionArrives()
    {
        int code = await RunAsync(
            "train", "--data", folder.Root, "--run", folder.At("run"), "--binarize", "none", "--limit", "3", "--latent", "2", "--hidden", "400,200",
            "--activation", "tanh", "--prior", "laplace", "--likelihood", "gaussian", "--objective", "trace", "--particles", "4", "--optimizer", "rmsprop",
            "--learning-rate", "1e-3", "--epochs", "7", "--batch", "64", "--seed", "99", "--device", "cuda", "--threads", "2");
        Assert.Equal(0, code);
        Assert.Equal([400, 200], commands.Trained!.Hidden);
        int[] ignored = [];
        Assert.Equal(
            new TrainOptions { Data = folder.Root, Binarize = Binarization.None, Limit = 3, Latent = 2, Hidden = ignored, Activation = Activation.Tanh, Prior = Prior.Laplace, Likelihood = Likelihood.Gaussian, Objective = Objective.Trace, Particles = 4, Optimizer = OptimizerKind.Rmsprop, LearningRate = 0.001, Epochs = 7, Batch = 64, Seed = 99, Device = DeviceKind.Cuda, Threads = 2 },
            commands.Trained with { Hidden = ignored });
    }

    [Fact]
    public async Task EveryOptionOfTheModelsArrives()
    {
        int code = await RunAsync(
            "train", "--data", folder.Root, "--run", folder.At("run"), "--model", "hierarchical", "--network", "convolutional", "--upper", "4",
            "--prior", "mixture", "--components", "7", "--likelihood", "gaussian", "--noise", "per-pixel", "--guide", "flow", "--flows", "3",
            "--kl-weight", "4", "--kl-warm-up", "1000", "--steps", "50", "--validate-every", "10", "--hold-out", "2", "--activation", "softplus");
        Assert.Equal(0, code);
        var trained = commands.Trained!;
        Assert.Equal(
            (Structure.Hierarchical, Network.Convolutional, 4, Prior.Mixture, 7, Likelihood.Gaussian, Noise.PerPixel),
            (trained.Structure, trained.Network, trained.Upper, trained.Prior, trained.Components, trained.Likelihood, trained.Noise));
        Assert.Equal((PosteriorKind.Flow, 3, 50, 10, 2, Activation.Softplus), (trained.Posterior, trained.Flows, trained.Steps, trained.ValidateEvery, trained.HoldOut, trained.Activation));
        Assert.Equal((4.0, 1000), (trained.KlWeight, trained.KlWarmUp));
        Assert.Equal(100_000, trained.Epochs);
        Assert.Equal((4, 2), (commands.Data!.Train.Count, commands.Data.Validation!.Count));
        Assert.Equal((4, 2), (commands.Run!.Record.Data.TrainCount, commands.Run.Record.Data.ValidationCount));
    }

    [Theory]
    [InlineData("--flows does nothing without --guide flow; give that too, or leave --flows out.", "--flows", "3")]
    [InlineData("--noise does nothing without --likelihood gaussian or laplace; give that too, or leave --noise out.", "--noise", "learnt")]
    [InlineData("--components does nothing without --prior mixture or vamp; give that too, or leave --components out.", "--components", "9", "--prior", "laplace")]
    [InlineData("--upper does nothing without --model hierarchical; give that too, or leave --upper out.", "--upper", "9")]
    [InlineData("--prior vamp goes with --model plain alone, and --model is conditional; use --prior mixture.", "--prior", "vamp", "--model", "conditional")]
    [InlineData("--model conditional needs 10 training images at least, and there are 6; raise --limit or lower --hold-out.", "--model", "conditional")]
    [InlineData("--guide flow needs --latent 2 at least: an autoregressive flow of one number sees nothing of it.", "--guide", "flow", "--latent", "1")]
    [InlineData("--kl-weight and --kl-warm-up need an objective with KL terms, and --objective is iwae; leave them out, or use mean-field or trace.", "--objective", "iwae", "--kl-weight", "4")]
    [InlineData("--hold-out is 6, but there are only 6 training images; keep fewer of them apart.", "--hold-out", "6")]
    [InlineData("--validate-every is 5, but digits in MNIST's format has no validation images; keep some training images for it with --hold-out N.", "--validate-every", "5")]
    public async Task OptionsThatDoNotGoTogetherAreOneSentence(string sentence, params string[] arguments)
    {
        Assert.Equal(2, await RunAsync(["train", "--data", folder.Root, "--run", folder.At("run"), .. arguments]));
        Assert.Equal($"error: {sentence}\n", Told());
        Assert.Null(commands.Trained);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task AResumedRunMayGoOnForMoreSteps()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"), "--steps", "5");
        Assert.Equal(0, await RunAsync("train", "--run", folder.At("run"), "--resume", "--steps", "9"));
        Assert.Equal((9, 100_000), (commands.Trained!.Steps, commands.Trained.Epochs));
        Assert.Equal(0, await RunAsync("train", "--run", folder.At("run"), "--resume", "--epochs", "3"));
        Assert.Equal((null, 3), (commands.Trained.Steps, commands.Trained.Epochs));
        // The record has what the run goes on with, so that a kill in between changes nothing, and --config starts the whole again.
        Assert.Equal(0, await RunAsync("train", "--run", folder.At("run"), "--resume"));
        Assert.Equal((null, 3), (commands.Trained.Steps, commands.Trained.Epochs));
        Assert.Equal(0, await RunAsync("train", "--config", folder.At("run", "run.json"), "--run", folder.At("again")));
        Assert.Equal((null, 3), (commands.Trained.Steps, commands.Trained.Epochs));
    }

    [Fact]
    public async Task ARunBeforeTheseOptionsIsReadWithTheirDefaults()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        string record = folder.At("run", "run.json");
        string[] added = ["steps", "validateEvery", "holdOut", "posterior", "flows", "structure", "network", "noise", "components", "upper", "klWeight", "klWarmUp", "schedule", "scheduleSteps", "scheduleFactor", "clipNorm", "patience", "checkpointMinutes", "prefetch"];
        File.WriteAllLines(record, File.ReadAllLines(record).Where(line => !added.Any(name => line.Contains($"\"{name}\":", StringComparison.Ordinal))).Select(line => line.Contains("\"threads\"", StringComparison.Ordinal) ? line.TrimEnd(',') : line));
        Assert.DoesNotContain("posterior", File.ReadAllText(record), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("train", "--run", folder.At("run"), "--resume"));
        Assert.Equal((2, 20, 10, PosteriorKind.MeanField), (commands.Trained!.Flows, commands.Trained.Components, commands.Trained.Upper, commands.Trained.Posterior));
    }

    [Theory]
    [InlineData("--epochs", "0", "a whole number from 1 to 100000")]
    [InlineData("--epochs", "many", "a whole number from 1 to 100000")]
    [InlineData("--batch", "-1", "a whole number from 1 to 65536")]
    [InlineData("--latent", "4097", "a whole number from 1 to 4096")]
    [InlineData("--particles", "2.5", "a whole number from 1 to 1000")]
    [InlineData("--limit", "0", "a whole number from 1 to 1000000")]
    [InlineData("--threads", "1025", "a whole number from 0 to 1024")]
    [InlineData("--seed", "-1", "a whole number from 0 up")]
    [InlineData("--learning-rate", "0", "a number from 0.00000001 to 10")]
    [InlineData("--learning-rate", "NaN", "a number from 0.00000001 to 10")]
    [InlineData("--hidden", "400,,200", "1 to 8 whole numbers from 1 to 16384 with commas between")]
    [InlineData("--hidden", "1,2,3,4,5,6,7,8,9", "1 to 8 whole numbers from 1 to 16384 with commas between")]
    [InlineData("--binarize", "often", "one of dynamic, static, none")]
    [InlineData("--objective", "MeanField", "one of mean-field, trace, iwae")]
    [InlineData("--optimizer", "rms-prop", "one of adam, rmsprop, sgd")]
    [InlineData("--run", " ", "a path")]
    public async Task AValueOutOfRangeIsOneSentence(string option, string value, string expected)
    {
        Assert.Equal(2, await RunAsync("train", option, value));
        Assert.Equal($"error: {option} is '{value}', but it must be {expected}. See MnistVae train --help.\n", Told());
        Assert.Null(commands.Trained);
    }

    [Theory]
    [InlineData("'tain' is not a verb of this program; the verbs are train, evaluate, sample, reconstruct, complete, report, compare, plot, explore, export. See MnistVae --help.", "tain")]
    [InlineData("'--latten' is not an option of train. See MnistVae train --help.", "train", "--latten", "3")]
    [InlineData("'--epochs' is not an option of sample. See MnistVae sample --help.", "sample", "--epochs", "3")]
    [InlineData("Required argument missing for option: '--epochs'. See MnistVae train --help.", "train", "--epochs")]
    [InlineData("--resume and --overwrite contradict each other; give one of them.", "train", "--resume", "--overwrite")]
    public async Task AWrongCommandLineIsOneSentence(string sentence, params string[] arguments)
    {
        Assert.Equal(2, await RunAsync(arguments));
        Assert.Equal($"error: {sentence}\n", Told());
    }

    [Fact]
    public async Task BadDataIsToldBeforeTheOldRunIsTouched()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        string before = File.ReadAllText(folder.At("run", "run.json"));
        int code = await RunAsync("train", "--overwrite", "--data", folder.At("nowhere"), "--run", folder.At("run"));
        Assert.Equal(2, code);
        Assert.Equal($"error: --data names {folder.At("nowhere")}, which does not exist; name the folder that holds mnist/ or the idx files.\n", Told());
        Assert.Equal(before, File.ReadAllText(folder.At("run", "run.json")));
    }

    [Fact]
    public async Task ResumeTakesTheRunsOptionsAndTheNewEpochs()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"), "--latent", "3", "--seed", "5");
        Assert.Equal(0, await RunAsync("train", "--run", folder.At("run"), "--resume", "--epochs", "9", "--latent", "3"));
        Assert.True(commands.Resumed);
        Assert.Equal((3, 5, 9, folder.Root), (commands.Trained!.Latent, commands.Trained.Seed, commands.Trained.Epochs, commands.Trained.Data));
    }

    [Fact]
    public async Task ResumeRefusesAnotherModel()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"), "--hidden", "400,200");
        Assert.Equal(2, await RunAsync("train", "--run", folder.At("run"), "--resume", "--hidden", "200"));
        Assert.Equal($"error: --hidden is 200, but the run in {folder.At("run")} was started with 400,200; leave --hidden out or start a new run.\n", Told());
    }

    [Theory]
    [InlineData("--resume")]
    [InlineData("--overwrite")]
    public async Task ARunThatAnotherProgramTrainsIsLeftAlone(string flag)
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"), "--steps", "5");
        string record = File.ReadAllText(folder.At("run", "run.json"));
        using var turn = new FileStream(folder.At("run", ".training.lock"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(2, await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"), "--steps", "9", flag));
        Assert.EndsWith($"error: Another training is at work in {folder.At("run")}; wait for its end, stop it, or train in another folder.\n", Told(), StringComparison.Ordinal);
        Assert.Equal(record, File.ReadAllText(folder.At("run", "run.json")));
    }

    [Fact]
    public async Task ResumeRefusesOtherData()
    {
        using var other = new TemporaryFolder();
        other.WriteMnist(train: 9);
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        Assert.Equal(2, await RunAsync("train", "--run", folder.At("run"), "--resume", "--data", other.Root));
        Assert.Equal(
            $"error: The run in {folder.At("run")} was trained on digits in MNIST's format (6 + 4 images, {folder.Root}), but digits in MNIST's format (9 + 4 images, {other.Root}) was found; name the run's data with --data.\n",
            Told());
    }

    [Fact]
    public async Task ResumeNeedsARun()
    {
        Assert.Equal(2, await RunAsync("train", "--run", folder.At("run"), "--resume"));
        Assert.Equal($"error: {folder.At("run")} holds no run (run.json is missing); train one there first or name another folder with --run.\n", Told());
    }

    [Fact]
    public async Task TheOtherVerbsWorkOnARun()
    {
        string run = folder.At("run");
        await RunAsync("train", "--data", folder.Root, "--run", run);
        Assert.Equal(0, await RunAsync("evaluate", "--run", run, "--particles", "7", "--limit", "2"));
        Assert.Equal(new EvaluateOptions { Run = run, Limit = 2, Particles = 7 }, commands.Evaluated);
        Assert.Equal(2, commands.Data!.Test.Count);
        Assert.Equal(0, await RunAsync("sample", "--run", run));
        Assert.Equal(new SampleOptions { Run = run }, commands.Sampled);
        Assert.Equal(0, await RunAsync("reconstruct", "--run", run, "--count", "3", "--out", folder.At("pairs.png")));
        Assert.Equal(new ReconstructOptions { Run = run, Count = 3, Out = folder.At("pairs.png") }, commands.Reconstructed);
        Assert.Equal(3, commands.Data.Test.Count);
        Assert.Equal(0, await RunAsync("complete", "--run", run, "--hide", "top", "--rounds", "4", "--count", "2"));
        Assert.Equal(new CompleteOptions { Run = run, Hide = ImageHalf.Top, Rounds = 4, Count = 2 }, commands.Completed);
        Assert.Equal(0, await RunAsync("evaluate", "--run", run, "--json"));
        Assert.True(commands.Evaluated!.Json);
        Assert.Equal(0, await RunAsync("explore", "--run", run, "--port", "0"));
        Assert.Equal(new ExploreOptions { Run = run, Port = 0 }, commands.Explored);
        Assert.Equal(0, await RunAsync("export", "--run", run, "--samples", "9", "--limit", "2"));
        Assert.Equal(new ExportOptions { Run = run, Samples = 9, Limit = 2 }, commands.Exported);
        Assert.Equal(2, commands.Data.Test.Count);
    }

    [Fact]
    public async Task WithJsonTheDataIsNotToldOnStandardOutput()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync("evaluate", "--run", folder.At("run"), "--json"));
        Assert.Empty(output.ToString());
    }


    [Fact]
    public async Task ARunOnDrawnDigitsIsEvaluatedOnDrawnDigits()
    {
        string run = folder.At("run");
        await RunAsync("train", "--run", run, "--limit", "20");
        Assert.Contains("THIS IS NOT MNIST", output.ToString(), StringComparison.Ordinal);
        folder.WriteMnist(Path.Combine("cache", "mnist"));
        Assert.Equal(0, await RunAsync("evaluate", "--run", run));
        Assert.Equal(DataOrigin.Procedural, commands.Data!.Source.Origin);
    }

    [Fact]
    public async Task AnInterruptedTrainingSaysSo()
    {
        using var cancellation = new CancellationTokenSource();
        commands.OnTrain = context =>
        {
            cancellation.Cancel();
            context.Cancellation.ThrowIfCancellationRequested();
        };
        Assert.Equal(130, await App().RunAsync(["train", "--data", folder.Root, "--run", folder.At("run")], cancellation.Token));
        Assert.Equal("Stopping; what was learnt so far is being kept. Press Ctrl-C again to quit at once.\nStopped.\n", Told());
    }

    [Theory]
    [InlineData("Stopping; there will be no figures.", "evaluate")]
    [InlineData("Stopping as soon as the picture is written.", "sample")]
    [InlineData("Stopping as soon as the picture is written.", "reconstruct")]
    [InlineData("Stopping; no picture is written.", "complete")]
    [InlineData("Stopping as soon as the page is written.", "report")]
    [InlineData("Stopping; the page no longer answers.", "explore")]
    [InlineData("Stopping; files that were written are whole, and the others are not there.", "export")]
    public async Task EachVerbSaysWhatItsInterruptDoes(string sentence, string verb)
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        output.GetStringBuilder().Clear();
        using var cancellation = new CancellationTokenSource();
        commands.OnAny = context =>
        {
            cancellation.Cancel();
            context.Cancellation.ThrowIfCancellationRequested();
        };
        Assert.Equal(130, await App().RunAsync([verb, "--run", folder.At("run")], cancellation.Token));
        Assert.Equal($"{sentence} Press Ctrl-C again to quit at once.\nStopped.\n", Told());

        // Figures are not to be mixed with it.
        Assert.DoesNotContain("Stopping", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANameThatBreaksALineLeavesTheSentenceWhole()
    {
        Assert.Equal(2, await RunAsync("sample", "--run", folder.At("a\nb\u001b[31m")));
        Assert.Equal($"error: {folder.At("a b [31m")} holds no run (run.json is missing); train one there first or name another folder with --run.\n", Told());
    }

    [Theory]
    [InlineData("DefaultCPUAllocator: can't allocate memory: you tried to allocate 64000000000 bytes.")]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB.")]
    public async Task WantOfMemoryIsOneSentence(string failure)
    {
        commands.OnTrain = _ => throw new TorchFailure(failure);
        Assert.Equal(2, await RunAsync("train", "--data", folder.Root, "--run", folder.At("run")));
        Assert.Equal(
            "error: There is not enough memory for this; take less at a time with --batch, --count, --samples or --particles, or a smaller model with --hidden and --latent.\n",
            Told());
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task OutputThatCannotBeWrittenIsOneSentence()
    {
        commands.OnAny = _ => throw new IOException("No space left on device");
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("run"));
        Assert.Equal(2, await RunAsync("sample", "--run", folder.At("run")));
        Assert.Equal("error: Reading or writing failed (No space left on device); free some space, or look at where the output goes.\n", Told());
    }

    [Fact]
    public async Task AProgrammingErrorIsNotDisguised()
    {
        commands.OnTrain = _ => throw new InvalidOperationException("a bug");
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("train", "--data", folder.Root, "--run", folder.At("run")));
    }

    [Fact]
    public async Task HelpShowsEachOptionWithItsValuesAndItsDefault()
    {
        Assert.Equal(0, await RunAsync("train", "--help"));
        string help = string.Join(' ', output.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(
            [
                "--data <DIR>", "--hidden <N[,N...]> Widths of the encoder's hidden layers; the decoder has them in reverse. [default: 200]",
                "--likelihood <bernoulli|gaussian|laplace|continuous-bernoulli> Of a pixel, given the code. [default: bernoulli]",
                "--learning-rate <X> Size of a gradient step. [default: 0.01]", "[default: runs/mnist-vae]", "--resume Go on from the run's checkpoint",
            ],
            part => Assert.Contains(part, help, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheProgramListsItsVerbs()
    {
        Assert.Equal(0, await RunAsync("--help"));
        Assert.All(["train", "evaluate", "sample", "reconstruct", "complete", "explore", "export"], verb => Assert.Contains($"  {verb} ", output.ToString(), StringComparison.Ordinal));
        Assert.Empty(Told());
    }

    // As torch's are.
    private sealed class TorchFailure(string message) : System.Runtime.InteropServices.ExternalException(message);

    private Task<int> RunAsync(params string[] arguments) => App().RunAsync(arguments, CancellationToken.None);

    private App App()
    {
        return new App(commands, FakeNetwork.Offline().Locations(folder), output, error);
    }

    private string Told() => error.ToString().ReplaceLineEndings("\n");
}
