
namespace MnistVae.Tests.Commands;

/// <summary>Every bad input, through the real work: one sentence on standard error, exit code 2, and no folder that stands in the way.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter error = new();

    public BadInputTests() => folder.WriteMnist(train: 40, test: 30);

    public void Dispose()
    {
        folder.Dispose();
        error.Dispose();
    }

    [Theory]
    [InlineData("--schedule cosine needs --schedule-steps N: the steps to the end of a cosine, or from one multiplication to the next.", "--schedule", "cosine")]
    [InlineData("--schedule-steps does nothing without --schedule cosine or step; give that too, or leave --schedule-steps out.", "--schedule-steps", "9")]
    [InlineData("--schedule-factor does nothing without --schedule cosine or step; give that too, or leave --schedule-factor out.", "--schedule-factor", "0.5")]
    [InlineData("--patience is 3, but nothing is validated; give --validate-every N too, or leave --patience out.", "--patience", "3")]
    [InlineData("--patience is '0', but it must be a whole number from 1 to 1000000. See MnistVae train --help.", "--patience", "0")]
    [InlineData("--clip-norm is '-1', but it must be a number from 0.00000001 to 1000000000000. See MnistVae train --help.", "--clip-norm", "-1")]
    [InlineData("--checkpoint-minutes is 'soon', but it must be a number from 0 to 1440. See MnistVae train --help.", "--checkpoint-minutes", "soon")]
    [InlineData("--prefetch is '65', but it must be a whole number from 0 to 64. See MnistVae train --help.", "--prefetch", "65")]
    [InlineData("--resume and --config contradict each other, as a resumed run has its own options; give one of them.", "--resume", "--config", "run.json")]
    [InlineData("--device is cuda, but torch finds no CUDA device on this machine; leave --device out to compute on the CPU.", "--device", "cuda")]
    public async Task AnOptionThatCannotBe(string sentence, params string[] options)
    {
        if (options[^1] == "cuda" && TorchSharp.torch.cuda.is_available())
        {
            return;
        }

        await RefusedAsync(sentence, ["train", "--data", folder.Root, "--run", folder.At("run"), .. options]);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task NumbersThatBecomeInfinite()
    {
        string[] diverging = ["train", "--data", folder.Root, "--run", folder.At("run"), "--optimizer", "sgd", "--learning-rate", "10", "--likelihood", "gaussian", "--batch", "20", "--epochs", "200"];
        string told = await RefusedAsync("Training stopped at step ", [.. diverging, "--checkpoint-minutes", "100"]);
        Assert.Contains("Site 'z'", told, StringComparison.Ordinal);
        Assert.Contains("Try a smaller --learning-rate or --clip-norm; no checkpoint was written yet.", told, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task AModelThatDoesNotFitItsDataBeforeTheFirstStep()
    {
        // The models of this program fit their data, so one that does not is made up.
        var commands = new RecordingCommands { OnTrain = _ => throw new ProbVae.ModelException(["Site 'x' is of the wrong shape.", "And so is 'y'."]) };
        Assert.Equal(2, await RunAsync(commands, ["train", "--data", folder.Root, "--run", folder.At("run")]));
        Assert.Equal("error: Site 'x' is of the wrong shape.\n", Told());
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task AFolderThatCannotBeMade()
    {
        string file = folder.Write("file", [1]);
        await RefusedAsync($"{Path.Combine(file, "deep", RunFolder.RecordName)} could not be written (", ["train", "--data", folder.Root, "--run", Path.Combine(file, "deep")]);
        await RefusedAsync($"{file} is a file, so no run can be put there; name another folder with --run.", ["train", "--data", folder.Root, "--run", file]);
    }

    [Fact]
    public async Task DataThatIsNotThere()
    {
        await RefusedAsync($"--data names {folder.At("none")}, which does not exist;", ["train", "--data", folder.At("none"), "--run", folder.At("run")]);
        folder.Write(Path.Combine("cut", "mnist", PublishedFiles.TrainImages.Name), SampleFiles.Images(5)[..^7]);
        folder.Write(Path.Combine("cut", "mnist", PublishedFiles.TrainLabels.Name), SampleFiles.Labels(5));
        folder.Write(Path.Combine("cut", "mnist", PublishedFiles.TestImages.Name), SampleFiles.Images(5));
        folder.Write(Path.Combine("cut", "mnist", PublishedFiles.TestLabels.Name), SampleFiles.Labels(5));
        await RefusedAsync(folder.At("cut"), ["train", "--data", folder.At("cut"), "--run", folder.At("run")]);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Theory]
    [InlineData("train", "--resume", "--epochs", "2")]
    [InlineData("evaluate")]
    [InlineData("sample")]
    [InlineData("reconstruct")]
    [InlineData("complete")]
    public async Task ARunFolderThatIsBroken(string verb, params string[] options)
    {
        string[] arguments = [verb, "--run", folder.At("run"), .. options];
        await RefusedAsync($"{folder.At("run")} holds no run (run.json is missing);", arguments);
        await TrainAsync("run", "--latent", "2");
        await TrainAsync("other", "--latent", "3");
        string checkpoint = folder.At("run", TrainingFolder.LastName);
        byte[] sound = File.ReadAllBytes(checkpoint);

        // Another model's, cut off, altered in each part, empty.
        File.Copy(folder.At("other", TrainingFolder.LastName), checkpoint, overwrite: true);
        await RefusedAsync($"{checkpoint} cannot be used (The checkpoint was not loaded: ", arguments);
        foreach (byte[] bytes in (byte[][])[sound[..^1], sound[..100], sound[..30], [], Altered(sound, 70), Altered(sound, sound.Length / 2), Altered(sound, sound.Length - 1)])
        {
            File.WriteAllBytes(checkpoint, bytes);
            await RefusedAsync($"{checkpoint} cannot be used (", arguments);
        }

        File.WriteAllText(folder.At("run", RunFolder.RecordName), "{ \"format\":");
        await RefusedAsync($"{folder.At("run", RunFolder.RecordName)} is no record of a run: something is amiss in line 1", arguments);
        File.WriteAllText(folder.At("run", RunFolder.RecordName), "{ \"format\": 8 }");
        await RefusedAsync(folder.At("run", RunFolder.RecordName), arguments);
    }

    [Theory]
    [InlineData("\"latent\": 2,", "\"latent\": 1000000000,", "--latent is '1000000000', but it must be a whole number from 1 to 4096")]
    [InlineData("\"batch\": 128,", "\"batch\": 0,", "--batch is '0', but it must be a whole number from 1 to 65536")]
    [InlineData("\"learningRate\": 0.01,", "\"learningRate\": -5,", "--learning-rate is '-5', but it must be a number from 0.00000001 to 10")]
    [InlineData("\"prior\": \"Standard\",", "\"prior\": 99,", "--prior is '99', but it must be one of standard, shifted, laplace, mixture, vamp")]
    [InlineData("\"trainCount\": 40,", "\"trainCount\": 0,", "")]
    public async Task ARecordWithAValueThatNoRunHas(string sound, string altered, string problem)
    {
        await TrainAsync("run", "--latent", "2");
        string record = folder.At("run", RunFolder.RecordName), text = File.ReadAllText(record);
        Assert.Contains(sound, text, StringComparison.Ordinal);
        File.WriteAllText(record, text.Replace(sound, altered, StringComparison.Ordinal));
        foreach (string[] arguments in (string[][])[["train", "--resume"], ["evaluate"], ["sample"], ["report"], ["explore", "--port", "0"]])
        {
            string sentence = problem.Length > 0 ? $"has a value that no run has ({problem}); put it right or start a new run." : "does not tell of its run's data with a trainCount of 1 or more; restore it or start a new run.";
            await RefusedAsync($"{record} {sentence}", [.. arguments, "--run", folder.At("run")]);
        }
    }

    [Fact]
    public async Task MorePicturesAndValidationImagesThanTrainingImages()
    {
        await TrainAsync("run", "--model", "conditional", "--hold-out", "28", "--validate-every", "1", "--batch", "64");
        foreach (string[] arguments in (string[][])[["reconstruct"], ["complete", "--rounds", "2"], ["sample", "--count", "13"], ["evaluate", "--particles", "2"]])
        {
            int code = await RunAsync(new VaeCommands(), [.. arguments, "--run", folder.At("run")]);
            Assert.True(code == 0, Told());
        }
    }

    [Fact]
    public async Task APictureThatIsTheRoot()
    {
        await TrainAsync("run");
        string root = Path.GetPathRoot(folder.Root)!;
        await RefusedAsync($"{root} could not be written (", ["sample", "--count", "1", "--run", folder.At("run"), "--out", root]);
    }

    /// <summary>Case D3.</summary>
    [Theory]
    [InlineData("--limit", "1")]
    [InlineData("--limit", "2", "--hold-out", "1")]
    [InlineData("--limit", "1", "--latent", "2", "--model", "hierarchical")]
    [InlineData("--limit", "3", "--hold-out", "2", "--validate-every", "1", "--objective", "iwae", "--particles", "2")]
    public async Task AnImageIsEnoughForAReport(params string[] options)
    {
        await TrainAsync("run", options);
        Assert.True(File.Exists(folder.At("run", RunReport.Name)));
        foreach (string[] arguments in (string[][])[["report"], ["evaluate", "--particles", "2"], ["reconstruct"], ["sample"]])
        {
            int code = await RunAsync(new VaeCommands(), [.. arguments, "--run", folder.At("run")]);
            Assert.True(code == 0, Told());
        }
    }

    /// <summary>Case D7: what keeps the page from being written here is a folder in its place; a full disk goes the same way.</summary>
    [Fact]
    public async Task AReportThatCannotBeWrittenIsTheExitCodesMatter()
    {
        // A run that is resumed has its folder already, so that something can stand in the page's place.
        await TrainAsync("run");
        string page = folder.At("run", RunReport.Name);
        File.Delete(page);
        Directory.CreateDirectory(page);
        string told = await RefusedAsync("report.html could not be written (", ["train", "--run", folder.At("run"), "--resume", "--epochs", "2"]);
        Assert.EndsWith("but the run is whole; try again with the verb report.\n", told, StringComparison.Ordinal);
        Assert.Equal(2, RunFolder.Open(folder.At("run")).History.Read().Count);
        Directory.Delete(page);
        Assert.Equal(0, await RunAsync(new VaeCommands(), ["report", "--run", folder.At("run")]));
    }

    private async Task TrainAsync(string run, params string[] options)
    {
        int code = await RunAsync(new VaeCommands(), ["train", "--data", folder.Root, "--run", folder.At(run), "--hidden", "8", "--epochs", "1", .. options]);
        Assert.True(code == 0, Told());
    }

    private static byte[] Altered(byte[] bytes, int place)
    {
        byte[] altered = [.. bytes];
        altered[place] ^= 1;
        return altered;
    }

    private async Task<string> RefusedAsync(string sentence, string[] arguments)
    {
        error.GetStringBuilder().Clear();
        Assert.Equal(2, await RunAsync(new VaeCommands(), arguments));
        string told = Told();
        Assert.StartsWith($"error: {sentence}", told, StringComparison.Ordinal);
        Assert.Equal(1, told.Count(letter => letter == '\n'));
        Assert.EndsWith(".\n", told, StringComparison.Ordinal);
        return told;
    }

    private Task<int> RunAsync(VaeCommands commands, string[] arguments)
    {
        return new App(commands, FakeNetwork.Offline().Locations(folder), TextWriter.Null, error).RunAsync(arguments, CancellationToken.None);
    }

    private string Told() => error.ToString().ReplaceLineEndings("\n");
}
