using System.Text;

namespace ProbVae.Training.Tests;

public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileIsReplacedWhole()
    {
        string path = folder.Write("state", Encoding.ASCII.GetBytes("a long old text"));
        WholeFile.Write(path, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["state"], folder.AllFiles());
    }

    [Fact]
    public void MissingFoldersAreMade()
    {
        WholeFile.Write(folder.At("a", "b", "state"), stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(folder.At("a", "b", "state")));
    }

    [Fact]
    public void AFullDiskIsToldAndTheOldFileStays() => AssertKeepsOld(
        () => throw new IOException("No space left on device", 28),
        "{0} could not be written (the disk is full), and what was there before is unchanged; free some space or choose a folder you can write to.");

    [Fact]
    public void AForbiddenPlaceIsToldAndTheOldFileStays() => AssertKeepsOld(
        () => throw new UnauthorizedAccessException(),
        "{0} could not be written (this user may not write there), and what was there before is unchanged; free some space or choose a folder you can write to.");

    [Fact]
    public void AnotherFailureIsPassedOnAndTheOldFileStays()
    {
        string path = folder.Write("state", Encoding.ASCII.GetBytes("old"));
        Assert.Throws<InvalidOperationException>(() => WholeFile.Write(path, stream =>
        {
            stream.Write("half of"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["state"], folder.AllFiles());
    }

    [Fact]
    public void APathThatIsAFolderIsTold()
    {
        string path = Directory.CreateDirectory(folder.At("state")).FullName;
        var error = Assert.Throws<FileNotWrittenException>(() => WholeFile.Write(path, stream => stream.WriteByte(1)));
        Assert.StartsWith($"{path} could not be written (", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.AllFiles());
    }

    private void AssertKeepsOld(Action fail, string sentence)
    {
        string path = folder.Write("state", Encoding.ASCII.GetBytes("old"));
        var error = Assert.Throws<FileNotWrittenException>(() => WholeFile.Write(path, stream =>
        {
            stream.Write("half of"u8);
            fail();
        }));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["state"], folder.AllFiles());
    }
}
