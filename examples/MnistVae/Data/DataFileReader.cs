using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace MnistVae.Data;

/// <summary>Reads a data file, gzipped or not, and takes the MD5 of its uncompressed bytes on the way.</summary>
public sealed class DataFileReader : IDisposable
{
    private readonly Stream stream;
    private readonly uint? promisedLength;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    private long length;

    private DataFileReader(string path, Stream stream, uint? promisedLength)
    {
        Path = path;
        this.stream = stream;
        this.promisedLength = promisedLength;
    }

    public string Path { get; }

    public static DataFileReader Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            bool isGzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            return isGzip
                ? new DataFileReader(path, new GZipStream(file, CompressionMode.Decompress), PromisedLength(file))
                : new DataFileReader(path, file, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Fills as much of the buffer as the file has left and says how much that was.</summary>
    public int Fill(Span<byte> buffer)
    {
        try
        {
            int filled = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            hash.AppendData(buffer[..filled]);
            length += filled;
            if (filled < buffer.Length && promisedLength is { } promised && promised != (uint)length)
            {
                throw new InvalidDataException("The gzip file ends early.");
            }

            return filled;
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{Path} is a damaged gzip file; get the file again or remove it.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(Path, error);
        }
    }

    /// <summary>The MD5 of all bytes read so far.</summary>
    public string Md5() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    // GZipStream takes a file that was cut for one that ended, so the length at the file's end is checked here.
    private static uint PromisedLength(FileStream file)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        if (file.Length >= bytes.Length)
        {
            file.Seek(-bytes.Length, SeekOrigin.End);
            file.ReadExactly(bytes);
            file.Seek(0, SeekOrigin.Begin);
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private static UserError Unreadable(string path, Exception error) =>
        new($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that it is a file this user may read.", error);
}
