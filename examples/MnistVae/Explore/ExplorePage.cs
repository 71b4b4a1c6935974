using System.Security.Cryptography;
using System.Text;

namespace MnistVae.Explore;

/// <summary>The page: one file with its style and script inside, and a policy that lets it load and run nothing else.</summary>
public static class ExplorePage
{
    private const string ResourceName = "MnistVae.Explore.explore.html";

    public static ExploreReply Load()
    {
        using var stream = typeof(ExplorePage).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{ResourceName} is missing in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string page = reader.ReadToEnd();
        string policy = $"default-src 'none'; script-src {HashOf(page, "script")}; style-src {HashOf(page, "style")}; " +
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return new(200, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page), policy);
    }

    private static string HashOf(string page, string element)
    {
        int begin = page.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        int end = page.IndexOf($"</{element}>", StringComparison.Ordinal);
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page[begin..end])))}'";
    }
}
