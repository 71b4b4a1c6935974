using CsvHelper;

namespace ProbVae.Training;

/// <summary>A line of a <see cref="TrainingHistory{TRow}"/>.</summary>
public interface IHistoryRow
{
    /// <summary>What orders the rows: a pass, or a step.</summary>
    long Place { get; }
}

/// <summary>
/// Rows that a training adds to as it goes, in a CSV file: its passes, or its validations. A row is there whole or not at all, whenever the
/// process is killed, and a resumed training drops the rows that it does again.
/// </summary>
/// <typeparam name="TRow">A line: a record of the package CsvHelper (<c>[CsvRecord]</c>), whose columns are found by their names.</typeparam>
/// <param name="path">The file; it is made with its first row, in a folder that is there.</param>
public sealed class TrainingHistory<TRow>(string path)
    where TRow : IHistoryRow
{
    private const int LongestLine = 120;

    private static readonly CsvReaderOptions Strict = new()
    {
        Separator = ',',
        TrackLineNumbers = true,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>All rows; none where there is no file. A last line that a crash cut short is none.</summary>
    /// <exception cref="InvalidDataException">A line is no such row, as where a spreadsheet saved the file; the message says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<TRow> Read() => File.Exists(path) ? Parse(File.ReadAllText(path)) : [];

    /// <summary>Adds a row at the end, flushed to the disk, or leaves the file as it was.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="FileNotWrittenException">The file cannot be written.</exception>
    public void Append(TRow row) => FileNotWrittenException.Guard(path, () =>
    {
        // Unbuffered, so that closing a file on a full disk has nothing left to write.
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var length = file.Seek(0, SeekOrigin.End);
        try
        {
            file.Write(Written([row], hasHeader: length == 0));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(length);
            throw;
        }
    });

    /// <summary>Drops every row after a place, as a training does that was resumed from its checkpoint; see <see cref="TrainingLoop{TData}.SettledStep"/>.</summary>
    /// <param name="place">The pass or step of the last row to keep.</param>
    /// <exception cref="InvalidDataException">A line is no such row; the file is unchanged.</exception>
    /// <exception cref="FileNotWrittenException">The file cannot be written.</exception>
    public void TruncateTo(long place)
    {
        var kept = Written(Read().Where(row => row.Place <= place), hasHeader: true);
        WholeFile.Write(path, stream => stream.Write(kept));
    }

    private List<TRow> Parse(string text)
    {
        var rows = new List<TRow>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var bad = 0;
        try
        {
            // CsvHelper takes a quoted "-99,5" for -995.
            bad = 1 + Array.FindIndex(lines, line => line.Contains('"', StringComparison.Ordinal));
            using var csv = CsvReader.FromText(text, Strict);
            rows.AddRange(csv.GetRecords<TRow>().TakeWhile(_ => bad == 0));
        }
        catch (CsvFormatException problem)
        {
            bad = (int)problem.LineNumber;
        }
        catch (KeyNotFoundException)
        {
            bad = 1;
        }

        // Only the last line has no end.
        return bad == 0 || bad == lines.Length ? rows : throw new InvalidDataException(
            $"{path} has '{Shortened(lines[bad - 1])}' in line {bad}, which is not {(bad == 1 ? "a header" : "a row")} of a history, with commas between columns and points in numbers (a spreadsheet may have saved it otherwise); restore the file, or export it with commas and points.");
    }

    private static byte[] Written(IEnumerable<TRow> rows, bool hasHeader)
    {
        using var text = new MemoryStream();
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { HasHeader = hasHeader, NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteRecords(rows);
        }

        return text.ToArray();
    }

    // A sentence holds no letter that steers a terminal.
    private static string Shortened(string line) =>
        string.Concat(line.Take(LongestLine).Select(letter => char.IsControl(letter) ? ' ' : letter)) + (line.Length <= LongestLine ? "" : "...");
}
