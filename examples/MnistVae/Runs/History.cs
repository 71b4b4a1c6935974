using System.Text;

namespace MnistVae.Runs;

/// <summary>Rows that a run adds to as it goes, in a CSV file: its epochs, its validations.</summary>
/// <typeparam name="TRow">What a line is.</typeparam>
public sealed class History<TRow>(string path)
    where TRow : class, IHistoryRow<TRow>
{
    public string Path => path;

    public IReadOnlyList<TRow> Read()
    {
        try
        {
            string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
            return [.. lines.Skip(1).Select(line => TRow.TryParse(line, lines[0])).OfType<TRow>()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that this user may read it.", error);
        }
    }

    /// <summary>Adds a row at the end, or leaves the file as it was.</summary>
    public void Append(TRow row)
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

    /// <summary>Drops every row after the given epoch or step, as a run resumed from its checkpoint does them again.</summary>
    public void TruncateTo(long place)
    {
        var kept = Read().Where(row => row.Place <= place).ToList();
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.WriteLine(TRow.Header);
            foreach (var row in kept)
            {
                writer.WriteLine(row.ToCsv());
            }
        });
    }

    private static void Append(FileStream file, TRow row)
    {
        long length = file.Length;
        string header = length == 0 ? TRow.Header + Environment.NewLine : string.Empty;
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
