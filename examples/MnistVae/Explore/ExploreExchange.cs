namespace MnistVae.Explore;

/// <summary>What a browser asks.</summary>
/// <param name="Host">The Host header: the name by which the browser knows this server.</param>
/// <param name="Origin">The Origin header: the site whose page asks; null where the browser names none.</param>
/// <param name="Body">Null where it is longer than <see cref="MostBytes"/>.</param>
public sealed record ExploreRequest(string Method, string Path, string? Host, string? Origin, string? ContentType, byte[]? Body)
{
    /// <summary>The longest body that is read: 784 pixels, or 4,096 numbers of 24 letters, with room around.</summary>
    public const int MostBytes = 128 * 1024;
}

/// <summary>What it is answered.</summary>
/// <param name="Policy">What the page may load and run, for a page.</param>
public sealed record ExploreReply(int Status, string ContentType, byte[] Body, string? Policy = null);
