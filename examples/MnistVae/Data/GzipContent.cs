using System.IO.Compression;

namespace MnistVae.Data;

/// <summary>
/// The uncompressed bytes of gzip content, of one member or of several after one another (RFC 1952, section 2.2). GZipStream takes content
/// that was cut for content that ended, so a member of this program's own is put behind it: where its bytes do not come out last, the
/// content did not end where a member ends.
/// </summary>
internal sealed class GzipContent : Stream
{
    private static readonly byte[] Mark = [.. "ProbVae: the end"u8];
    private static readonly byte[] MarkMember = Packed(Mark);

    private readonly GZipStream gzip;

    // What was read and may be the mark, so that it is not given yet.
    private readonly byte[] held = new byte[1 << 16];
    private int start;
    private int end;
    private bool isOver;

    /// <param name="content">Begins with a member; disposed of with this.</param>
    public GzipContent(Stream content) => gzip = new GZipStream(new Followed(content, MarkMember), CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether bytes begin like gzip content.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    /// <exception cref="InvalidDataException">A member is damaged, or the content does not end with one.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (!isOver && end - start <= Mark.Length)
        {
            Take();
        }

        int given = Math.Min(buffer.Length, isOver ? end - start : end - start - Mark.Length);
        held.AsSpan(start, given).CopyTo(buffer);
        start += given;
        return given;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take()
    {
        held.AsSpan(start, end - start).CopyTo(held);
        (start, end) = (0, end - start);
        int read = gzip.Read(held.AsSpan(end));
        end += read;
        if (read > 0)
        {
            return;
        }

        if (!held.AsSpan(0, end).EndsWith(Mark))
        {
            throw new InvalidDataException("The gzip content ends early, or something else follows it.");
        }

        (isOver, end) = (true, end - Mark.Length);
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>A stream, and some bytes behind it.</summary>
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private int given;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = first.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            int rest = Math.Min(buffer.Length, then.Length - given);
            then.AsSpan(given, rest).CopyTo(buffer);
            given += rest;
            return rest;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                first.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
