using System.Text;
using MnistVae.Images;

namespace MnistVae.Tests.Images;

public sealed class PngWriterTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(300, 200)]
    public void PixelsComeBack(int width, int height)
    {
        var image = new GreyImage(width, height, fill: 9);
        for (int i = 0; i < width * height; i += 2)
        {
            image.Fill(i % width, i / width, 1, 1, (byte)(i * 37));
        }

        using var file = new MemoryStream();
        PngWriter.Write(image, file);
        var decoded = PngDecoder.Decode(file.ToArray());
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.All(Enumerable.Range(0, height), y => Assert.Equal(image.Row(y), decoded.Pixels.AsSpan(y * width, width)));
    }

    // The check value that every description of this CRC gives.
    [Fact]
    public void TheChecksumIsTheStandardOne() => Assert.Equal(0xCBF43926, Crc32.Of("1234"u8, "56789"u8));

    [Fact]
    public void SavingReplacesAnOldPicture()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("picture.png", Encoding.ASCII.GetBytes("old"));
        PngWriter.Save(new GreyImage(2, 2, fill: 200), path);
        Assert.Equal<byte>([200, 200, 200, 200], PngDecoder.Decode(File.ReadAllBytes(path)).Pixels);
        Assert.Equal(["picture.png"], folder.AllFiles());
    }
}
