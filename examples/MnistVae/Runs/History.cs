using System.Text;

namespace MnistVae.Runs;

/// <summary>The epochs of a run, in history.csv.</summary>
public sealed class History(string path)
{
    public string Path => path;

    public IReadOnlyList<EpochRow> Read()
    {
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Select(EpochRow.TryParse).OfType<EpochRow>()] : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that this user may read it.", error);
        }
    }

    /// <summary>Adds an epoch at the end, or leaves the file as it was.</summary>
    public void Append(EpochRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        try
        {
            // Unbuffered, so that closing a file on a full disk has nothing left to write.
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
            Append(file, row);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, error);
        }
    }

    /// <summary>Drops every epoch after the given one, as a run resumed from its checkpoint does them again.</summary>
    public void TruncateTo(int epoch)
    {
        var kept = Read().Where(row => row.Epoch <= epoch).ToList();
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.WriteLine(EpochRow.Header);
            foreach (var row in kept)
            {
                writer.WriteLine(row.ToCsv());
            }
        });
    }

    private static void Append(FileStream file, EpochRow row)
    {
        long length = file.Length;
        string header = length == 0 ? EpochRow.Header + Environment.NewLine : string.Empty;
        file.Seek(0, SeekOrigin.End);
        try
        {
            file.Write(Encoding.UTF8.GetBytes(header + row.ToCsv() + Environment.NewLine));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(length);
            throw;
        }
    }
}
