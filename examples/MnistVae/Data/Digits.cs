using System.Security.Cryptography;

namespace MnistVae;

/// <summary>The places of this machine where data is looked for.</summary>
/// <param name="EnvironmentFolder">What the variable PROBVAE_DATA names, or null.</param>
/// <param name="CacheFolder">Where downloads are kept.</param>
/// <param name="Web">Carries the downloads.</param>
public sealed record DataLocations(string? EnvironmentFolder, string CacheFolder, HttpClient Web)
{
    public const string Variable = "PROBVAE_DATA";

    public static DataLocations OfThisMachine() => new(Named(Variable), Path.Combine(CacheRoot(), "probvae"), new HttpClient());

    private static string CacheRoot() => OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Named("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}

/// <summary>Finds the digits: <c>--data</c>, PROBVAE_DATA, the cache, a download, and at last digits drawn by this program.</summary>
public static class Digits
{
    public const string MnistFolder = "mnist";
    public const string BinarizedFolder = "binarized_mnist";

    private const string NotTheStaticFiles =
        "The files of static binarized MNIST are not at hand, so every pixel was drawn once from its grey level; figures published for those files are not comparable.";

    /// <summary>Of what is drawn once and for all, fixed so that all runs see the same digits.</summary>
    public static RandomKey Key { get; } = new(28);

    /// <param name="folder">What <c>--data</c> names, or null. A folder that the user named is used or refused, never passed over.</param>
    public static async Task<DigitData> LoadAsync(string? folder, Binarization binarization, DataLocations locations, Action<string> log, CancellationToken cancellation)
    {
        if ((folder ?? locations.EnvironmentFolder) is { } named)
        {
            return folder is null
                ? FromFolder(named, DataLocations.Variable, DataOrigin.Environment, binarization)
                : FromFolder(named, "--data", DataOrigin.Option, binarization);
        }

        string cache = locations.CacheFolder;
        var notices = new List<string>();
        if (binarization == Binarization.Static && await BringAsync(PublishedFiles.BinarizedMnist, BinarizedFolder).ConfigureAwait(false) is { } binary)
        {
            return Binary(cache, binary.Paths, binary.Origin);
        }

        return await BringAsync(PublishedFiles.Mnist, MnistFolder).ConfigureAwait(false) is { } grey
            ? Mnist(cache, grey.Paths, grey.Origin, binarization, notices)
            : Draw(binarization, notices);

        // Where the files lie, or null where they are not to be had.
        async Task<(IReadOnlyList<string> Paths, DataOrigin Origin)?> BringAsync(IReadOnlyList<PublishedFile> files, string subfolder)
        {
            string place = Path.Combine(cache, subfolder);
            var (paths, origin) = (new List<string>(), DataOrigin.Cache);
            try
            {
                foreach (var file in files)
                {
                    origin = file.Find(place, cache) is null ? DataOrigin.Download : origin;
                    paths.Add(file.Find(place, cache) ?? await file.FetchAsync(place, locations.Web, log, cancellation).ConfigureAwait(false));
                }

                return (paths, origin);
            }
            catch (IOException why) when (why is FileNotFetchedException or FileNotWrittenException)
            {
                notices.Add(why.Message);
                return null;
            }
        }
    }

    /// <summary>The digits that this program draws by itself.</summary>
    public static DigitData Draw(Binarization binarization, IReadOnlyList<string> notices)
    {
        var (train, test) = ProceduralDigits.Draw(ProceduralDigits.Seed, ProceduralDigits.TrainCount, ProceduralDigits.TestCount);
        DataFile[] drawn = [Drawn("train", train), Drawn("test", test)];
        return Seen(binarization, train, test, new("procedural digits", DataOrigin.Procedural, $"drawn from seed {ProceduralDigits.Seed}", "", 0, 0, 0, drawn, notices));

        static DataFile Drawn(string name, DigitSet digits) => new(name, Convert.ToHexStringLower(MD5.HashData(digits.Levels.bytes)), digits.Count, IsOriginal: false);
    }

    /// <summary>Grey images as a run sees them.</summary>
    public static DigitData Seen(Binarization binarization, DigitSet train, DigitSet test, DataSource source)
    {
        var once = Key.Fold("test");
        var (learnt, measured, pixels) = binarization switch
        {
            Binarization.Static => (train.DrawnOnce(Key.Fold("train")), test.DrawnOnce(once), "each pixel drawn once, with its grey level as probability"),
            Binarization.Dynamic => (
                train with { IsDrawn = true }, test.DrawnOnce(once), "each training pixel drawn anew every epoch, each other one once, with its grey level as probability"),
            _ => (train, test, "grey levels in [0, 1]"),
        };
        return new(learnt, null, measured, source with
        {
            Pixels = pixels,
            TrainCount = train.Count,
            TestCount = test.Count,
            Notices = binarization == Binarization.Static ? [.. source.Notices, NotTheStaticFiles] : source.Notices,
        });
    }

    private static DigitData FromFolder(string path, string setting, DataOrigin origin, Binarization binarization)
    {
        string folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder))
        {
            throw new UserError($"{setting} names {folder}, which {(File.Exists(folder) ? "is a file" : "does not exist")}; name the folder that holds {MnistFolder}/ or the idx files.");
        }

        var binary = FindAll(folder, PublishedFiles.BinarizedMnist, BinarizedFolder);
        if (binarization == Binarization.Static && binary is not null)
        {
            return Binary(folder, binary, origin);
        }

        if (FindAll(folder, PublishedFiles.Mnist, MnistFolder) is { } grey)
        {
            return Mnist(folder, grey, origin, binarization, []);
        }

        if (binary is not null)
        {
            throw new UserError($"{setting} names {folder}, which holds static binarized MNIST only, and --binarize {OptionTable.Spell(binarization)} needs grey images; use --binarize static or add the idx files.");
        }

        string looked = $"{MnistFolder}/{PublishedFiles.TrainImages.Name}(.gz), {PublishedFiles.TrainImages.Name}(.gz)";
        looked += binarization == Binarization.Static ? $" and {BinarizedFolder}/{PublishedFiles.BinaryTrain.Name}(.gz)" : "";
        throw new UserError($"{setting} names {folder}, which holds no digits (looked for {looked}); put MNIST there or leave {setting} out to have it downloaded.");
    }

    // In the subfolder or in the folder itself; null where none of the files is there, and an error where some are.
    private static List<string>? FindAll(string folder, IReadOnlyList<PublishedFile> files, string subfolder)
    {
        var found = files.Select(file => file.Find(Path.Combine(folder, subfolder), folder)).ToList();
        var paths = found.OfType<string>().ToList();
        if (paths.Count == 0 || paths.Count == files.Count)
        {
            return paths.Count == 0 ? null : paths;
        }

        string missing = files[found.IndexOf(null)].Name;
        throw new UserError($"{folder} has {Path.GetFileName(paths[0])} but not {missing} (or {missing}.gz); add the missing file or name another folder.");
    }

    private static DigitData Binary(string folder, IReadOnlyList<string> paths, DataOrigin origin)
    {
        var files = new List<DataFile>();
        var sets = paths.Zip(PublishedFiles.BinarizedMnist, (path, published) =>
            DigitSet.Of(Read(path, published, files, AmatFile.Pixels, DigitSet.PixelCount), labels: null)).ToList();
        var counts = sets.ConvertAll(set => set.Count);
        return new(sets[0], sets[1], sets[2], new(
            "static binarized MNIST", origin, folder, "zeros and ones as published", counts[0], counts[1], counts[2], files, []));
    }

    private static DigitData Mnist(string folder, IReadOnlyList<string> paths, DataOrigin origin, Binarization binarization, IReadOnlyList<string> notices)
    {
        var files = new List<DataFile>();
        var train = ReadPair(paths[0], PublishedFiles.TrainImages, paths[1], PublishedFiles.TrainLabels, files);
        var test = ReadPair(paths[2], PublishedFiles.TestImages, paths[3], PublishedFiles.TestLabels, files);
        string name = files.All(file => file.IsOriginal) ? "MNIST" : "digits in MNIST's format";
        return Seen(binarization, train, test, new(name, origin, folder, "", 0, 0, 0, files, notices));
    }

    private static DigitSet ReadPair(string imagePath, PublishedFile images, string labelPath, PublishedFile labels, List<DataFile> files)
    {
        byte[] pixels = Read(imagePath, images, files, (path, bytes) => IdxFile.Images(path, bytes, DigitSet.Side, DigitSet.Side), DigitSet.PixelCount);
        byte[] digits = Read(labelPath, labels, files, (path, bytes) => IdxFile.Labels(path, bytes, ImageBatch.Classes), size: 1);
        int count = pixels.Length / DigitSet.PixelCount;
        return count == digits.Length
            ? DigitSet.Of(pixels, digits)
            : throw new UserError($"{imagePath} holds {count} images but {labelPath} holds {digits.Length} labels; use two files that belong together.");
    }

    // What a file holds, which is noted.
    private static byte[] Read(string path, PublishedFile published, List<DataFile> files, Func<string, byte[], byte[]> parse, int size)
    {
        byte[] bytes = UnpackedFile.Read(path);
        byte[] values = parse(path, bytes);
        string md5 = Convert.ToHexStringLower(MD5.HashData(bytes));
        files.Add(new(published.Name, md5, values.Length / size, IsOriginal: md5 == published.Hash));
        return values;
    }
}
