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
            return File.Exists(path) ? Parse(path, File.ReadAllText(path)) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that this user may read it.", error);
        }
    }

    // A crash may have cut the last line short, which then is none; a spreadsheet may have written all of it anew.
    private static List<TRow> Parse(string path, string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        var rows = new List<TRow>();
        for (int line = 0; line < lines.Length - 1; line++)
        {
            if (line == 0 && !TRow.IsHeader(lines[0]))
            {
                throw Refusal(path, line, lines[0], $"a header such as '{TRow.Header}'");
            }

            if (line > 0 && lines[line].Length > 0)
            {
                rows.Add(TRow.TryParse(lines[line], lines[0]) ?? throw Refusal(path, line, lines[line], $"a row of {lines[0].Split(',').Length} columns as '{Shortened(lines[0])}' names them"));
            }
        }

        // Whole but for its line's end, as an editor may leave it.
        if (lines.Length > 1 && TRow.TryParse(lines[^1], lines[0]) is { } last)
        {
            rows.Add(last);
        }

        return rows;
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

    private static UserError Refusal(string path, int line, string found, string expected) => new(
        $"{path} has '{Shortened(found)}' in line {line + 1}, which is not {expected}, with commas between columns and points in numbers (a spreadsheet may have saved it otherwise); restore the file, or export it with commas and points.");

    private static string Shortened(string line) => line.Length <= 120 ? line : line[..120] + "...";

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
