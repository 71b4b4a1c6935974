namespace Package.Tests;

/// <summary>The programs of one file that README begins with.</summary>
public sealed class QuickstartTests
{
    private const int MostLines = 70;

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Path.Combine(PackedFeed.Root, "examples/quickstart"), "*.cs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void AQuickstartIsShortAndInReadme(string file)
    {
        var lines = File.ReadLines(Path.Combine(PackedFeed.Root, "examples/quickstart", file)).Count();
        Assert.True(lines <= MostLines, $"examples/quickstart/{file} has {lines} lines; at most {MostLines} are wanted.");
        Assert.Contains($"dotnet run examples/quickstart/{file}", File.ReadAllText(Path.Combine(PackedFeed.Root, "README.md")), StringComparison.Ordinal);
    }

    /// <summary>As many steps on stripes as show that it learns, where MNIST is not at hand.</summary>
    [Fact]
    public void TheVaeLearnsStripes()
    {
        var bounds = new[] { "1", "150" }.Select(steps => Bound(DotNet.Run(PackedFeed.Root, "run", "examples/quickstart/vae.cs", "--", steps))).ToArray();
        Assert.True(bounds[1] > bounds[0] / 2, $"{bounds[0]} nats an image after 1 step, {bounds[1]} after 150.");
    }

    private static double Bound(string printed)
    {
        var found = System.Text.RegularExpressions.Regex.Match(printed, @"ELBO of the test images: (-[\d.]+) nats each");
        Assert.True(found.Success, printed);
        return double.Parse(found.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
