namespace MnistVae.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARecordComesBackAsItWas()
    {
        var created = RunFolder.Create(folder.At("run"), Record(latent: 7), overwrite: false);
        var opened = RunFolder.Open(folder.At("run"));
        Assert.Equal(File.ReadAllText(created.PathOf("run.json")), Json(opened.Record));
        Assert.Equal(7, opened.Record.Options.Latent);
        Assert.Equal([400, 200], opened.Record.Options.Hidden);
        Assert.True(opened.Record.Data.HasSameImages(created.Record.Data));
    }

    [Fact]
    public void AnExistingRunIsNotReplacedUnasked()
    {
        RunFolder.Create(folder.At("run"), Record(latent: 7), overwrite: false);
        var error = Assert.Throws<UserError>(() => RunFolder.Create(folder.At("run"), Record(latent: 8), overwrite: false));
        Assert.Equal(
            $"{folder.At("run")} already holds a run; go on with it by --resume, replace it by --overwrite, or name another folder with --run.",
            error.Message);
        Assert.Equal(7, RunFolder.Open(folder.At("run")).Record.Options.Latent);
    }

    [Fact]
    public void OverwritingRemovesTheOldRunsFiles()
    {
        var old = RunFolder.Create(folder.At("run"), Record(latent: 7), overwrite: false);
        old.Write("checkpoint", stream => stream.WriteByte(1));
        Assert.True(old.Has("checkpoint"));
        var anew = RunFolder.Create(folder.At("run"), Record(latent: 8), overwrite: true);
        Assert.False(anew.Has("checkpoint"));
        Assert.Equal(8, RunFolder.Open(folder.At("run")).Record.Options.Latent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFolderOfOtherFilesIsLeftAlone(bool overwrite)
    {
        string letter = folder.Write(Path.Combine("home", "letter.txt"), [1]);
        var error = Assert.Throws<UserError>(() => RunFolder.Create(folder.At("home"), Record(), overwrite));
        Assert.Equal(
            $"{folder.At("home")} holds files but no run (run.json is missing), so it is left alone; name an empty or new folder with --run.",
            error.Message);
        Assert.True(File.Exists(letter));
    }

    [Fact]
    public void AFileIsNoPlaceForARun()
    {
        string path = folder.Write("file", [1]);
        var error = Assert.Throws<UserError>(() => RunFolder.Create(path, Record(), overwrite: true));
        Assert.Equal($"{path} is a file, so no run can be put there; name another folder with --run.", error.Message);
    }

    [Fact]
    public void AFolderWithoutARunCannotBeOpened()
    {
        var error = Assert.Throws<UserError>(() => RunFolder.Open(folder.Root));
        Assert.Equal($"{folder.Root} holds no run (run.json is missing); train one there first or name another folder with --run.", error.Message);
    }

    [Theory]
    [InlineData("{ \"format\": 1,\n oops", "{0} is no record of a run: something is amiss in line 2, 'oops'; write it as a run.json is, or restore it.")]
    [InlineData("null", "{0} is of format null, but this version reads format 1; name the run.json of a run of this version, or start a new run.")]
    [InlineData("{}", "{0} is no record of a run: something is amiss in line 1, '{{}}'; write it as a run.json is, or restore it.")]
    [InlineData("{\"options\":{}}", "{0} does not tell of its run's data with a trainCount of 1 or more; restore it or start a new run.")]
    public void ADamagedRecordIsNamed(string text, string sentence)
    {
        string path = folder.Write("run.json", System.Text.Encoding.UTF8.GetBytes(text));
        var error = Assert.Throws<UserError>(() => RunFolder.Open(folder.Root));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
    }

    private static string Json(RunRecord record)
    {
        using var stream = new MemoryStream();
        record.Write(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static RunRecord Record(int latent = 10)
    {
        var options = new TrainOptions { Latent = latent, Hidden = [400, 200], Optimizer = OptimizerKind.Rmsprop };
        var source = new DataSource("procedural digits", DataOrigin.Procedural, "drawn from seed 0", "grey", 10, 0, 2, [new DataFile("train", "abc", 10, false)], ["A notice."]);
        return RunRecord.Start(options, source);
    }
}
