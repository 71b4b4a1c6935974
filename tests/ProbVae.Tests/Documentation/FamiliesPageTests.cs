using ProbVae.Tests.Architecture;
using ProbVae.Tests.Distributions;
using static TorchSharp.torch;

namespace ProbVae.Tests.Documentation;

/// <summary>docs/distributions.md says what the code says.</summary>
public sealed class FamiliesPageTests
{
    private const string Page = "docs/distributions.md";
    private const string Received = "tests/ProbVae.Tests/Documentation/distributions.received.md";

    private static readonly IReadOnlyList<Family> Table = [.. Families.All, .. Families.Vectors];

    public static TheoryData<string> Rows => [.. Table.Select(row => row.Name)];

    [Fact]
    public void TheFamiliesPageIsMadeFromTheCode()
    {
        var made = FamiliesPage.Render();
        var kept = File.Exists(Repository.PathOf(Page)) ? File.ReadAllText(Repository.PathOf(Page)).ReplaceLineEndings("\n") : "";
        if (made == kept)
        {
            File.Delete(Repository.PathOf(Received));
            return;
        }

        File.WriteAllText(Repository.PathOf(Received), made);
        var line = made.Split('\n').Zip(kept.Split('\n')).TakeWhile(pair => pair.First == pair.Second).Count() + 1;
        Assert.Fail($"{Page} is not what the code declares, from line {line} on. Read {Received}; if it is right, accept it in the repository's root with:{Environment.NewLine}mv {Received} {Page}");
    }

    [Fact]
    public void EveryFamilySaysItsSupportAndItsParameters() => Assert.All(FamilyEntry.All, family =>
    {
        Assert.NotEqual("see below", family.SupportText);
        Assert.Contains(family.Group, FamilyEntry.Groups);
        Assert.All(family.Constructors.SelectMany(method => XmlDocs.Of(method).Parameters), parameter => Assert.True(parameter.Text.Length > 0, $"{family.Name}: {parameter.Name} is not documented."));
    });

    [Theory]
    [MemberData(nameof(Rows))]
    public void WhatTheTableSaysAFamilyHasItHas(string name)
    {
        using var scope = NewDisposeScope();
        var row = Table.Single(family => family.Name == name);
        var distribution = row.Scalar(row.Example(0));
        if (FamilyEntry.All.SingleOrDefault(family => family.Type == distribution.GetType()) is not { IsMadeOfOthers: false } entry || !row.IsDensity)
        {
            return;
        }

        var value = distribution.Sample(new RandomKey(1));
        Assert.Equal(entry.Pathwise == "yes", distribution.IsReparameterized);
        Assert.Equal(entry.Entropy == "yes", distribution.EntropyOrNull is not null);
        Assert.Equal(entry.Mode == "yes", distribution.ModeOrNull is not null);
        Assert.Equal(entry.Cdf == "yes", distribution.CdfOrNull(value) is not null);
        Assert.Equal(entry.InverseCdf == "yes", distribution.InverseCdfOrNull(tensor(0.5, distribution.DType)) is not null);
        Assert.Equal(entry.Divergences.Contains(entry.Name), KlRegistry.Standard.Has(distribution, distribution));
    }
}
