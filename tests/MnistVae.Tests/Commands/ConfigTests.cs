using System.Text.Json.Nodes;
using MnistVae.Commands;
using MnistVae.Data;
using Spectre.Console;

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
    [InlineData("{ \"options\": { \"latnet\": 3 } }", "has 'latnet', which is no option of train; the names are data, binarize, limit, latent,")]
    [InlineData("{ \"option\": { } }", "has 'option', which is no part of a run's record; the parts are format, started, options, data.")]
    [InlineData("{ \"options\": { \"latent\": \"many\" } }", "has \"many\" at options.latent, which is not of that option's kind; see a run.json for how it is written.")]
    [InlineData("{ \"options\": { \"latent\": 2.5 } }", "has 2.5 at options.latent, which is not of that option's kind;")]
    [InlineData("{ \"options\": { \"latent\": null } }", "has null at options.latent, which is not of that option's kind;")]
    [InlineData("{ \"options\": { \"hidden\": [20, \"x\"] } }", "has [20,\"x\"] at options.hidden[1], which is not of that option's kind;")]
    [InlineData("{ \"options\": { \"hidden\": null } }", "has null at options.hidden, which is not of that option's kind;")]
    [InlineData("{ \"options\": { \"prior\": \"flat\" } }", "has \"flat\" at options.prior, which is not of that option's kind;")]
    [InlineData("{ \"options\": { \"prior\": 77 } }", ": --prior is '77', but it must be one of standard, shifted, laplace, mixture, vamp.")]
    [InlineData("{ \"options\": { \"latent\": -3 } }", ": --latent is '-3', but it must be a whole number from 1 to 4096.")]
    [InlineData("{ \"options\": { \"hidden\": [] } }", ": --hidden is '', but it must be 1 to 8 whole numbers from 1 to 16384 with commas between.")]
    [InlineData("{ \"options\": { \"learningRate\": 0 } }", ": --learning-rate is '0', but it must be a number from 0.00000001 to 10.")]
    [InlineData("{ \"options\": { \"seed\": -1 } }", ": --seed is '-1', but it must be a whole number from 0 up.")]
    [InlineData("{ \"options\": { }, \"data\": { \"name\": 3 } }", "has 3 at data.name, which is not of that option's kind;")]
    [InlineData("{ \"options\": [] }", "has no object 'options'; name the run.json of a run, or write a file like one.")]
    [InlineData("{ }", "has no object 'options'; name the run.json of a run, or write a file like one.")]
    [InlineData("[]", "is no JSON object; name the run.json of a run, or write a file like one.")]
    [InlineData("{ \"options\": { \"latent\": 3, \"latent\": 4 } }", "is no JSON (")]
    [InlineData("{ \"options\":", "is no JSON (")]
    [InlineData("", "is no JSON (")]
    [InlineData("{ \"format\": 9, \"options\": {} }", "is of format 9, but this version reads format 1; name a run.json of this version.")]
    public async Task ABadFileIsOneSentence(string text, string sentence)
    {
        string config = folder.Write("bad.json", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(2, await RunAsync("train", "--config", config, "--data", folder.Root, "--run", folder.At("run")));
        Assert.StartsWith($"error: --config {config}{(sentence[0] == ':' ? "" : " ")}{sentence}", Told(), StringComparison.Ordinal);
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
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        return new App(commands, FakeNetwork.Offline().Locations(folder), console, error).RunAsync(arguments, CancellationToken.None);
    }

    private string Told() => error.ToString().ReplaceLineEndings("\n");
}
