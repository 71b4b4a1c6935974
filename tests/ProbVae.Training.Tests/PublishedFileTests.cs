using System.Net;
using System.Security.Cryptography;

namespace ProbVae.Training.Tests;

public sealed class PublishedFileTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 251))];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://first/images.gz")]
    [InlineData("http://first/images")]
    public async Task AFileArrivesWhole(string address)
    {
        using var web = new Web(uri => uri.AbsolutePath.EndsWith(".gz", StringComparison.Ordinal) ? UnpackedFile.Packed(Content) : Content);
        Assert.Equal(_folder.At("sets", "images.gz"), await FetchAsync(web, Published(address)));
        Assert.Equal([Path.Combine("sets", "images.gz")], _folder.AllFiles());
        Assert.Equal(Content, UnpackedFile.Read(_folder.At("sets", "images.gz")));
        Assert.Equal("Downloading images from first.", Assert.Single(_told));
    }

    [Fact]
    public async Task AFileThatIsThereIsNotAskedFor()
    {
        Directory.CreateDirectory(_folder.At("sets"));
        _folder.Write(Path.Combine("sets", "images"), [1, 2]);
        using var web = new Web(_ => Content);
        Assert.Equal(_folder.At("sets", "images"), await FetchAsync(web, Published("http://first/images")));
        Assert.Empty(web.Asked);
    }

    [Theory]
    [InlineData("images")]
    [InlineData("images.gz")]
    [InlineData("pictures")]
    [InlineData("pictures.gz")]
    [InlineData("images", "images")]
    [InlineData("pictures.gz", "pictures.gz")]
    public void ItIsFoundUnderAnyOfItsNames(params string[] path)
    {
        var file = Published("http://first/images") with { OtherNames = ["pictures"] };
        Assert.Null(file.Find(_folder.At("none"), _folder.At()));
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(path))!);
        Assert.Equal(_folder.Write(Path.Combine(path), Content), file.Find(_folder.At("none"), _folder.At()));
    }

    [Fact]
    public async Task TheSecondMirrorMakesUpForTheFirst()
    {
        using var web = new Web(uri => uri.Host == "second" ? Content : null);
        await FetchAsync(web, Published("http://first/images", "http://second/images"));
        Assert.Equal(["first", "second"], web.Asked.Select(uri => uri.Host));
    }

    [Theory]
    [InlineData("missing", "HTTP status 404")]
    [InlineData("changed", "wrong checksum")]
    [InlineData("short", "wrong checksum")]
    [InlineData("long", "wrong checksum")]
    [InlineData("damaged", "damaged gzip file")]
    [InlineData("unreachable", "no connection")]
    [InlineData("silent", "no answer in time")]
    public async Task AFailureIsToldAndLeavesNothing(string failure, string reason)
    {
        using var web = new Web(_ => failure switch
        {
            "missing" => null,
            "changed" => UnpackedFile.Packed([.. Content[..^1], 99]),
            "short" => UnpackedFile.Packed(Content[..^1]),
            "long" => UnpackedFile.Packed([.. Content, 0]),
            "damaged" => Content,
            // What the client throws where its own or our time is over.
            "silent" => throw new TaskCanceledException(),
            _ => throw new HttpRequestException("no route to host"),
        });
        var error = await Assert.ThrowsAsync<FileNotFetchedException>(() => FetchAsync(web, Published("http://first/images.gz")));
        Assert.Equal(
            $"images could not be downloaded (first: {reason}), and {_folder.At("sets")} does not have it; put it there, or connect to the network and try again.",
            error.Message);
        Assert.Empty(_folder.AllFiles());
    }

    [Fact]
    public async Task ASha256IsAHashToo()
    {
        using var web = new Web(_ => Content);
        await FetchAsync(web, Published("http://first/images") with { Hash = Convert.ToHexString(SHA256.HashData(Content)) });
        Assert.NotEmpty(_folder.AllFiles());
    }

    [Fact]
    public async Task AHashThatIsNoneIsRefused()
    {
        using var web = new Web(_ => Content);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => FetchAsync(web, Published("http://first/images") with { Hash = "12ab" }));
        Assert.Equal("PublishedFile: the hash of images has 4 digits; give an MD5 (32 digits) or a SHA-256 (64).", error.Message);
    }

    [Fact]
    public async Task AFolderThatCannotBeWrittenIsTold()
    {
        _folder.Write("sets", [1]);
        using var web = new Web(_ => Content);
        await Assert.ThrowsAsync<FileNotWrittenException>(() => FetchAsync(web, Published("http://first/images")));
    }

    [Fact]
    public async Task ACancelledDownloadStops()
    {
        using var web = new Web(_ => Content);
        using var client = new HttpClient(web);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Published("http://first/images").FetchAsync(_folder.At("sets"), client, _told.Add, new CancellationToken(canceled: true)));
        Assert.Empty(_folder.AllFiles());
    }

    private async Task<string> FetchAsync(Web web, PublishedFile file)
    {
        using var client = new HttpClient(web, disposeHandler: false);
        return await file.FetchAsync(_folder.At("sets"), client, _told.Add, TestContext.Current.CancellationToken);
    }

#pragma warning disable CA5351 // As publishers of old data sets do.
    private static PublishedFile Published(params string[] addresses) =>
        new("images", Content.Length, Convert.ToHexStringLower(MD5.HashData(Content)), [.. addresses.Select(address => new Uri(address))]);
#pragma warning restore CA5351

    /// <summary>A network that answers from memory; null is not found.</summary>
    private sealed class Web(Func<Uri, byte[]?> answer) : HttpMessageHandler
    {
        public List<Uri> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Asked.Add(request.RequestUri!);
            return Task.FromResult(answer(request.RequestUri!) is { } body
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
