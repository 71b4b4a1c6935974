namespace MnistVae.Tests.Data;

public sealed class DigitsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder other = new();
    private readonly List<string> log = [];

    public void Dispose()
    {
        folder.Dispose();
        other.Dispose();
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("")]
    public async Task ANamedFolderComesFirst(string subfolder)
    {
        folder.WriteMnist(subfolder);
        other.WriteMnist(train: 9);
        var network = FakeNetwork.Offline();
        var data = await LoadAsync(folder.Root, network.Locations(other, environment: other.Root));
        Assert.Equal((DataOrigin.Option, folder.Root), (data.Source.Origin, data.Source.Location));
        Assert.Equal((6, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal<byte>([0, 1, 2, 3], data.Test.Labels!.data<byte>().ToArray());
        Assert.Equal("digits in MNIST's format", data.Source.Name);
        Assert.False(data.Source.IsOriginal);
        Assert.Empty(network.Asked);
    }

    /// <summary>Case D2: names as archives spell them, and files in folders of their own names.</summary>
    [Fact]
    public async Task NamesWithADotAndFoldersOfTheFilesNameAreFound()
    {
        folder.Write("train-images.idx3-ubyte", SampleFiles.Images(6));
        folder.Write("train-labels.idx1-ubyte", SampleFiles.Gzip(SampleFiles.Labels(6)));
        folder.Write("t10k-images-idx3-ubyte/t10k-images-idx3-ubyte", SampleFiles.Images(4));
        folder.Write("t10k-labels.idx1-ubyte.gz", SampleFiles.Labels(4));
        var data = await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(folder));
        Assert.Equal((6, 4), (data.Train.Count, data.Test.Count));
    }

    [Fact]
    public async Task TheEnvironmentComesBeforeTheCache()
    {
        folder.WriteMnist();
        other.WriteMnist(Path.Combine("cache", "mnist"), train: 9);
        var data = await LoadAsync(null, FakeNetwork.Offline().Locations(other, environment: folder.Root));
        Assert.Equal((DataOrigin.Environment, 6), (data.Source.Origin, data.Train.Count));
    }

    [Fact]
    public async Task TheCacheComesBeforeADownload()
    {
        folder.WriteMnist(Path.Combine("cache", "mnist"));
        var network = FakeNetwork.Offline();
        var data = await LoadAsync(null, network.Locations(folder));
        Assert.Equal((DataOrigin.Cache, 6), (data.Source.Origin, data.Train.Count));
        Assert.Empty(network.Asked);
    }

    [Fact]
    public async Task WithoutFilesOrNetworkTheDigitsAreDrawn()
    {
        var data = await LoadAsync(null, FakeNetwork.Offline().Locations(folder));
        Assert.Equal(DataOrigin.Procedural, data.Source.Origin);
        Assert.Equal((ProceduralDigits.TrainCount, ProceduralDigits.TestCount), (data.Train.Count, data.Test.Count));
        Assert.Equal(
            $"train-images-idx3-ubyte could not be downloaded (storage.googleapis.com: no connection; ossci-datasets.s3.amazonaws.com: no connection), and {folder.At("cache", "mnist")} does not have it; put it there, or connect to the network and try again.",
            Assert.Single(data.Source.Notices));
        Assert.Empty(folder.AllFiles());
    }

    [Fact]
    public async Task WrongBytesFromEveryMirrorLeaveNothingBehind()
    {
        byte[] wrong = SampleFiles.Gzip(SampleFiles.Images(60_000));
        var network = new FakeNetwork(_ => wrong);
        var data = await LoadAsync(null, network.Locations(folder));
        Assert.Equal(DataOrigin.Procedural, data.Source.Origin);
        Assert.StartsWith(
            "train-images-idx3-ubyte could not be downloaded (storage.googleapis.com: wrong checksum; ossci-datasets.s3.amazonaws.com: wrong checksum), ",
            Assert.Single(data.Source.Notices),
            StringComparison.Ordinal);
        Assert.Equal(2, network.Asked.Count);
        Assert.Empty(folder.AllFiles());
    }

    [Fact]
    public async Task ACancelledSearchStops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Digits.LoadAsync(null, Binarization.None, FakeNetwork.Offline().Locations(folder), log.Add, cancelled.Token));
        Assert.Empty(folder.AllFiles());
    }

    [Theory]
    [InlineData(true, "--data")]
    [InlineData(false, "PROBVAE_DATA")]
    public async Task ANamedFolderWithoutDataIsNeverPassedOver(bool byOption, string setting)
    {
        string empty = Directory.CreateDirectory(folder.At("empty")).FullName;
        var locations = FakeNetwork.Offline().Locations(other, environment: byOption ? null : empty);
        var error = await Assert.ThrowsAsync<UserError>(() => LoadAsync(byOption ? empty : null, locations));
        Assert.Equal(
            $"{setting} names {empty}, which holds no digits (looked for mnist/train-images-idx3-ubyte(.gz), train-images-idx3-ubyte(.gz)); put MNIST there or leave {setting} out to have it downloaded.",
            error.Message);
    }

    [Fact]
    public async Task AMissingFolderIsNamed() => await AssertRefusesAsync(
        folder.At("nowhere"),
        "--data names {0}, which does not exist; name the folder that holds mnist/ or the idx files.");

    [Fact]
    public async Task AFileInPlaceOfAFolderIsNamed() => await AssertRefusesAsync(
        folder.Write("file", [1]),
        "--data names {0}, which is a file; name the folder that holds mnist/ or the idx files.");

    [Fact]
    public async Task AnIncompleteSetIsNamed()
    {
        folder.WriteMnist();
        File.Delete(folder.At("mnist", PublishedFiles.TestLabels.Name + ".gz"));
        await AssertRefusesAsync(
            folder.Root,
            "{0} has train-images-idx3-ubyte.gz but not t10k-labels-idx1-ubyte (or t10k-labels-idx1-ubyte.gz); add the missing file or name another folder.");
    }

    [Fact]
    public async Task LabelsThatDoNotBelongToTheImagesAreNamed()
    {
        folder.WriteMnist();
        string labels = folder.Write("mnist/train-labels-idx1-ubyte", SampleFiles.Labels(7));
        string images = folder.At("mnist", "train-images-idx3-ubyte.gz");
        await AssertRefusesAsync(folder.Root, $"{images} holds 6 images but {labels} holds 7 labels; use two files that belong together.");
    }

    [Fact]
    public async Task GreyImagesAreNotMadeUpFromStaticFiles()
    {
        folder.WriteBinarized();
        await AssertRefusesAsync(
            folder.Root,
            "--data names {0}, which holds static binarized MNIST only, and --binarize none needs grey images; use --binarize static or add the idx files.");
    }

    [Fact]
    public async Task StaticReadsThePublishedFiles()
    {
        folder.WriteMnist();
        folder.WriteBinarized();
        var data = await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(other), Binarization.Static);
        Assert.Equal((5, 2, 3), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Null(data.Train.Labels);
        Assert.Equal("static binarized MNIST", data.Source.Name);
        Assert.Empty(data.Source.Notices);
    }

    [Fact]
    public async Task StaticWithoutTheFilesDrawsOnceAndSaysSo()
    {
        folder.WriteMnist();
        var first = await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(other), Binarization.Static);
        var second = await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(other), Binarization.Static);
        byte[] drawn = first.Train.Levels.data<byte>().ToArray();
        Assert.Equal<byte>([0, 255], drawn.Distinct().Order());
        Assert.Equal(drawn, second.Train.Levels.data<byte>().ToArray());
        Assert.False(first.Train.IsDrawn);
        Assert.Equal("each pixel drawn once, with its grey level as probability", first.Source.Pixels);
        Assert.Equal(
            "The files of static binarized MNIST are not at hand, so every pixel was drawn once from its grey level; figures published for those files are not comparable.",
            Assert.Single(first.Source.Notices));
    }

    [Fact]
    public async Task WhatIsMeasuredIsDrawnOnceAndWhatIsLearntEachTime()
    {
        folder.WriteMnist();
        var data = (await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(other), Binarization.Dynamic)).HoldOut(2);
        Assert.Equal((true, false, false), (data.Train.IsDrawn, data.Validation!.IsDrawn, data.Test.IsDrawn));
        Assert.Equal<byte>([0, 255], data.Validation.Levels.data<byte>().ToArray().Distinct().Order());
        Assert.Equal((4, 2), (data.Train.Count, data.Validation.Count));
        Assert.Equal<byte>([4, 5], data.Validation.Labels!.data<byte>().ToArray());
    }

    [Fact]
    public void ThePublishedAddressesNameTheirFiles() => Assert.All(
        [.. PublishedFiles.Mnist, .. PublishedFiles.BinarizedMnist],
        file => Assert.All(file.Mirrors, mirror => Assert.Contains(file.Name, mirror.AbsolutePath, StringComparison.Ordinal)));

    [Fact]
    public async Task ALimitTakesImagesFromTheWholeFile()
    {
        folder.WriteMnist();
        var all = await LoadAsync(folder.Root, FakeNetwork.Offline().Locations(other));
        var data = all.Limit(3);
        Assert.Equal<byte>([0, 2, 4], data.Train.Labels!.data<byte>().ToArray());
        Assert.Equal((3, 3), (data.Source.TrainCount, data.Source.TestCount));
    }

    [PublishedDataFact]
    public async Task ThePublishedFilesAreRecognised()
    {
        string published = PublishedDataFactAttribute.Folder!;
        var grey = await LoadAsync(published, FakeNetwork.Offline().Locations(other), Binarization.Dynamic);
        var binary = await LoadAsync(published, FakeNetwork.Offline().Locations(other), Binarization.Static);
        Assert.Equal(("MNIST", true), (grey.Source.Name, grey.Source.IsOriginal));
        Assert.Equal((60_000, 10_000), (grey.Train.Count, grey.Test.Count));
        Assert.Equal<byte>([5, 0, 4, 1, 9], grey.Train.Labels!.data<byte>().ToArray()[..5]);
        Assert.True(binary.Source.IsOriginal);
        Assert.Equal((50_000, 10_000, 10_000), (binary.Train.Count, binary.Validation!.Count, binary.Test.Count));
    }

    private Task<DigitData> LoadAsync(string? data, DataLocations locations, Binarization binarization = Binarization.None) =>
        Digits.LoadAsync(data, binarization, locations, log.Add, CancellationToken.None);

    private async Task AssertRefusesAsync(string path, string sentence)
    {
        var error = await Assert.ThrowsAsync<UserError>(() => LoadAsync(path, FakeNetwork.Offline().Locations(other)));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
    }
}
