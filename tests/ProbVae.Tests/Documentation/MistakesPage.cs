using ProbVae.Tests.Handlers;
using ProbVae.Tests.Models;

namespace ProbVae.Tests.Documentation;

/// <summary>Renders docs/mistakes.md from the tables of programs that cannot work.</summary>
internal static class MistakesPage
{
    public static readonly IReadOnlyList<(string Title, string Introduction, IReadOnlyDictionary<string, ProblemCase> Cases)> Groups =
    [
        ("What other systems let pass", "Programs that run elsewhere and learn something else than was meant.", SilentMistakesTests.Cases),
        ("Handlers", "What [handlers](handlers.md) are asked to do and cannot.", HandlerMistakesTests.Cases),
        ("Models and guides", "Sites, names and handles that do not go together.", InvalidProgramsTests.Cases),
        ("Shapes", "Axes that do not fit: never a broadcast.", ShapeProblemsTests.Cases),
        ("Families", "Distributions that cannot stand where they were put, and numbers outside their ranges.", UnsuitableFamiliesTests.Cases),
    ];

    public static string Render()
    {
        List<string> paragraphs =
        [
            "<!-- Made from the tables of programs in tests/ProbVae.Tests: change the cases there and accept the new page; do not edit this one. -->",
            "# What each mistake gets",
            "Every case here is a program in the tests, and the sentences are the ones that it gets, word for word. Where a nearest right program is named, it is in the tests too, and runs.",
        ];
        foreach (var (title, introduction, cases) in Groups)
        {
            paragraphs.AddRange([$"## {title}", introduction]);
            paragraphs.AddRange(cases.Select(one => Case(one.Key, one.Value)));
        }

        return string.Join("\n\n", paragraphs) + "\n";
    }

    private static string Case(string name, ProblemCase problem)
    {
        var right = problem.Instead.Length == 0 ? "" : $"\n\n  Right: {problem.Instead}";
        return $"- **{char.ToUpperInvariant(name[0])}{name[1..]}**\n{string.Join("\n  >\n", problem.Problems.Select(sentence => $"  > {Escaped(sentence)}"))}{right}";
    }

    private static string Escaped(string sentence) => sentence.Replace("<", "\\<", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
