using System.Text.Json.Nodes;

namespace MnistVae.Tests.Commands;

/// <summary>Options from a file: a run's record starts the same run again.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RecordingCommands commands = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public ConfigTests() => folder.WriteMnist();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task ARecordStartsTheSameRunAgain()
    {
        // Every option but its default, so that one that got lost would be seen.
        Assert.Equal(0, await RunAsync(
            "train", "--data", folder.Root, "--run", folder.At("first"), "--binarize", "none", "--limit", "5", "--hold-out", "2", "--model", "hierarchical", "--network", "convolutional",
            "--latent", "4", "--upper", "3", "--hidden", "20,10", "--activation", "tanh", "--prior", "mixture", "--components", "7", "--likelihood", "gaussian", "--noise", "per-pixel",
            "--guide", "flow", "--flows", "3", "--objective", "trace", "--particles", "2", "--kl-weight", "1.5", "--kl-warm-up", "9", "--optimizer", "rmsprop", "--learning-rate", "0.0017",
            "--schedule", "cosine", "--schedule-steps", "44", "--schedule-factor", "0.3", "--clip-norm", "2.5", "--epochs", "8", "--steps", "50", "--batch", "3", "--validate-every", "6",
            "--patience", "4", "--checkpoint-minutes", "0.5", "--prefetch", "1", "--seed", "99", "--device", "cuda", "--threads", "2"));
        var first = commands.Trained!;
        var values = (JsonObject)JsonNode.Parse(File.ReadAllText(folder.At("first", "run.json")))!["options"]!;
        Assert.Equal(36, values.Count);
        Assert.Equal(0, await RunAsync("train", "--config", folder.At("first", "run.json"), "--run", folder.At("second")));
        Assert.Equal(values.ToJsonString(), JsonNode.Parse(File.ReadAllText(folder.At("second", "run.json")))!["options"]!.ToJsonString());
        Assert.Equal(first with { Hidden = [] }, commands.Trained! with { Hidden = [] }, EqualityComparer<TrainOptions>.Create((a, b) => a!.ToString() == b!.ToString()));
        Assert.Equal([20, 10], commands.Trained!.Hidden);
        Assert.False(commands.Resumed);
    }

    [Fact]
    public async Task TheCommandLineGoesFirst()
    {
        await RunAsync("train", "--data", folder.Root, "--run", folder.At("first"), "--latent", "4", "--steps", "50", "--seed", "7");
        Assert.Equal(0, await RunAsync("train", "--config", folder.At("first", "run.json"), "--run", folder.At("second"), "--latent", "5", "--epochs", "3"));
        Assert.Equal((5, 3, null, 7), (commands.Trained!.Latent, commands.Trained.Epochs, commands.Trained.Steps, commands.Trained.Seed));
    }

    [Fact]
    public async Task AFileMayHaveAFewOptionsOnly()
    {
        string config = folder.Write("few.json", """{ "options": { "latent": 6, "schedule": "Step", "scheduleSteps": 10, "clipNorm": 3 } }"""u8.ToArray());
        Assert.Equal(0, await RunAsync("train", "--config", config, "--data", folder.Root, "--run", folder.At("run")));
        Assert.Equal((6, Schedule.Step, 10, 3.0, 128), (commands.Trained!.Latent, commands.Trained.Schedule, commands.Trained.ScheduleSteps, commands.Trained.ClipNorm, commands.Trained.Batch));
    }

    [Fact]
    public async Task ARunOnDrawnDigitsIsStartedOnDrawnDigits()
    {
        await RunAsync("train", "--run", folder.At("first"), "--limit", "20");
        folder.WriteMnist(Path.Combine("cache", "mnist"));
        Assert.Equal(0, await RunAsync("train", "--config", folder.At("first", "run.json"), "--run", folder.At("second")));
        Assert.Equal((DataOrigin.Procedural, 20), (commands.Data!.Source.Origin, commands.Data.Train.Count));
    }

    [Fact]
    public async Task OtherDataIsRefusedUnlessItIsAskedFor()
    {
        using var other = new TemporaryFolder();
        other.WriteMnist(train: 9);
        await RunAsync("train", "--data", other.Root, "--run", folder.At("first"));
        string config = folder.At("first", "run.json");
        other.WriteMnist(train: 8);
        Assert.Equal(2, await RunAsync("train", "--config", config, "--run", folder.At("second")));
        Assert.Equal(
            $"error: --config's file {config} is of a run on digits in MNIST's format (9 + 4 images, {other.Root}), but digits in MNIST's format (8 + 4 images, {other.Root}) was found; name the data with --data.\n",
            Told());
        Assert.False(Directory.Exists(folder.At("second")));
        Assert.Equal(0, await RunAsync("train", "--config", config, "--run", folder.At("second"), "--data", other.Root));
    }

    [Theory]
    [InlineData("{ \"options\": {\n \"latnet\": 3 } }", "is no record of a run: something is amiss in line 2 at options.latnet, '\"latnet\": 3 } }'; write it as a run.json is, or restore it.")]
    [InlineData("{ \"option\": { } }", "is no record of a run: something is amiss in line 1 at option, ")]
    [InlineData("{ \"options\": { \"latent\": \"many\" } }", "is no record of a run: something is amiss in line 1 at options.latent, ")]
    [InlineData("{ \"options\": { \"latent\": 2.5 } }", "is no record of a run: something is amiss in line 1 at options.latent, ")]
    [InlineData("{ \"options\": { \"latent\": null } }", "is no record of a run: something is amiss in line 1 at options.latent, ")]
    [InlineData("{ \"options\": { \"hidden\": [20, \"x\"] } }", "is no record of a run: something is amiss in line 1 at options.hidden[1], ")]
    [InlineData("{ \"options\": { \"hidden\": null } }", "is no record of a run: something is amiss in line 1 at options.hidden, ")]
    [InlineData("{ \"options\": { \"prior\": \"flat\" } }", "is no record of a run: something is amiss in line 1 at options.prior, ")]
    [InlineData("{ \"options\": { \"prior\": 77 } }", "has a value that no run has (--prior is '77', but it must be one of standard, shifted, laplace, mixture, vamp); put it right or start a new run.")]
    [InlineData("{ \"options\": { \"latent\": -3 } }", "has a value that no run has (--latent is '-3', but it must be a whole number from 1 to 4096);")]
    [InlineData("{ \"options\": { \"hidden\": [] } }", "has a value that no run has (--hidden is '', but it must be 1 to 8 whole numbers from 1 to 16384 with commas between);")]
    [InlineData("{ \"options\": { \"learningRate\": 0 } }", "has a value that no run has (--learning-rate is '0', but it must be a number from 0.00000001 to 10);")]
    [InlineData("{ \"options\": { \"seed\": -1 } }", "has a value that no run has (--seed is '-1', but it must be a whole number from 0 up);")]
    [InlineData("{ \"options\": { }, \"data\": { \"name\": 3 } }", "is no record of a run: something is amiss in line 1 at data.name, ")]
    [InlineData("{ \"options\": [] }", "is no record of a run: something is amiss in line 1 at options, ")]
    [InlineData("{ }", "is no record of a run: something is amiss in line 1, ")]
    [InlineData("[]", "is no record of a run: something is amiss in line 1, ")]
    [InlineData("{ \"options\": { \"latent\": 3, \"latent\": 4 } }", "is no record of a run: something is amiss in line 1 at options.latent, ")]
    [InlineData("{ \"options\":", "is no record of a run: something is amiss in line 1")]
    [InlineData("", "is no record of a run: something is amiss in line 1, ''; write it as a run.json is, or restore it.")]
    [InlineData("{ \"format\": 9, \"options\": {} }", "is of format 9, but this version reads format 1; name the run.json of a run of this version, or start a new run.")]
    public async Task ABadFileIsOneSentence(string text, string sentence)
    {
        string config = folder.Write("bad.json", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(2, await RunAsync("train", "--config", config, "--data", folder.Root, "--run", folder.At("run")));
        Assert.StartsWith($"error: --config {config} {sentence}", Told(), StringComparison.Ordinal);
        Assert.Single(Told().TrimEnd().Split('\n'));
        Assert.Null(commands.Trained);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public async Task AMissingFileIsOneSentence()
    {
        Assert.Equal(2, await RunAsync("train", "--config", folder.At("none.json")));
        Assert.StartsWith($"error: --config {folder.At("none.json")} cannot be read (", Told(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments)
    {
        return new App(commands, FakeNetwork.Offline().Locations(folder), output, error).RunAsync(arguments, CancellationToken.None);
    }

    private string Told() => error.ToString().ReplaceLineEndings("\n");
}
