using System.IO.Compression;
using System.Security.Cryptography;

namespace MnistVae;

/// <summary>The bytes of a data file, unpacked where it is gzipped, and their MD5 in lower-case hexadecimal.</summary>
internal sealed record DataContent(byte[] Bytes, string Md5)
{
    private static readonly byte[] Mark = [.. "ProbVae: the end"u8];
    private static readonly byte[] PackedMark = Packed(Mark);

    /// <summary>Reads a file. Whether it is gzipped its first bytes say: browsers and archives take a file's ending away, and put it on.</summary>
    public static DataContent Read(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes = IsGzip(path, bytes) ? Unpacked(bytes) : bytes;
            return new(bytes, Convert.ToHexStringLower(MD5.HashData(bytes)));
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{path} is a damaged gzip file; get the file again or remove it.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that it is a file this user may read.", error);
        }
    }

    // A name in .gz counts only where the content looks like neither idx nor text: it then is a damaged gzip file.
    private static bool IsGzip(string path, byte[] bytes) => bytes is [0x1F, 0x8B, ..]
        || (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) && bytes is not [0, 0, ..] && !"01 \t\r\n"u8.Contains(bytes.FirstOrDefault()));

    // GZipStream reads one member after another (RFC 1952), but takes content that was cut for content that ended. A member of our own behind
    // it comes out last only where the content ended as a member does.
    private static byte[] Unpacked(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream([.. packed, .. PackedMark]), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        gzip.CopyTo(unpacked);
        var bytes = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        return bytes.EndsWith(Mark) ? bytes[..^Mark.Length].ToArray() : throw new InvalidDataException("The gzip content ends early, or something else follows it.");
    }

    /// <summary>Bytes as one gzip member.</summary>
    public static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
