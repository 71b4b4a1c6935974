namespace MnistVae.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PlainAndGzippedFilesReadAlike()
    {
        byte[] bytes = SampleFiles.Images(3);
        var plain = IdxFile.ReadImages(folder.Write("plain", bytes));
        var packed = IdxFile.ReadImages(folder.Write("packed.gz", SampleFiles.Gzip(bytes)));
        Assert.Equal(bytes[16..], plain.Pixels);
        Assert.Equal(plain.Pixels, packed.Pixels);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes)), plain.Md5);
        Assert.Equal(plain.Md5, packed.Md5);
    }

    /// <summary>Case D1.</summary>
    [Theory]
    [InlineData("labels.gz")]
    [InlineData("labels")]
    public void GzipOfSeveralMembersReads(string name)
    {
        byte[] bytes = SampleFiles.Labels(70_000);
        byte[] packed = [.. SampleFiles.Gzip(bytes[..5]), .. SampleFiles.Gzip([]), .. SampleFiles.Gzip(bytes[5..66_000]), .. SampleFiles.Gzip(bytes[66_000..])];
        Assert.Equal(bytes[8..], IdxFile.ReadLabels(folder.Write(name, packed)).Labels);
        foreach (byte[] damaged in (byte[][])[packed[..^1], packed[..^9], packed[..^30], [.. packed, 1, 2, 3], [.. packed, .. packed[..1]], [.. packed, .. packed[..12]]])
        {
            string path = folder.Write(name, damaged);
            Assert.Equal($"{path} is a damaged gzip file; get the file again or remove it.", Assert.Throws<UserError>(() => IdxFile.ReadLabels(path)).Message);
        }
    }

    /// <summary>Case D2: content decides, not the name.</summary>
    [Fact]
    public void TheEndingOfTheNameDoesNotCount()
    {
        byte[] bytes = SampleFiles.Images(3);
        Assert.Equal(bytes[16..], IdxFile.ReadImages(folder.Write("packed", SampleFiles.Gzip(bytes))).Pixels);
        Assert.Equal(bytes[16..], IdxFile.ReadImages(folder.Write("plain.gz", bytes)).Pixels);
        Assert.Equal(2 * 784, AmatFile.Read(folder.Write("plain.amat.gz", SampleFiles.Amat(2))).Pixels.Length);
        Assert.Equal(2 * 784, AmatFile.Read(folder.Write("packed.amat", SampleFiles.Gzip(SampleFiles.Amat(2)))).Pixels.Length);
        string labels = folder.Write("labels.gz", SampleFiles.Labels(3));
        Assert.StartsWith($"{labels} holds labels where images belong", Assert.Throws<UserError>(() => IdxFile.ReadImages(labels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AClaimOfAMillionImagesTakesNoMemory()
    {
        string path = folder.Write("images", SampleFiles.Numbers(2051, 1_000_000, 28, 28));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<UserError>(() => IdxFile.ReadImages(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void LabelsRead() =>
        Assert.Equal<byte>([0, 1, 2, 3], IdxFile.ReadLabels(folder.Write("labels", SampleFiles.Labels(4))).Labels);

    [Fact]
    public void LabelsInPlaceOfImagesAreNamed() => AssertRefuses(
        SampleFiles.Labels(3),
        "{0} holds labels where images belong (magic number 2049 instead of 2051); check that the files were not swapped.");

    [Fact]
    public void AnotherFormatIsNamed() => AssertRefuses(
        SampleFiles.Images(1, magic: 77),
        "{0} is not an idx file of images: it begins with the number 77 instead of 2051; get the file again or remove it.");

    [Fact]
    public void ATruncatedBodyIsNamed() => AssertRefuses(
        SampleFiles.Images(3)[..^100],
        "{0} is cut short: it ends after 2 of 3 images; get the file again or remove it.");

    [Fact]
    public void ATruncatedHeaderIsNamed() => AssertRefuses(
        SampleFiles.Images(3)[..10],
        "{0} is cut short: it ends within the header of an idx file of images; get the file again or remove it.");

    [Fact]
    public void SurplusBytesAreNamed() => AssertRefuses(
        [.. SampleFiles.Images(3), 0],
        "{0} goes on after the 3 images that its header tells of; get the file again or remove it.");

    [Fact]
    public void AnotherSizeIsNamed() => AssertRefuses(
        SampleFiles.Images(2, side: 32),
        "{0} holds images of 32 x 32 pixels, but this program needs 28 x 28; use MNIST or a set of that size.");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void AnImpossibleCountIsNamedBeforeMemoryIsTaken(int count) => AssertRefuses(
        SampleFiles.Numbers(2051, count, 28, 28),
        $"{{0}} claims to hold {count} images, but 1 to 1000000 can be used; get the file again or remove it.");

    [Fact]
    public void ALabelBeyondNineIsNamed()
    {
        byte[] bytes = SampleFiles.Labels(5);
        bytes[^2] = 37;
        string path = folder.Write("labels", bytes);
        var error = Assert.Throws<UserError>(() => IdxFile.ReadLabels(path));
        Assert.Equal($"{path} has the label 37 at position 3, but labels run from 0 to 9; use the labels of MNIST.", error.Message);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("no trailer")]
    public void DamagedGzipIsNamed(string damage)
    {
        byte[] packed = SampleFiles.Gzip(SampleFiles.Images(50));
        packed = damage switch
        {
            "garbage" => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            "flipped" => Flip(packed, packed.Length - 6),
            "cut" => packed[..(packed.Length / 2)],
            _ => packed[..^8],
        };
        string path = folder.Write("images.gz", packed);
        var error = Assert.Throws<UserError>(() => IdxFile.ReadImages(path));
        Assert.Equal($"{path} is a damaged gzip file; get the file again or remove it.", error.Message);
    }

    [Fact]
    public void AFolderInPlaceOfAFileCannotBeRead()
    {
        string path = Directory.CreateDirectory(folder.At("images")).FullName;
        var error = Assert.Throws<UserError>(() => IdxFile.ReadImages(path));
        Assert.StartsWith($"{path} cannot be read (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("); check that it is a file this user may read.", error.Message, StringComparison.Ordinal);
    }

    private void AssertRefuses(byte[] bytes, string sentence)
    {
        string path = folder.Write("images", bytes);
        var error = Assert.Throws<UserError>(() => IdxFile.ReadImages(path));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), error.Message);
    }

    private static byte[] Flip(byte[] bytes, int position)
    {
        bytes[position] ^= 0x55;
        return bytes;
    }
}
