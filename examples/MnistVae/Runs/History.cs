using CsvHelper;

namespace MnistVae;

/// <summary>A line of a history, by the columns' names; terms are in nats an image.</summary>
public abstract record HistoryRow
{
    /// <summary>What orders the rows: an epoch or a step.</summary>
    internal abstract long Place { get; }
}

/// <summary>One line of history.csv.</summary>
/// <param name="Elbo">Of the training images, the bound that the run is about: reconstruction minus KL, or the importance weighted bound.</param>
/// <param name="TestElbo">Null in epochs without a test; so are the test's terms, which older histories lack.</param>
/// <param name="GradientNorm">The mean, over every tenth step of the epoch, of the Euclidean norm of the gradient of the loss an image, before clipping; null in older histories.</param>
/// <param name="Seconds">Wall-clock time of this epoch.</param>
[CsvRecord]
public sealed partial record EpochRow(
    [CsvColumn("epoch")] int Epoch,
    [CsvColumn("elbo")] double Elbo,
    [CsvColumn("reconstruction")] double Reconstruction,
    [CsvColumn("kl")] double Kl,
    [CsvColumn("test_elbo", Optional = true)] double? TestElbo,
    [CsvColumn("test_reconstruction", Optional = true)] double? TestReconstruction,
    [CsvColumn("test_kl", Optional = true)] double? TestKl,
    [CsvColumn("gradient_norm", Optional = true)] double? GradientNorm,
    [CsvColumn("images_per_second")] double ImagesPerSecond,
    [CsvColumn("seconds")] double Seconds)
    : HistoryRow
{
    internal override long Place => Epoch;
}

/// <summary>One line of validation.csv: the validation images after a step.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Seconds">Wall-clock time of this measurement.</param>
[CsvRecord]
public sealed partial record ValidationRow(
    [CsvColumn("step")] long Step,
    [CsvColumn("elbo")] double Elbo,
    [CsvColumn("reconstruction")] double Reconstruction,
    [CsvColumn("kl")] double Kl,
    [CsvColumn("seconds")] double Seconds)
    : HistoryRow
{
    internal override long Place => Step;
}

/// <summary>Rows that a run adds to as it goes, in a CSV file: its epochs, its validations.</summary>
/// <typeparam name="TRow">What a line is.</typeparam>
public sealed class History<TRow>(string path)
    where TRow : HistoryRow
{
    private static readonly CsvReaderOptions Strict = new()
    {
        Separator = ',',
        TrackLineNumbers = true,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    public string Path => path;

    public IReadOnlyList<TRow> Read() => File.Exists(path) ? Parse(File.ReadAllText(path)) : [];

    /// <summary>Adds a row at the end, or leaves the file as it was.</summary>
    public void Append(TRow row)
    {
        try
        {
            // Unbuffered, so that closing a file on a full disk has nothing left to write.
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
            long length = file.Seek(0, SeekOrigin.End);
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
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, error);
        }
    }

    /// <summary>Drops every row after the given epoch or step, as a run resumed from its checkpoint does them again.</summary>
    public void TruncateTo(long place)
    {
        byte[] kept = Written(Read().Where(row => row.Place <= place), hasHeader: true);
        AtomicFile.Write(path, stream => stream.Write(kept));
    }

    // A crash may have cut the last line short, which then is none; a spreadsheet may have written all of it anew.
    private List<TRow> Parse(string text)
    {
        var rows = new List<TRow>();
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int bad = 0;
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
        return bad == 0 || bad == lines.Length ? rows : throw new UserError(
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

    private static string Shortened(string line) => line.Length <= 120 ? line : line[..120] + "...";
}
