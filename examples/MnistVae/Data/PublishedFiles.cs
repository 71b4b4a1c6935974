namespace MnistVae;

/// <summary>MNIST and its static binarization, as published.</summary>
public static class PublishedFiles
{
    public static readonly PublishedFile TrainImages = Idx("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb");
    public static readonly PublishedFile TrainLabels = Idx("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624");
    public static readonly PublishedFile TestImages = Idx("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea");
    public static readonly PublishedFile TestLabels = Idx("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637");

    public static readonly PublishedFile BinaryTrain = Amat("binarized_mnist_train.amat", 78_400_000, "db28b1a6ae0fe70cbd3da91acf46e477");
    public static readonly PublishedFile BinaryValidation = Amat("binarized_mnist_valid.amat", 15_680_000, "bf37822a04e94123630de6a7dfd9c9ef");
    public static readonly PublishedFile BinaryTest = Amat("binarized_mnist_test.amat", 15_680_000, "14e41ae11040adba6ab8cb291eda0dd8");

    public static IReadOnlyList<PublishedFile> Mnist { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    public static IReadOnlyList<PublishedFile> BinarizedMnist { get; } = [BinaryTrain, BinaryValidation, BinaryTest];

    // Archives spell them train-images.idx3-ubyte.
    private static PublishedFile Idx(string name, int length, string md5) => new(
        name, length, md5, [new($"https://storage.googleapis.com/cvdf-datasets/mnist/{name}.gz"), new($"https://ossci-datasets.s3.amazonaws.com/mnist/{name}.gz")])
    {
        OtherNames = [name.Replace("-idx", ".idx", StringComparison.Ordinal)],
    };

    private static PublishedFile Amat(string name, int length, string md5) => new(
        name, length, md5, [new($"http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/{name}")]);
}
