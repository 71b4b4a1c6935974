using System.Globalization;
using System.Text.RegularExpressions;
using ProbVae.Tests.Architecture;

namespace ProbVae.Tests.Documentation;

/// <summary>The lines that docs/beside-pyro.md counts of our models are those of its blocks.</summary>
public sealed partial class BesidePyroTests
{
    [Fact]
    public void TheTableCountsTheLinesOfModelAndGuide()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/beside-pyro.md"));
        var claimed = Row().Matches(page).ToDictionary(row => row.Groups["name"].Value, row => int.Parse(row.Groups["ours"].Value, CultureInfo.InvariantCulture));
        var counted = Block().Matches(page).ToDictionary(block => block.Groups["name"].Value, block => block.Groups["code"].Value.Split('\n')
            .Count(line => line.Trim() is { Length: > 0 } code && !code.StartsWith("//", StringComparison.Ordinal)));
        Assert.Equal(6, counted.Count);
        Assert.Equal(counted.OrderBy(entry => entry.Key, StringComparer.Ordinal), claimed.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| \[(?<name>[^\]]+)\]\(#[^)]+\) \| [^|]+ \| \d+ \| (?<ours>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^## (?<name>[^\n]+)\n\n```csharp\n.*?// Model and guide\n(?<code>.*?)// Training", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
