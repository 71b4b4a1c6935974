using System.Text;
using MnistVae.Runs;

namespace MnistVae.Tests.Runs;

public sealed class NpyFileTests
{
    [Fact]
    public void FloatsFollowAHeaderOfTheFormat()
    {
        using var file = new MemoryStream();
        NpyFile.Write(file, [1f, -2.5f, 0, 3, 4, float.NaN], 2, 3);
        byte[] bytes = file.ToArray();
        Assert.Equal<byte>([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0], bytes[..8]);
        int length = bytes[8] + (256 * bytes[9]);
        Assert.Equal(0, (10 + length) % 64);
        string header = Encoding.ASCII.GetString(bytes, 10, length);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", header.TrimEnd());
        Assert.EndsWith(" \n", header, StringComparison.Ordinal);
        Assert.Equal<byte>([0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0], bytes[(10 + length)..(18 + length)]);
        Assert.Equal(10 + length + 24, bytes.Length);
    }

    [Fact]
    public void ATupleOfOneHasItsComma()
    {
        using var file = new MemoryStream();
        NpyFile.Write(file, (ReadOnlySpan<byte>)[7, 8, 9], 3);
        byte[] bytes = file.ToArray();
        Assert.Contains("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal<byte>([(byte)'\n', 7, 8, 9], bytes[^4..]);
    }

    [Fact]
    public void AShapeThatDoesNotFitIsRefused()
    {
        using var file = new MemoryStream();
        Assert.Throws<ArgumentException>(() => NpyFile.Write(file, [1f, 2], 3));
        Assert.Equal(0, file.Length);
    }
}
