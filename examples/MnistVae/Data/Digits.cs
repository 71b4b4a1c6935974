using System.Security.Cryptography;

namespace MnistVae.Data;

/// <summary>What data is wanted.</summary>
/// <param name="Folder">What <c>--data</c> names, or null.</param>
/// <param name="Limit">At most so many training and test images, or null for all.</param>
public sealed record DigitOptions(string? Folder, Binarization Binarization, int? Limit = null);

/// <summary>Finds the digits: <c>--data</c>, PROBVAE_DATA, the cache, a download, and at last digits drawn by this program.</summary>
public static class Digits
{
    private const string DrawnOnce = "each pixel drawn once, with its grey level as probability";

    public static async Task<DigitData> LoadAsync(DigitOptions options, DataLocations locations, Action<string> log, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(locations);
        var data = FromNamedFolder(options, locations)
            ?? await FromCacheAsync(options.Binarization, locations, log, cancellation).ConfigureAwait(false);
        return Limit(data, options.Limit);
    }

    /// <summary>The digits that this program draws by itself.</summary>
    public static DigitData Draw(Binarization binarization, IReadOnlyList<string> notices)
    {
        var (train, test) = ProceduralDigits.Draw(ProceduralDigits.Seed, ProceduralDigits.TrainCount, ProceduralDigits.TestCount);
        DataFile[] files = [Describe("train", train), Describe("test", test)];
        return Grey(binarization, train, test, files, "procedural digits", DataOrigin.Procedural, $"drawn from seed {ProceduralDigits.Seed}", notices);
    }

    // A folder that the user named is used or refused, never passed over.
    private static DigitData? FromNamedFolder(DigitOptions options, DataLocations locations)
    {
        if (options.Folder is not null)
        {
            return FromFolder(options.Folder, "--data", DataOrigin.Option, options.Binarization);
        }

        return locations.EnvironmentFolder is null
            ? null
            : FromFolder(locations.EnvironmentFolder, DataLocations.Variable, DataOrigin.Environment, options.Binarization);
    }

    private static DigitData FromFolder(string path, string setting, DataOrigin origin, Binarization binarization)
    {
        var folder = new DataFolder(path);
        folder.EnsureReadable(setting);
        return TryRead(folder, origin, binarization, []) ?? throw NothingIn(folder, setting, binarization);
    }

    private static UserError NothingIn(DataFolder folder, string setting, Binarization binarization)
    {
        if (folder.FindBinarized() is not null)
        {
            string wanted = binarization.ToString().ToLowerInvariant();
            return new UserError($"{setting} names {folder.Path}, which holds static binarized MNIST only, and --binarize {wanted} needs grey images; use --binarize static or add the idx files.");
        }

        string looked = $"{DataFolder.MnistSubfolder}/{PublishedFiles.TrainImages.Name}(.gz), {PublishedFiles.TrainImages.Name}(.gz)";
        if (binarization == Binarization.Static)
        {
            looked += $" and {DataFolder.BinarizedSubfolder}/{PublishedFiles.BinaryTrain.Name}(.gz)";
        }

        return new UserError($"{setting} names {folder.Path}, which holds no digits (looked for {looked}); put MNIST there or leave {setting} out to have it downloaded.");
    }

    private static async Task<DigitData> FromCacheAsync(Binarization binarization, DataLocations locations, Action<string> log, CancellationToken cancellation)
    {
        var cache = new DataFolder(locations.CacheFolder);
        using var downloader = new Downloader(locations.Network(), log);
        var notices = new List<string>();
        if (binarization == Binarization.Static)
        {
            var origin = IsComplete(cache, PublishedFiles.BinarizedMnist, DataFolder.BinarizedSubfolder) ? DataOrigin.Cache : DataOrigin.Download;
            string? reason = await downloader.TryBringAsync(PublishedFiles.BinarizedMnist, cache, DataFolder.BinarizedSubfolder, cancellation).ConfigureAwait(false);
            if (reason is null)
            {
                return Binary(cache, origin);
            }

            notices.Add(Sentence(reason));
        }

        var greyOrigin = IsComplete(cache, PublishedFiles.Mnist, DataFolder.MnistSubfolder) ? DataOrigin.Cache : DataOrigin.Download;
        string? obstacle = await downloader.TryBringAsync(PublishedFiles.Mnist, cache, DataFolder.MnistSubfolder, cancellation).ConfigureAwait(false);
        if (obstacle is null)
        {
            return Mnist(cache, greyOrigin, binarization, notices);
        }

        return Draw(binarization, [.. notices, Sentence(obstacle)]);
    }

    private static bool IsComplete(DataFolder folder, IReadOnlyList<PublishedFile> files, string subfolder) =>
        files.All(file => folder.Find(file, subfolder) is not null);

    private static DigitData? TryRead(DataFolder folder, DataOrigin origin, Binarization binarization, IReadOnlyList<string> notices)
    {
        if (binarization == Binarization.Static && folder.FindBinarized() is not null)
        {
            return Binary(folder, origin);
        }

        return folder.FindMnist() is null ? null : Mnist(folder, origin, binarization, notices);
    }

    private static DigitData Binary(DataFolder folder, DataOrigin origin)
    {
        var (train, validation, test, files) = DigitReader.ReadBinarized(folder.FindBinarized()!);
        var source = new DataSource("static binarized MNIST", origin, folder.Path, "zeros and ones as published", train.Count, validation.Count, test.Count, files, []);
        return new DigitData(train, validation, test, source);
    }

    private static DigitData Mnist(DataFolder folder, DataOrigin origin, Binarization binarization, IReadOnlyList<string> notices)
    {
        var (train, test, files) = DigitReader.ReadMnist(folder.FindMnist()!);
        string name = files.All(file => file.IsOriginal) ? "MNIST" : "digits in MNIST's format";
        return Grey(binarization, train, test, files, name, origin, folder.Path, notices);
    }

    private static DigitData Grey(
        Binarization binarization,
        DigitSet train,
        DigitSet test,
        IReadOnlyList<DataFile> files,
        string name,
        DataOrigin origin,
        string location,
        IReadOnlyList<string> notices)
    {
        string pixels = binarization switch
        {
            Binarization.Static => $"{DrawnOnce} (seed {Binarizer.StaticSeed})",
            Binarization.Dynamic => "each pixel drawn anew every epoch, with its grey level as probability",
            _ => "grey levels in [0, 1]",
        };
        if (binarization == Binarization.Static)
        {
            notices = [.. notices, "The files of static binarized MNIST are not at hand, so every pixel was drawn once from its grey level; figures published for those files are not comparable."];
            train = Binarizer.DrawOnce(train, stream: 0);
            test = Binarizer.DrawOnce(test, stream: 1);
        }

        var source = new DataSource(name, origin, location, pixels, train.Count, 0, test.Count, files, notices);
        return new DigitData(train, null, test, source);
    }

    /// <summary>At most so many images of each set, or all where there is no limit.</summary>
    public static DigitData Limit(DigitData data, int? limit)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (limit is not { } most)
        {
            return data;
        }

        var train = data.Train.Take(most);
        var validation = data.Validation?.Take(most);
        var test = data.Test.Take(most);
        var source = data.Source with { TrainCount = train.Count, ValidationCount = validation?.Count ?? 0, TestCount = test.Count };
        return new DigitData(train, validation, test, source);
    }

    /// <summary>Keeps the last training images apart as validation images; 0 leaves the data as it is.</summary>
    public static DigitData HoldOut(DigitData data, int count)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (count == 0)
        {
            return data;
        }

        if (data.Validation is not null)
        {
            throw new UserError($"--hold-out is {count}, but {data.Source.Name} has {data.Validation.Count} validation images of its own; leave --hold-out out.");
        }

        if (count >= data.Train.Count)
        {
            throw new UserError($"--hold-out is {count}, but there are only {data.Train.Count} training images; keep fewer of them apart.");
        }

        var (train, validation) = data.Train.HoldOut(count);
        return data with
        {
            Train = train,
            Validation = validation,
            Source = data.Source with { TrainCount = train.Count, ValidationCount = validation.Count },
        };
    }

    private static DataFile Describe(string name, DigitSet digits) =>
        new(name, Convert.ToHexStringLower(MD5.HashData(digits.Pixels)), digits.Count, IsOriginal: false);

    private static string Sentence(string reason) => reason + ".";
}
