using System.Security.Cryptography;

namespace MnistVae;

/// <summary>The places of this machine where data is looked for.</summary>
/// <param name="EnvironmentFolder">What the variable PROBVAE_DATA names, or null.</param>
/// <param name="CacheFolder">Where downloads are kept.</param>
/// <param name="Network">Carries the downloads.</param>
public sealed record DataLocations(string? EnvironmentFolder, string CacheFolder, Func<HttpMessageHandler> Network)
{
    public const string Variable = "PROBVAE_DATA";

    // An offline machine must fall through to the drawn digits fast.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    public static DataLocations OfThisMachine() => new(
        Named(Variable), Path.Combine(CacheRoot(), "probvae"), () => new SocketsHttpHandler { ConnectTimeout = ConnectTimeout });

    private static string CacheRoot() => OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Named("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}

/// <summary>Finds the digits: <c>--data</c>, PROBVAE_DATA, the cache, a download, and at last digits drawn by this program.</summary>
public static class Digits
{
    private const string NotTheStaticFiles =
        "The files of static binarized MNIST are not at hand, so every pixel was drawn once from its grey level; figures published for those files are not comparable.";

    /// <param name="folder">What <c>--data</c> names, or null. A folder that the user named is used or refused, never passed over.</param>
    public static async Task<DigitData> LoadAsync(string? folder, Binarization binarization, DataLocations locations, Action<string> log, CancellationToken cancellation)
    {
        if ((folder ?? locations.EnvironmentFolder) is { } named)
        {
            return folder is null
                ? FromFolder(named, DataLocations.Variable, DataOrigin.Environment, binarization)
                : FromFolder(named, "--data", DataOrigin.Option, binarization);
        }

        var cache = new DataFolder(locations.CacheFolder);
        using var downloader = new Downloader(locations.Network(), log);
        var notices = new List<string>();
        if (binarization == Binarization.Static
            && await BringAsync(PublishedFiles.BinarizedMnist, DataFolder.BinarizedSubfolder).ConfigureAwait(false) is { } binaryOrigin)
        {
            return Binary(cache, binaryOrigin);
        }

        return await BringAsync(PublishedFiles.Mnist, DataFolder.MnistSubfolder).ConfigureAwait(false) is { } origin
            ? Mnist(cache, origin, binarization, notices)
            : Draw(binarization, notices);

        // Where the files come from, or null where they are not to be had.
        async Task<DataOrigin?> BringAsync(IReadOnlyList<PublishedFile> files, string subfolder)
        {
            var found = files.All(file => cache.Find(file, subfolder) is not null) ? DataOrigin.Cache : DataOrigin.Download;
            string? obstacle = await downloader.TryBringAsync(files, cache, subfolder, cancellation).ConfigureAwait(false);
            if (obstacle is not null)
            {
                notices.Add($"{obstacle}.");
            }

            return obstacle is null ? found : null;
        }
    }

    /// <summary>The digits that this program draws by itself.</summary>
    public static DigitData Draw(Binarization binarization, IReadOnlyList<string> notices)
    {
        var (train, test) = ProceduralDigits.Draw(ProceduralDigits.Seed, ProceduralDigits.TrainCount, ProceduralDigits.TestCount);
        DataFile[] drawn = [Drawn("train", train), Drawn("test", test)];
        return Grey(binarization, train, test, new("procedural digits", DataOrigin.Procedural, $"drawn from seed {ProceduralDigits.Seed}", "", 0, 0, 0, drawn, notices));

        static DataFile Drawn(string name, DigitSet digits) => new(name, Convert.ToHexStringLower(MD5.HashData(digits.Pixels)), digits.Count, IsOriginal: false);
    }

    private static DigitData FromFolder(string path, string setting, DataOrigin origin, Binarization binarization)
    {
        var folder = new DataFolder(path);
        folder.EnsureReadable(setting);
        bool hasBinary = folder.FindBinarized() is not null;
        if (binarization == Binarization.Static && hasBinary)
        {
            return Binary(folder, origin);
        }

        if (folder.FindMnist() is not null)
        {
            return Mnist(folder, origin, binarization, []);
        }

        if (hasBinary)
        {
            throw new UserError($"{setting} names {folder.Path}, which holds static binarized MNIST only, and --binarize {OptionTable.Spell(binarization)} needs grey images; use --binarize static or add the idx files.");
        }

        string looked = $"{DataFolder.MnistSubfolder}/{PublishedFiles.TrainImages.Name}(.gz), {PublishedFiles.TrainImages.Name}(.gz)";
        looked += binarization == Binarization.Static ? $" and {DataFolder.BinarizedSubfolder}/{PublishedFiles.BinaryTrain.Name}(.gz)" : "";
        throw new UserError($"{setting} names {folder.Path}, which holds no digits (looked for {looked}); put MNIST there or leave {setting} out to have it downloaded.");
    }

    private static DigitData Binary(DataFolder folder, DataOrigin origin)
    {
        var files = new List<DataFile>();
        var sets = folder.FindBinarized()!.Zip(PublishedFiles.BinarizedMnist, (path, published) =>
            new DigitSet(Read(path, published, files, AmatFile.Pixels, DigitSet.PixelCount), labels: null)).ToList();
        var counts = sets.ConvertAll(set => set.Count);
        return new(sets[0], sets[1], sets[2], new(
            "static binarized MNIST", origin, folder.Path, "zeros and ones as published", counts[0], counts[1], counts[2], files, []));
    }

    private static DigitData Mnist(DataFolder folder, DataOrigin origin, Binarization binarization, IReadOnlyList<string> notices)
    {
        var paths = folder.FindMnist()!;
        var files = new List<DataFile>();
        var train = ReadPair(paths[0], PublishedFiles.TrainImages, paths[1], PublishedFiles.TrainLabels, files);
        var test = ReadPair(paths[2], PublishedFiles.TestImages, paths[3], PublishedFiles.TestLabels, files);
        string name = files.All(file => file.IsOriginal) ? "MNIST" : "digits in MNIST's format";
        return Grey(binarization, train, test, new(name, origin, folder.Path, "", 0, 0, 0, files, notices));
    }

    private static DigitSet ReadPair(string imagePath, PublishedFile images, string labelPath, PublishedFile labels, List<DataFile> files)
    {
        byte[] pixels = Read(imagePath, images, files, PixelsOf, DigitSet.PixelCount);
        byte[] digits = Read(labelPath, labels, files, LabelsOf, size: 1);
        int count = pixels.Length / DigitSet.PixelCount;
        return count == digits.Length
            ? new DigitSet(pixels, digits)
            : throw new UserError($"{imagePath} holds {count} images but {labelPath} holds {digits.Length} labels; use two files that belong together.");

        static byte[] PixelsOf(string path, byte[] bytes) => IdxFile.Images(path, bytes, DigitSet.Side, DigitSet.Side);
        static byte[] LabelsOf(string path, byte[] bytes) => IdxFile.Labels(path, bytes, ImageBatch.Classes);
    }

    // What a file holds, which is noted.
    private static byte[] Read(string path, PublishedFile published, List<DataFile> files, Func<string, byte[], byte[]> parse, int size)
    {
        byte[] bytes = UnpackedFile.Read(path);
        byte[] values = parse(path, bytes);
        string md5 = Convert.ToHexStringLower(MD5.HashData(bytes));
        files.Add(new(published.Name, md5, values.Length / size, IsOriginal: md5 == published.Md5));
        return values;
    }

    private static DigitData Grey(Binarization binarization, DigitSet train, DigitSet test, DataSource source)
    {
        if (binarization == Binarization.Static)
        {
            (train, test) = (Binarizer.DrawOnce(train, stream: 0), Binarizer.DrawOnce(test, stream: 1));
            source = source with { Notices = [.. source.Notices, NotTheStaticFiles] };
        }

        string pixels = binarization switch
        {
            Binarization.Static => $"each pixel drawn once, with its grey level as probability (seed {Binarizer.StaticSeed})",
            Binarization.Dynamic => "each pixel drawn anew every epoch, with its grey level as probability",
            _ => "grey levels in [0, 1]",
        };
        return new(train, null, test, source with { Pixels = pixels, TrainCount = train.Count, TestCount = test.Count });
    }
}
