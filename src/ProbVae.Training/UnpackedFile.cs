using System.IO.Compression;

namespace ProbVae.Training;

/// <summary>A file that could not be read, in a sentence.</summary>
/// <param name="path">The file.</param>
/// <param name="cause">What kept it from being read.</param>
public sealed class FileNotReadException(string path, Exception cause)
    : IOException($"{path} cannot be read ({cause.Message.TrimEnd('.')}); check that it is a file this user may read.", cause);

/// <summary>Files of data that may be gzipped (RFC 1952), as published ones are.</summary>
public static class UnpackedFile
{
    private static ReadOnlySpan<byte> Mark => "ProbVae: the end"u8;

    /// <summary>
    /// Reads a file, and unpacks it where it is gzipped. That its first bytes say: browsers and archives take a file's ending away, and put it on.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is gzipped, and damaged or cut off; the message says so.</exception>
    /// <exception cref="FileNotReadException">It cannot be read.</exception>
    public static byte[] Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            var bytes = File.ReadAllBytes(path);
            return IsGzip(path, bytes) ? Unpacked(bytes) : bytes;
        }
        catch (InvalidDataException cause)
        {
            throw new InvalidDataException($"{path} is a damaged gzip file; get the file again or remove it.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FileNotReadException(path, cause);
        }
    }

    /// <summary>Bytes as one gzip member.</summary>
    /// <param name="bytes">The bytes.</param>
    public static byte[] Packed(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    // A name in .gz counts only where the content looks like neither idx nor text: it then is a damaged gzip file.
    private static bool IsGzip(string path, byte[] bytes) => bytes is [0x1F, 0x8B, ..]
        || (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) && bytes is not [0, 0, ..] && !"01 \t\r\n"u8.Contains(bytes.FirstOrDefault()));

    // GZipStream reads one member after another, but takes content that was cut for content that ended. A member of our own behind it comes out
    // last only where the content ended as a member does.
    private static byte[] Unpacked(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream([.. packed, .. Packed(Mark.ToArray())]), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        gzip.CopyTo(unpacked);
        var bytes = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        return bytes.EndsWith(Mark) ? bytes[..^Mark.Length].ToArray() : throw new InvalidDataException("The gzip content ends early, or something else follows it.");
    }
}
