using System.Security.Cryptography;

namespace MnistVae.Tests.Data;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = SampleFiles.Images(5);

    private readonly TemporaryFolder folder = new();
    private readonly List<string> log = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("http://first/images.gz")]
    [InlineData("http://first/images")]
    public async Task AFileArrivesInTheCacheWhole(string address)
    {
        var network = new FakeNetwork(uri => uri.AbsolutePath.EndsWith(".gz", StringComparison.Ordinal) ? SampleFiles.Gzip(Content) : Content);
        Assert.Null(await BringAsync(network, Published(address)));
        Assert.Equal(["mnist/images.gz"], folder.AllFiles().Select(file => file.Replace('\\', '/')));
        Assert.Equal(Content, UnpackedFile.Read(folder.At("mnist", "images.gz")));
        Assert.Equal("Downloading images from first.", Assert.Single(log));
    }

    [Fact]
    public async Task AFileThatIsThereIsNotAskedFor()
    {
        folder.Write("mnist/images", Content);
        var network = FakeNetwork.Offline();
        Assert.Null(await BringAsync(network, Published("http://first/images")));
        Assert.Empty(network.Asked);
    }

    [Fact]
    public async Task TheSecondMirrorMakesUpForTheFirst()
    {
        var network = new FakeNetwork(uri => uri.Host == "second" ? Content : null);
        Assert.Null(await BringAsync(network, Published("http://first/images", "http://second/images")));
        Assert.Equal(["first", "second"], network.Asked.Select(uri => uri.Host));
    }

    [Theory]
    [InlineData("missing", "HTTP status 404")]
    [InlineData("changed", "wrong checksum")]
    [InlineData("short", "wrong checksum")]
    [InlineData("long", "wrong checksum")]
    [InlineData("damaged", "damaged gzip file")]
    public async Task AFailureIsToldAndLeavesNothing(string failure, string reason)
    {
        byte[]? body = failure switch
        {
            "missing" => null,
            "changed" => SampleFiles.Gzip([.. Content[..^1], 99]),
            "short" => SampleFiles.Gzip(Content[..^1]),
            "long" => SampleFiles.Gzip([.. Content, 0]),
            _ => [.. Content],
        };
        string? told = await BringAsync(new FakeNetwork(_ => body), Published("http://first/images.gz"));
        Assert.Equal($"images could not be downloaded (first: {reason})", told);
        Assert.Empty(folder.AllFiles());
    }

    [Fact]
    public async Task ACacheThatCannotBeWrittenIsTold()
    {
        folder.Write("mnist", [1]);
        string? told = await BringAsync(new FakeNetwork(_ => Content), Published("http://first/images"));
        Assert.Equal("images could not be downloaded (first: the cache folder cannot be written)", told);
    }

    [Fact]
    public void ThePublishedAddressesNameTheirFiles() => Assert.All(
        [.. PublishedFiles.Mnist, .. PublishedFiles.BinarizedMnist],
        file => Assert.All(file.Mirrors, mirror => Assert.Contains(file.Name, mirror.AbsolutePath, StringComparison.Ordinal)));

    private async Task<string?> BringAsync(FakeNetwork network, PublishedFile file)
    {
        using var downloader = new Downloader(network, log.Add);
        return await downloader.TryBringAsync([file], new DataFolder(folder.Root), "mnist", CancellationToken.None);
    }

    private static PublishedFile Published(params string[] addresses) =>
        new("images", 5, Content.Length, Convert.ToHexStringLower(MD5.HashData(Content)), [.. addresses.Select(address => new Uri(address))]);
}
