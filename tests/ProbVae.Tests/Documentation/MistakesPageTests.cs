using ProbVae.Tests.Architecture;

namespace ProbVae.Tests.Documentation;

/// <summary>docs/mistakes.md says what the tables of programs say, which are held against the programs.</summary>
public sealed class MistakesPageTests
{
    private const string Page = "docs/mistakes.md";
    private const string Received = "tests/ProbVae.Tests/Documentation/mistakes.received.md";

    [Fact]
    public void TheMistakesPageIsMadeFromTheTables()
    {
        var made = MistakesPage.Render();
        var kept = File.Exists(Repository.PathOf(Page)) ? File.ReadAllText(Repository.PathOf(Page)).ReplaceLineEndings("\n") : "";
        if (made == kept)
        {
            File.Delete(Repository.PathOf(Received));
            return;
        }

        File.WriteAllText(Repository.PathOf(Received), made);
        var line = made.Split('\n').Zip(kept.Split('\n')).TakeWhile(pair => pair.First == pair.Second).Count() + 1;
        Assert.Fail($"{Page} is not what the tables say, from line {line} on. Read {Received}; if it is right, accept it in the repository's root with:{Environment.NewLine}mv {Received} {Page}");
    }

    [Fact]
    public void EveryCaseWithARightProgramSaysWhichOneItIs() => Assert.All(
        MistakesPage.Groups.SelectMany(group => group.Cases), one => Assert.True(one.Value.Right is null == (one.Value.Instead.Length == 0), $"{one.Key}: words and program of the right form go together."));

    [Fact]
    public void TheMistakesThatOtherSystemsLetPassComeWithTheirRightForm() => Assert.True(
        MistakesPage.Groups[0].Cases.Values.Count(one => one.Right is not null) >= 14);
}
