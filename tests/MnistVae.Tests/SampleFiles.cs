using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MnistVae.Tests;

/// <summary>Small files in MNIST's formats.</summary>
public static class SampleFiles
{
    public static byte[] Images(int count, int magic = 2051, int side = 28) =>
        [.. Numbers(magic, count, side, side), .. Enumerable.Range(0, count * side * side).Select(i => (byte)(i % 256))];

    public static byte[] Labels(int count, int magic = 2049) =>
        [.. Numbers(magic, count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))];

    public static byte[] Numbers(params int[] numbers)
    {
        byte[] bytes = new byte[4 * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
        }

        return bytes;
    }

    public static string AmatRow(int columns = 784) => string.Join(' ', Enumerable.Range(0, columns).Select(i => i % 3 == 0 ? '1' : '0'));

    public static byte[] Amat(int rows) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(AmatRow() + "\n", rows)));

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>Four small idx files, as a user's own data.</summary>
    public static void WriteMnist(this TemporaryFolder folder, string subfolder = "mnist", int train = 6, int test = 4)
    {
        folder.Write(Path.Combine(subfolder, PublishedFiles.TrainImages.Name + ".gz"), Gzip(Images(train)));
        folder.Write(Path.Combine(subfolder, PublishedFiles.TrainLabels.Name), Labels(train));
        folder.Write(Path.Combine(subfolder, PublishedFiles.TestImages.Name), Images(test));
        folder.Write(Path.Combine(subfolder, PublishedFiles.TestLabels.Name + ".gz"), Gzip(Labels(test)));
    }

    public static void WriteBinarized(this TemporaryFolder folder)
    {
        folder.Write("binarized_mnist/binarized_mnist_train.amat.gz", Gzip(Amat(5)));
        folder.Write("binarized_mnist/binarized_mnist_valid.amat", Amat(2));
        folder.Write("binarized_mnist/binarized_mnist_test.amat", Amat(3));
    }
}
