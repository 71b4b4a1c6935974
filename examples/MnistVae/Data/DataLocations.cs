namespace MnistVae.Data;

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
        NullIfEmpty(Environment.GetEnvironmentVariable(Variable)),
        Path.Combine(CacheRoot(), "probvae"),
        () => new SocketsHttpHandler { ConnectTimeout = ConnectTimeout });

    private static string CacheRoot()
    {
        if (OperatingSystem.IsWindows())
        {
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        }

        return NullIfEmpty(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"))
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }

    private static string? NullIfEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
