using System.Security.Cryptography;

namespace MnistVae.Data;

/// <summary>Reads a data file, gzipped or not, and takes the MD5 of its uncompressed bytes on the way.</summary>
public sealed class DataFileReader : IDisposable
{
    private readonly Stream stream;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    private DataFileReader(string path, Stream stream) => (Path, this.stream) = (path, stream);

    public string Path { get; }

    /// <summary>Opens a file. Whether it is gzipped its first bytes say: browsers and archives take a file's ending away, and put it on.</summary>
    public static DataFileReader Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            try
            {
                return new DataFileReader(path, IsGzip(path, file) ? new GzipContent(file) : file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
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

    // A name in .gz counts only where the content looks like neither: it then is a damaged gzip file.
    private static bool IsGzip(string path, Stream content)
    {
        Span<byte> first = stackalloc byte[2];
        int read = content.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        content.Seek(0, SeekOrigin.Begin);
        return GzipContent.Begins(first[..read])
            || (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) && !BeginsLikeIdx(first[..read]) && !BeginsLikeText(first[..read]));
    }

    private static bool BeginsLikeIdx(ReadOnlySpan<byte> first) => first is [0, 0];

    private static bool BeginsLikeText(ReadOnlySpan<byte> first) => first is [(byte)'0' or (byte)'1' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n', ..];

    private static UserError Unreadable(string path, Exception error) =>
        new($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that it is a file this user may read.", error);
}
