using System.Buffers.Binary;

namespace ProbVae.Training.Tests;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PlainAndGzippedFilesReadAlike()
    {
        byte[] bytes = ImageFile(3);
        Assert.Equal(bytes[16..], Images(folder.Write("plain", bytes)));
        Assert.Equal(bytes[16..], Images(folder.Write("packed.gz", UnpackedFile.Packed(bytes))));
    }

    /// <summary>Case D1.</summary>
    [Theory]
    [InlineData("labels.gz")]
    [InlineData("labels")]
    public void GzipOfSeveralMembersReads(string name)
    {
        byte[] bytes = LabelFile(70_000);
        byte[] packed = [.. UnpackedFile.Packed(bytes[..5]), .. UnpackedFile.Packed([]), .. UnpackedFile.Packed(bytes[5..66_000]), .. UnpackedFile.Packed(bytes[66_000..])];
        Assert.Equal(bytes[8..], Labels(folder.Write(name, packed)));
        foreach (byte[] damaged in (byte[][])[packed[..^1], packed[..^9], packed[..^30], [.. packed, 1, 2, 3], [.. packed, .. packed[..1]], [.. packed, .. packed[..12]]])
        {
            string path = folder.Write(name, damaged);
            Assert.Equal($"{path} is a damaged gzip file; get the file again or remove it.", Assert.Throws<InvalidDataException>(() => Labels(path)).Message);
        }
    }

    /// <summary>Case D2: content decides, not the name.</summary>
    [Fact]
    public void TheEndingOfTheNameDoesNotCount()
    {
        byte[] bytes = ImageFile(3);
        Assert.Equal(bytes[16..], Images(folder.Write("packed", UnpackedFile.Packed(bytes))));
        Assert.Equal(bytes[16..], Images(folder.Write("plain.gz", bytes)));
        Assert.Equal("1 0"u8.ToArray(), UnpackedFile.Read(folder.Write("plain.txt.gz", "1 0"u8.ToArray())));
        string labels = folder.Write("labels.gz", LabelFile(3));
        Assert.StartsWith($"{labels} holds labels where images belong", Assert.Throws<InvalidDataException>(() => Images(labels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AClaimOfTwoBillionImagesTakesNoMemory()
    {
        string path = folder.Write("images", Numbers(2051, int.MaxValue, 28, 28));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => Images(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void LabelsRead() =>
        Assert.Equal<byte>([0, 1, 2, 3], Labels(folder.Write("labels", LabelFile(4))));

    [Fact]
    public void LabelsInPlaceOfImagesAreNamed() => AssertRefuses(
        LabelFile(3),
        "{0} holds labels where images belong (magic number 2049 instead of 2051); check that the files were not swapped.");

    [Fact]
    public void AnotherFormatIsNamed() => AssertRefuses(
        ImageFile(1, magic: 77),
        "{0} is not an idx file of images: it begins with the number 77 instead of 2051; get the file again or remove it.");

    [Fact]
    public void ATruncatedBodyIsNamed() => AssertRefuses(
        ImageFile(3)[..^100],
        "{0} is cut short: it ends after 2 of 3 images; get the file again or remove it.");

    [Fact]
    public void ATruncatedHeaderIsNamed() => AssertRefuses(
        ImageFile(3)[..10],
        "{0} is cut short: it ends within the header of an idx file of images; get the file again or remove it.");

    [Fact]
    public void SurplusBytesAreNamed() => AssertRefuses(
        [.. ImageFile(3), 0],
        "{0} goes on after the 3 images that its header tells of; get the file again or remove it.");

    [Fact]
    public void AnotherSizeIsNamed() => AssertRefuses(
        ImageFile(2, side: 32),
        "{0} holds images of 32 x 32 pixels, but this program needs 28 x 28; use a data set of that size.");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void AnImpossibleCountIsNamed(int count) => AssertRefuses(
        Numbers(2051, count, 28, 28),
        $"{{0}} claims to hold {count} images, but there must be 1 or more; get the file again or remove it.");

    [Fact]
    public void ALabelBeyondNineIsNamed()
    {
        byte[] bytes = LabelFile(5);
        bytes[^2] = 37;
        string path = folder.Write("labels", bytes);
        var error = Assert.Throws<InvalidDataException>(() => Labels(path));
        Assert.Equal($"{path} has the label 37 at position 3, but labels run from 0 to 9; use the labels of these images.", error.Message);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("no trailer")]
    public void DamagedGzipIsNamed(string damage)
    {
        byte[] packed = UnpackedFile.Packed(ImageFile(50));
        packed = damage switch
        {
            "garbage" => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            "flipped" => Flip(packed, packed.Length - 6),
            "cut" => packed[..(packed.Length / 2)],
            _ => packed[..^8],
        };
        string path = folder.Write("images.gz", packed);
        var error = Assert.Throws<InvalidDataException>(() => Images(path));
        Assert.Equal($"{path} is a damaged gzip file; get the file again or remove it.", error.Message);
    }

    [Fact]
    public void AFolderInPlaceOfAFileCannotBeRead()
    {
        string path = Directory.CreateDirectory(folder.At("images")).FullName;
        var error = Assert.Throws<FileNotReadException>(() => Images(path));
        Assert.StartsWith($"{path} cannot be read (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("); check that it is a file this user may read.", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Images(string path) => IdxFile.Images(path, UnpackedFile.Read(path), 28, 28);

    private static byte[] Labels(string path) => IdxFile.Labels(path, UnpackedFile.Read(path), classes: 10);

    private static byte[] ImageFile(int count, int magic = 2051, int side = 28) =>
        [.. Numbers(magic, count, side, side), .. Enumerable.Range(0, count * side * side).Select(i => (byte)(i % 256))];

    private static byte[] LabelFile(int count) => [.. Numbers(2049, count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))];

    private static byte[] Numbers(params int[] numbers) => [.. numbers.SelectMany(number => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(number)))];

    private void AssertRefuses(byte[] bytes, string sentence)
    {
        string path = folder.Write("images", bytes);
        var error = Assert.Throws<InvalidDataException>(() => Images(path));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
    }

    private static byte[] Flip(byte[] bytes, int position)
    {
        bytes[position] ^= 0x55;
        return bytes;
    }
}
