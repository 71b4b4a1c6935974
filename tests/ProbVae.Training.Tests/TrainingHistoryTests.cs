using CsvHelper;

namespace ProbVae.Training.Tests;

public sealed class TrainingHistoryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingHistory<EpochRow> history;

    public TrainingHistoryTests() => history = new TrainingHistory<EpochRow>(folder.At("history.csv"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void RowsComeBack()
    {
        EpochRow[] rows = [Row(1), Row(2) with { TestElbo = null }, Row(3) with { Elbo = double.NaN }];
        foreach (var row in rows)
        {
            history.Append(row);
        }

        Assert.Equal(rows, history.Read());
        Assert.Equal("epoch,elbo,reconstruction,kl,test_elbo,test_reconstruction,test_kl,gradient_norm,images_per_second,seconds", File.ReadLines(history.Path).First());
        Assert.Equal("2,-100.1,-80.2,19.9,,-79.5,20,3.5,12000.5,1.25", File.ReadLines(history.Path).ElementAt(2));
    }

    [Fact]
    public void ResumingDropsLaterEpochsAndABrokenLine()
    {
        foreach (int epoch in Enumerable.Range(1, 4))
        {
            history.Append(Row(epoch));
        }

        File.AppendAllText(history.Path, "5,-99.1,-7");
        history.TruncateTo(2);
        history.Append(Row(3));
        Assert.Equal([1, 2, 3], history.Read().Select(row => row.Epoch));
        Assert.Equal(4, File.ReadAllLines(history.Path).Length);
    }

    [Fact]
    public void AnOlderHistoryLacksWhatItsHeaderLacks()
    {
        folder.Write("history.csv", "epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds\n1,-100.1,-80.2,19.9,-99.5,12000.5,1.250\n"u8.ToArray());
        var old = Row(1) with { TestReconstruction = null, TestKl = null, GradientNorm = null };
        Assert.Equal(old, Assert.Single(history.Read()));
        // A resumed run writes the file anew, with today's columns.
        history.TruncateTo(1);
        history.Append(Row(2));
        Assert.Equal([old, Row(2)], history.Read());
    }

    /// <summary>Case D4.</summary>
    [Theory]
    [InlineData("epoch;elbo;reconstruction;kl;test_elbo;images_per_second;seconds\n1;-100,1;-80,2;19,9;-99,5;12000,5;1,25\n", 1, "epoch;elbo")]
    [InlineData("epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds\n1,-100.1,-80.2,19.9,-99.5,12000.5,1.25\n2;-100,1;-80,2;19,9;-99,5;12000,5;1,25\n", 3, "2;-100,1")]
    [InlineData("epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds\n1,-100,1,-80,2,19,9,-99,5,12000,5,1,25\n", 2, "1,-100,1")]
    [InlineData("epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds\n1,-100.1,-80.2,19.9,\"-99,5\",12000.5,1.25\n", 2, "1,-100.1")]
    [InlineData("epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds\n1,-100.1,-80.2,#NAME?,,12000.5,1.25\n2,-1,-1,0,,1,1\n", 2, "1,-100.1")]
    public void AFileThatASpreadsheetSavedIsRefusedWithItsLine(string text, int line, string beginning)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        folder.Write("history.csv", bytes);
        foreach (var read in (Action[])[() => history.Read(), () => history.TruncateTo(1)])
        {
            var error = Assert.Throws<InvalidDataException>(read);
            Assert.StartsWith($"{history.Path} has '{beginning}", error.Message, StringComparison.Ordinal);
            Assert.Contains($" in line {line}, which is not ", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("restore the file, or export it with commas and points.", error.Message, StringComparison.Ordinal);
            Assert.Equal(bytes, File.ReadAllBytes(history.Path));
        }
    }

    [Fact]
    public void ALineThatACrashCutShortIsNone()
    {
        folder.Write("history.csv", "epoch,el"u8.ToArray());
        Assert.Empty(history.Read());
        history.TruncateTo(0);
        history.Append(Row(1));
        Assert.Equal(Row(1), Assert.Single(history.Read()));
    }

    [Fact]
    public void AnEmptyFileGetsItsHeader()
    {
        folder.Write("history.csv", []);
        history.Append(Row(1));
        Assert.Equal(Row(1), Assert.Single(history.Read()));
    }

    [Fact]
    public void APlaceThatCannotBeWrittenIsTold()
    {
        Directory.CreateDirectory(history.Path);
        var error = Assert.Throws<FileNotWrittenException>(() => history.Append(Row(1)));
        Assert.StartsWith($"{history.Path} could not be written (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunWithoutEpochsHasAnEmptyHistory() => Assert.Empty(history.Read());

    [Fact]
    public void AHistoryOfNoRowsHasItsHeader()
    {
        var validations = new TrainingHistory<ValidationRow>(folder.At("validation.csv"));
        validations.TruncateTo(0);
        Assert.Equal("step,elbo,reconstruction,kl,seconds\n", File.ReadAllText(validations.Path));
        validations.Append(new(65_000, -98.5, -76.25, 22.25, 0.5));
        Assert.Equal(new(65_000, -98.5, -76.25, 22.25, 0.5), Assert.Single(validations.Read()));
        Assert.Equal("step,elbo,reconstruction,kl,seconds\n65000,-98.5,-76.25,22.25,0.5\n", File.ReadAllText(validations.Path));
    }

    [Theory]
    [InlineData("x,1,2,3,4,5,6,7,8,9")]
    [InlineData("1,1,2,3,4,5")]
    [InlineData("1,1,2,,4,5,6,7,8,9")]
    [InlineData("1.5,1,2,3,4,5,6,7,8,9")]
    public void ALineThatIsNoRowIsRefused(string line)
    {
        history.Append(Row(1));
        File.AppendAllText(history.Path, line + "\n");
        Assert.Contains($"has '{line}' in line 3, which is not a row", Assert.Throws<InvalidDataException>(() => history.Read()).Message, StringComparison.Ordinal);
    }

    private static EpochRow Row(int epoch) => new(epoch, -100.1, -80.2, 19.9, -99.5, -79.5, 20, 3.5, 12000.5, 1.25);
}

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
    [CsvColumn("seconds")] double Seconds) : IHistoryRow
{
    long IHistoryRow.Place => Epoch;
}

[CsvRecord]
public sealed partial record ValidationRow(
    [CsvColumn("step")] long Step,
    [CsvColumn("elbo")] double Elbo,
    [CsvColumn("reconstruction")] double Reconstruction,
    [CsvColumn("kl")] double Kl,
    [CsvColumn("seconds")] double Seconds) : IHistoryRow
{
    long IHistoryRow.Place => Step;
}
