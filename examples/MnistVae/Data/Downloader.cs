using System.IO.Compression;
using System.Security.Cryptography;
using MnistVae.Runs;

namespace MnistVae.Data;

/// <summary>Brings published files into the cache; a file appears there whole and with the right checksum, or not at all.</summary>
public sealed class Downloader : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient client;
    private readonly Action<string> log;

    public Downloader(HttpMessageHandler network, Action<string> log)
    {
        client = new HttpClient(network) { Timeout = Timeout.InfiniteTimeSpan };
        this.log = log;
    }

    /// <summary>Brings what the folder lacks; the answer is null, or why it could not be done.</summary>
    public async Task<string?> TryBringAsync(IReadOnlyList<PublishedFile> files, DataFolder cache, string subfolder, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(cache);
        foreach (var file in files.Where(file => cache.Find(file, subfolder) is null))
        {
            string target = Path.Combine(cache.Path, subfolder, file.Name + ".gz");
            string? reason = await TryMirrorsAsync(file, target, cancellation).ConfigureAwait(false);
            if (reason is not null)
            {
                return reason;
            }
        }

        return null;
    }

    public void Dispose() => client.Dispose();

    private async Task<string?> TryMirrorsAsync(PublishedFile file, string target, CancellationToken cancellation)
    {
        var reasons = new List<string>();
        foreach (var mirror in file.Mirrors)
        {
            log($"Downloading {file.Name} from {mirror.Host}.");
            try
            {
                await AtomicFile.WriteAsync(target, stream => FetchAsync(mirror, file, stream, cancellation)).ConfigureAwait(false);
                return null;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception error) when (error is HttpRequestException or InvalidDataException or ChecksumException or OperationCanceledException or UserError)
            {
                reasons.Add($"{mirror.Host}: {Reason(error)}");
            }
        }

        return $"{file.Name} could not be downloaded ({string.Join("; ", reasons)})";
    }

    private async Task FetchAsync(Uri address, PublishedFile file, Stream target, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout);
        using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        bool isGzip = address.AbsolutePath.EndsWith(".gz", StringComparison.Ordinal);
        await using var content = isGzip ? new GZipStream(body, CompressionMode.Decompress) : body;
        await using var packed = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true);
        await CopyVerifiedAsync(content, packed, file, patience).ConfigureAwait(false);
    }

    private static async Task CopyVerifiedAsync(Stream content, GZipStream packed, PublishedFile file, CancellationTokenSource patience)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        while (true)
        {
            patience.CancelAfter(StallTimeout);
            int read = await ReadAsync(content, buffer, patience.Token).ConfigureAwait(false);
            length += read;
            if (read == 0 || length > file.Length)
            {
                break;
            }

            hash.AppendData(buffer.AsSpan(0, read));
            await packed.WriteAsync(buffer.AsMemory(0, read), patience.Token).ConfigureAwait(false);
        }

        if (length != file.Length || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Md5)
        {
            throw new ChecksumException();
        }
    }

    // A lost connection is the network's fault; as a plain IOException it would pass for a full disk.
    private static async ValueTask<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new HttpRequestException("the connection was lost", error);
        }
    }

    private static string Reason(Exception error) => error switch
    {
        OperationCanceledException => "no answer in time",
        HttpRequestException { StatusCode: { } status } => $"HTTP status {(int)status}",
        HttpRequestException => "no connection",
        ChecksumException => "wrong checksum",
        InvalidDataException => "damaged gzip file",
        UserError => "the cache folder cannot be written",
        _ => error.Message.TrimEnd('.'),
    };

    private sealed class ChecksumException : Exception;
}
