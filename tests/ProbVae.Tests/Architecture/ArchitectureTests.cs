using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace ProbVae.Tests.Architecture;

/// <summary>The rules that keep the libraries in src readable, held against their sources; and each rule against a source that breaks it.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 400;

    // From the lowest: a folder uses those before it and its own.
    private static readonly string[][] Layers = [["Torch"], ["Values"], ["Randomness"], ["Constraints"], ["Distributions"], ["Models"], ["Handlers"], ["Objectives", "Guides"], ["Inference"]];

    private const string Engine = "src/ProbVae";

    // What stands on the engine: siblings, which do not see each other.
    private static readonly string[] OnTheEngine = ["src/ProbVae.Mpi", "src/ProbVae.Reports", "src/ProbVae.Training"];

    private static readonly FrozenDictionary<string, Lazy<SourceRules>> Source =
        OnTheEngine.Append(Engine).ToFrozenDictionary(folder => folder, folder => new Lazy<SourceRules>(() => SourceRules.Of(folder)));

    public static TheoryData<string> Libraries => [.. Source.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void TheSourcesBindWithoutErrors(string library) => AssertNone(Source[library].Value.Errors());

    [Fact]
    public void EachFolderUsesOnlyTheFoldersBelowIt() => AssertNone(Source[Engine].Value.Layering(Layers));

    [Fact]
    public void WhatStandsOnTheEngineUsesTheEngineAlone() => AssertNone(
        from library in OnTheEngine.Append(Engine)
        from reference in ProjectReference().Matches(File.ReadAllText(Repository.PathOf($"{library}/{Path.GetFileName(library)}.csproj"))).Select(match => match.Groups["name"].Value)
        where library == Engine || reference != "ProbVae"
        select $"{library} refers to {reference}; {(library == Engine ? "the engine refers to no other project of ours" : "it may refer to the engine alone")}.");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void NoStaticFieldOrPropertyCanChange(string library) => AssertNone(Source[library].Value.MutableStatics());

    [Theory]
    [MemberData(nameof(Libraries))]
    public void EveryPublicClassIsAbstractSealedOrStatic(string library) => AssertNone(Source[library].Value.UnsealedPublicClasses(except: nameof(ModelException)));

    [Fact]
    public void TorchSharpsModulesAreNamedByAliasesOnly() => AssertNone(
        OwnSources().Where(file => ImportsModules(File.ReadAllText(Repository.PathOf(file))))
            .Select(file => $"{file}: 'using TorchSharp.Modules;' brings in classes of the names of our distributions; use an alias for each class."));

    [Fact]
    public void NoFileIsLongerThan400Lines() => AssertNone(
        OwnSources().Select(file => (File: file, Lines: File.ReadLines(Repository.PathOf(file)).Count())).Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.File} has {file.Lines} lines; at most {LongestFile} are wanted."));

    [Fact]
    public void AReaderFollowsOneStepThroughAtMost8FilesAnd1000Lines()
    {
        var files = TableRow().Matches(File.ReadAllText(Repository.PathOf("docs/one-step.md"))).Select(row => row.Groups["path"].Value).ToArray();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Repository.PathOf(file)), $"docs/one-step.md names {file}, which does not exist."));
        var counted = files.Select(file => (File: file, Lines: File.ReadLines(Repository.PathOf(file)).Count())).ToArray();
        var sum = counted.Sum(file => file.Lines);
        Assert.True(
            files.Length <= 8 && sum <= 1000,
            $"One step leads through {files.Length} files and {sum} lines; at most 8 and 1000 are wanted: {string.Join(", ", counted.Select(file => $"{file.File} {file.Lines}"))}.");
        string[] walk = ["Svi.cs", "Guide.cs", "Model.cs", "Run.cs", "Plate.cs", "Site.cs", "Elbo.cs", "Distribution.cs"];
        Assert.Equal(walk.Order(StringComparer.Ordinal), files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheLayeringRuleSeesTypesMembersAndInferredTypes()
    {
        var rules = SourceRules.Of(
            ("Randomness/Low.cs", "namespace N; public static class Low { public static object Make() => new High(); public static int Read(int x) { var it = Middle.It; return x; } }"),
            ("Models/Middle.cs", "namespace N; public static class Middle { public static High It => new(); }"),
            ("Guides/Left.cs", "namespace N; public class Left { public Right? Beside; }"),
            ("Objectives/Right.cs", "namespace N; public class Right;"),
            ("Inference/High.cs", "namespace N; public class High { public Left? Below; }"),
            ("Elsewhere/Lost.cs", "namespace N; public class Lost;"));
        Assert.Empty(rules.Errors());
        Assert.Equal(
            [
                "Elsewhere/Lost.cs: the folder 'Elsewhere' is none of Torch, Values, Randomness, Constraints, Distributions, Models, Handlers, Objectives, Guides, Inference.",
                "Guides/Left.cs uses Right of Objectives, which is not below Guides.",
                "Models/Middle.cs uses High of Inference, which is not below Models.",
                "Randomness/Low.cs uses High of Inference, which is not below Randomness.",
                "Randomness/Low.cs uses Middle of Models, which is not below Randomness.",
            ],
            rules.Layering(Layers).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheRuleOnStaticsSeesFieldsSettersAndCollections()
    {
        var rules = SourceRules.Of(("A/Statics.cs", """
            namespace N;
            public static class Statics
            {
                public const int Constant = 1;
                private static readonly double Fine = 2;
                private static int s_count;
                private static readonly int[] Numbers = [1];
                private static readonly List<int> Items = [];
                public static string Name { get; set; } = "";
                public static IReadOnlyList<int> Shown { get; } = [];
                public static double Sum() => Fine + s_count + Numbers.Length + Items.Count;
                public static void Count() => s_count++;
            }
            """));
        Assert.Empty(rules.Errors());
        Assert.Equal(["Statics.s_count", "Statics.Numbers", "Statics.Items", "Statics.Name"], rules.MutableStatics().Select(sentence => sentence.Split(' ')[1]));
    }

    [Fact]
    public void TheRuleOnClassesSeesOpenOnes()
    {
        var rules = SourceRules.Of(("A/Classes.cs", "namespace N; public class Open; public record OpenRecord; public sealed class Shut; public abstract class Base; public static class Still; public class Excepted; internal class Hidden;"));
        Assert.Equal(["A/Classes.cs: Open is neither sealed nor static.", "A/Classes.cs: OpenRecord is neither sealed nor static."], rules.UnsealedPublicClasses(except: "Excepted"));
    }

    [Theory]
    [InlineData("using TorchSharp.Modules;", true)]
    [InlineData("global using TorchSharp.Modules;", true)]
    [InlineData("namespace N { using TorchSharp.Modules; }", true)]
    [InlineData("using Linear = TorchSharp.Modules.Linear;", false)]
    [InlineData("// using TorchSharp.Modules;", false)]
    public void TheRuleOnModulesSeesImportsAndLetsAliasesPass(string source, bool expected) => Assert.Equal(expected, ImportsModules(source));

    private static void AssertNone(IEnumerable<string> violations)
    {
        var all = violations.ToArray();
        Assert.True(all.Length == 0, string.Join(Environment.NewLine, all));
    }

    private static IEnumerable<string> OwnSources() => Repository.Sources("src").Concat(Repository.Sources("examples")).Concat(Repository.Sources("tests"));

    private static bool ImportsModules(string source) => Compiler.Parse("file.cs", source).GetRoot().DescendantNodes()
        .OfType<Microsoft.CodeAnalysis.CSharp.Syntax.UsingDirectiveSyntax>()
        .Any(directive => directive.Alias is null && directive.NamespaceOrType.ToString() == "TorchSharp.Modules");

    [GeneratedRegex(@"^\|\s*\[(?<path>src/[^\]]+)\]", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    // With other attributes, as the analyzer's in the engine, it is built beside and seen by none of the code.
    [GeneratedRegex(@"<ProjectReference Include=""[^""]*/(?<name>[^/""]+)\.csproj""(?! ReferenceOutputAssembly=""false"")")]
    private static partial Regex ProjectReference();
}
