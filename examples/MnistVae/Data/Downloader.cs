using System.IO.Compression;
using System.Security.Cryptography;

namespace MnistVae;

/// <summary>Brings published files into the cache; a file appears there whole and with the right checksum, or not at all.</summary>
public sealed class Downloader(HttpMessageHandler network, Action<string> log) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient client = new(network) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Brings what the folder lacks; the answer is null, or why it could not be done.</summary>
    public async Task<string?> TryBringAsync(IReadOnlyList<PublishedFile> files, DataFolder cache, string subfolder, CancellationToken cancellation)
    {
        foreach (var file in files.Where(file => cache.Find(file, subfolder) is null))
        {
            string target = Path.Combine(cache.Path, subfolder, file.Name + ".gz");
            var reasons = new List<string>();
            foreach (var mirror in file.Mirrors)
            {
                if (await TryAsync(file, mirror, target, cancellation).ConfigureAwait(false) is not { } reason)
                {
                    break;
                }

                reasons.Add($"{mirror.Host}: {reason}");
            }

            if (reasons.Count == file.Mirrors.Count)
            {
                return $"{file.Name} could not be downloaded ({string.Join("; ", reasons)})";
            }
        }

        return null;
    }

    public void Dispose() => client.Dispose();

    private async Task<string?> TryAsync(PublishedFile file, Uri mirror, string target, CancellationToken cancellation)
    {
        log($"Downloading {file.Name} from {mirror.Host}.");
        try
        {
            byte[] content = await FetchAsync(mirror, file.Length, cancellation).ConfigureAwait(false);
            if (Convert.ToHexStringLower(MD5.HashData(content)) != file.Md5)
            {
                return "wrong checksum";
            }

            WholeFile.Write(target, stream => stream.Write(UnpackedFile.Packed(content)));
            return null;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return error switch
            {
                OperationCanceledException => "no answer in time",
                HttpRequestException { StatusCode: { } status } => $"HTTP status {(int)status}",
                FileNotWrittenException => "the cache folder cannot be written",
                HttpRequestException or IOException => "no connection",
                InvalidDataException => "damaged gzip file",
                _ => throw new InvalidOperationException("A download failed in a way that is not the network's.", error),
            };
        }
    }

    // Reads a little further than there should be, so that what is too long has another checksum.
    private async Task<byte[]> FetchAsync(Uri address, long length, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout);
        using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        await using var content = address.AbsolutePath.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(body, CompressionMode.Decompress) : body;
        byte[] bytes = new byte[length + 1];
        int filled = 0, read;
        do
        {
            patience.CancelAfter(StallTimeout);
            read = await content.ReadAsync(bytes.AsMemory(filled), patience.Token).ConfigureAwait(false);
            filled += read;
        }
        while (read > 0);
        return bytes[..filled];
    }
}
