using System.Text.RegularExpressions;
using ProbVae.Tests.Architecture;

namespace ProbVae.Analyzers.Tests;

/// <summary>docs/analyzers.md, held against the analyzer.</summary>
public sealed partial class PageTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/analyzers.md"));

    private static readonly Dictionary<string, string> Sections = Heading().Matches(Page).ToDictionary(
        heading => heading.Groups["id"].Value, heading => Page[(heading.Index + heading.Length)..].Split("\n## ")[0]);

    public static TheoryData<string> Ids => [.. Sections.Keys];

    [Fact]
    public void EveryRuleHasItsSection() => Assert.Equal(
        new DslAnalyzer().SupportedDiagnostics.Select(rule => $"{rule.Id}: {rule.Title}").Order(StringComparer.Ordinal),
        Heading().Matches(Page).Select(heading => heading.Value["## ".Length..]));

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task TheWrongProgramGetsItsWarningAndTheRightOneNone(string id)
    {
        var wrong = string.Join('\n', Sections[id].Split('\n').SkipWhile(line => !line.StartsWith("    ", StringComparison.Ordinal)).TakeWhile(line => line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal)));
        var found = await Analyzed.Sentences(wrong);
        Assert.NotEmpty(found);
        Assert.All(found, sentence => Assert.StartsWith($"{id} ", sentence, StringComparison.Ordinal));
        Assert.Empty(await Analyzed.Sentences(Assert.Single(Snippet.In(id, Sections[id])).Source));
    }

    /// <summary>All of README.md and docs: programs that run, so every finding would be a false alarm.</summary>
    [Fact]
    public async Task NoProgramOfTheDocumentsGetsAWarning()
    {
        var documents = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.PathOf("README.md"));
        var snippets = documents.SelectMany(file => Snippet.In(Path.GetFileName(file), File.ReadAllText(file))).ToArray();
        Assert.NotEmpty(snippets);
        foreach (var snippet in snippets)
        {
            Assert.All(await Analyzed.Findings(snippet.Source), finding => Assert.Fail($"{snippet}: {finding}"));
        }
    }

    [GeneratedRegex(@"^## (?<id>PV\d{4}): .+$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
