namespace MnistVae.Data;

/// <summary>Turns files that were found into images, and tells what was read.</summary>
public static class DigitReader
{
    /// <param name="paths">Training images and labels, test images and labels.</param>
    public static (DigitSet Train, DigitSet Test, IReadOnlyList<DataFile> Files) ReadMnist(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new List<DataFile>();
        var train = ReadPair(paths[0], PublishedFiles.TrainImages, paths[1], PublishedFiles.TrainLabels, files);
        var test = ReadPair(paths[2], PublishedFiles.TestImages, paths[3], PublishedFiles.TestLabels, files);
        return (train, test, files);
    }

    /// <param name="paths">Training, validation and test images.</param>
    public static (DigitSet Train, DigitSet Validation, DigitSet Test, IReadOnlyList<DataFile> Files) ReadBinarized(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new List<DataFile>();
        var sets = paths.Zip(PublishedFiles.BinarizedMnist, (path, published) => ReadAmat(path, published, files)).ToList();
        return (sets[0], sets[1], sets[2], files);
    }

    private static DigitSet ReadPair(string imagePath, PublishedFile images, string labelPath, PublishedFile labels, List<DataFile> files)
    {
        var (pixels, imageMd5) = IdxFile.ReadImages(imagePath);
        var (digits, labelMd5) = IdxFile.ReadLabels(labelPath);
        int count = pixels.Length / DigitSet.PixelCount;
        if (count != digits.Length)
        {
            throw new UserError($"{imagePath} holds {count} images but {labelPath} holds {digits.Length} labels; use two files that belong together.");
        }

        files.Add(Describe(images, imageMd5, count));
        files.Add(Describe(labels, labelMd5, count));
        return new DigitSet(pixels, digits);
    }

    private static DigitSet ReadAmat(string path, PublishedFile published, List<DataFile> files)
    {
        var (pixels, md5) = AmatFile.Read(path);
        var digits = new DigitSet(pixels, labels: null);
        files.Add(Describe(published, md5, digits.Count));
        return digits;
    }

    private static DataFile Describe(PublishedFile published, string md5, int count) =>
        new(published.Name, md5, count, IsOriginal: md5 == published.Md5);
}
