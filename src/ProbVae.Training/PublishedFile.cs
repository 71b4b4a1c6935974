using System.IO.Compression;
using System.Security.Cryptography;

namespace ProbVae.Training;

/// <summary>A published file that no mirror gave, in a sentence.</summary>
/// <param name="name">The file.</param>
/// <param name="folder">Where it was to lie.</param>
/// <param name="reasons">What each mirror said.</param>
public sealed class FileNotFetchedException(string name, string folder, IEnumerable<string> reasons) : IOException(
    $"{name} could not be downloaded ({string.Join("; ", reasons)}), and {folder} does not have it; put it there, or connect to the network and try again.");

/// <summary>A file of a data set as its publisher serves it, known by its unpacked bytes: mirrors differ in how they pack them.</summary>
/// <param name="Name">Its name without <c>.gz</c>.</param>
/// <param name="Length">How many bytes it has, unpacked.</param>
/// <param name="Hash">Of these bytes, in hexadecimal: the MD5 (32 digits) or the SHA-256 (64), whichever is published.</param>
/// <param name="Mirrors">Where it is served, asked one after the other; what an address in <c>.gz</c> serves is gzipped.</param>
public sealed record PublishedFile(string Name, int Length, string Hash, IReadOnlyList<Uri> Mirrors)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>What archives of it call it too.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>
    /// Where it lies, or null: gzipped or not, under any of its names, and in a folder of its own name, as some archives unpack it. It is taken as it
    /// is, since it may hold data of one's own in the same format.
    /// </summary>
    /// <param name="folders">Where to look, the first one first.</param>
    public string? Find(params IReadOnlyList<string> folders)
    {
        string[] candidates = [.. from folder in folders from name in (string[])[Name, .. OtherNames] from ending in (string[])["", ".gz"] select Path.Combine(folder, name + ending)];
        return Array.Find(candidates, File.Exists)
            ?? candidates.Select(candidate => Path.Combine(candidate, Path.GetFileName(candidate))).FirstOrDefault(File.Exists)
            ?? Array.Find(candidates, Path.Exists);
    }

    /// <summary>Finds the file in a folder, or brings it there: whole and with its hash, or not at all. It is kept gzipped; <see cref="UnpackedFile"/> reads it.</summary>
    /// <param name="folder">The folder; it is made where it is not there.</param>
    /// <param name="web">Carries the download; a client of its own unless given.</param>
    /// <param name="told">Called before a mirror is asked, with a sentence.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>The path.</returns>
    /// <exception cref="FileNotFetchedException">No mirror gave it: a mirror has 6 seconds to answer, and 20 for each part.</exception>
    /// <exception cref="FileNotWrittenException">The folder cannot be written to.</exception>
    /// <exception cref="ArgumentException"><see cref="Hash"/> is neither an MD5 nor a SHA-256.</exception>
    public async Task<string> FetchAsync(string folder, HttpClient? web = null, Action<string>? told = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (Find(folder) is { } there)
        {
            return there;
        }

        using var own = web is null ? new HttpClient() : null;
        var reasons = new List<string>();
        foreach (var mirror in Mirrors)
        {
            told?.Invoke($"Downloading {Name} from {mirror.Host}.");
            var (bytes, reason) = await TryAsync(web ?? own!, mirror, cancellation).ConfigureAwait(false);
            if (bytes is not null)
            {
                var path = Path.Combine(folder, Name + ".gz");
                WholeFile.Write(path, stream => stream.Write(UnpackedFile.Packed(bytes)));
                return path;
            }

            reasons.Add($"{mirror.Host}: {reason}");
        }

        throw new FileNotFetchedException(Name, folder, reasons);
    }

    private async Task<(byte[]? Bytes, string Reason)> TryAsync(HttpClient web, Uri mirror, CancellationToken cancellation)
    {
        try
        {
            var bytes = await BytesOfAsync(web, mirror, cancellation).ConfigureAwait(false);
            return HasHash(bytes) ? (bytes, "") : (null, "wrong checksum");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, "no answer in time");
        }
        catch (HttpRequestException failure) when (failure.StatusCode is not null)
        {
            return (null, $"HTTP status {(int)failure.StatusCode}");
        }
        catch (InvalidDataException)
        {
            return (null, "damaged gzip file");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return (null, "no connection");
        }
    }

    // Reads a byte further than there should be, so that what is too long has another hash.
    private async Task<byte[]> BytesOfAsync(HttpClient web, Uri mirror, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout);
        using var answer = await web.GetAsync(mirror, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        await using var content = mirror.AbsolutePath.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(body, CompressionMode.Decompress) : body;
        var bytes = new byte[Length + 1];
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

#pragma warning disable CA5351 // An MD5 is what publishers of old data sets give; it names a file and protects nothing.
    private bool HasHash(byte[] bytes) => Hash.Length switch
    {
        2 * MD5.HashSizeInBytes => Convert.FromHexString(Hash).AsSpan().SequenceEqual(MD5.HashData(bytes)),
        2 * SHA256.HashSizeInBytes => Convert.FromHexString(Hash).AsSpan().SequenceEqual(SHA256.HashData(bytes)),
        var digits => throw new ArgumentException($"PublishedFile: the hash of {Name} has {digits} digits; give an MD5 (32 digits) or a SHA-256 (64)."),
    };
#pragma warning restore CA5351
}
