using System.Text;

namespace MnistVae.Tests.Data;

public sealed class AmatFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\n")]
    [InlineData(" \r\n")]
    public void RowsBecomeBlackAndWhite(string lineEnd)
    {
        string row = SampleFiles.AmatRow();
        byte[] pixels = Pixels(Write(row + lineEnd + row + lineEnd));
        Assert.Equal(2 * DigitSet.PixelCount, pixels.Length);
        Assert.Equal<byte>([255, 0, 0, 255], pixels[..4]);
        Assert.Equal(pixels[..DigitSet.PixelCount], pixels[DigitSet.PixelCount..]);
    }

    [Fact]
    public void TheLastLineMayLackItsEnd() => Assert.Equal(DigitSet.PixelCount, Pixels(Write(SampleFiles.AmatRow())).Length);

    [Theory]
    [InlineData(783)]
    [InlineData(785)]
    public void AWrongNumberOfColumnsIsNamed(int columns) => AssertRefuses(
        SampleFiles.AmatRow() + "\n" + SampleFiles.AmatRow(columns) + "\n",
        $"{{0}} has {columns} values in line 2, but an image has 784; get the file again or remove it.");

    [Fact]
    public void AnotherCharacterIsNamed() => AssertRefuses(
        SampleFiles.AmatRow() + "\n0 1 2",
        "{0} has the character '2' in line 2, but only 0 and 1 with spaces between may stand there; get the file again or remove it.");

    [Fact]
    public void AByteThatIsNoTextIsNamed() => AssertRefuses(
        "0 1 \u0001",
        "{0} has the byte 1 in line 1, but only 0 and 1 with spaces between may stand there; get the file again or remove it.");

    [Fact]
    public void AnEmptyFileIsNamed() => AssertRefuses("\n\n", "{0} holds no images; get the file again or remove it.");

    [Fact]
    public void AFileCutAtTheEndOfALineIsNamed()
    {
        byte[] packed = SampleFiles.Gzip(SampleFiles.Amat(200));
        string path = folder.Write("rows.amat.gz", packed[..^8]);
        var error = Assert.Throws<InvalidDataException>(() => Pixels(path));
        Assert.Equal($"{path} is a damaged gzip file; get the file again or remove it.", error.Message);
    }

    private static byte[] Pixels(string path) => AmatFile.Pixels(path, UnpackedFile.Read(path));

    private string Write(string text) => folder.Write("rows.amat", Encoding.ASCII.GetBytes(text));

    private void AssertRefuses(string text, string sentence)
    {
        string path = Write(text);
        var error = Assert.Throws<InvalidDataException>(() => Pixels(path));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
    }
}
