using System.Reflection;
using Microsoft.CodeAnalysis;
using TorchSharp;

namespace ProbVae.Tests.Architecture;

/// <summary>Snippets write to the console, which belongs to the whole process, so they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SnippetIsolation
{
    public const string Name = "documents' snippets";
}

/// <summary>Every C# block of README.md and docs compiles and runs as it stands there.</summary>
[Collection(SnippetIsolation.Name)]
public sealed class SnippetTests
{
    private static readonly string[] Usings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "ProbVae", "ProbVae.Training", "TorchSharp", "static TorchSharp.torch", "Parameter = TorchSharp.Modules.Parameter"];

    private static readonly Dictionary<string, Snippet> Snippets = Documents()
        .SelectMany(file => Snippet.In(file, File.ReadAllText(Repository.PathOf(file)))).ToDictionary(snippet => snippet.ToString());

    public static TheoryData<string> Places => [.. Snippets.Keys];

    [Theory]
    [MemberData(nameof(Places))]
    public void ASnippetCompilesAndRuns(string place)
    {
        var program = Compile(Snippets[place], out var errors);
        Assert.True(program is not null, $"{place} does not compile:{Environment.NewLine}{string.Join(Environment.NewLine, errors)}");
        if (!Snippets[place].CompileOnly)
        {
            var failure = Record.Exception(() => Run(program));
            Assert.True(failure is null, $"{place} fails when it runs: {failure}");
        }
    }

    [Fact]
    public void TheReadmeHasASnippet() => Assert.Contains(Snippets.Values, snippet => snippet.File == "README.md");

    [Fact]
    public void BlocksAreFoundContinuedAndMarked()
    {
        var snippets = Snippet.In("page.md", """
            text
            ```csharp
            var a = 1;
            ```
            ```bash
            not ours
            ```
            <!-- snippet: continues -->

            ```csharp
            var b = a;
            ```
            <!-- snippet: compile-only -->
            ```csharp
            throw new InvalidOperationException();
            ```
            """);
        Assert.Equal([("page.md:2", false), ("page.md:14", true)], snippets.Select(snippet => (snippet.ToString(), snippet.CompileOnly)));
        Assert.NotNull(Compile(snippets[0], out _));
    }

    [Fact]
    public void ABlockThatDoesNotCompileIsNamedByFileAndLine()
    {
        var snippet = Assert.Single(Snippet.In("page.md", "text\n```csharp\nvar a = 1;\nint b = \"two\";\n```\n"));
        Assert.Null(Compile(snippet, out var errors));
        Assert.StartsWith("page.md(4,9): error CS0029", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void ABlockThatThrowsIsAFailure()
    {
        var snippet = Assert.Single(Snippet.In("page.md", "```csharp\nConsole.WriteLine(\"unseen\");\nthrow new InvalidOperationException(\"broken\");\n```\n"));
        Assert.Equal("broken", Assert.Throws<InvalidOperationException>(() => Run(Compile(snippet, out _)!)).Message);
    }

    private static IEnumerable<string> Documents() => Directory.Exists(Repository.PathOf("docs"))
        ? ["README.md", .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)]
        : ["README.md"];

    private static Assembly? Compile(Snippet snippet, out IReadOnlyList<string> errors)
    {
        var compilation = Compiler.Bind($"snippet-{snippet.Line}", [Compiler.Parse(snippet.File, snippet.Source)], Usings, OutputKind.ConsoleApplication);
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        errors = [.. result.Diagnostics.Where(problem => problem.Severity == DiagnosticSeverity.Error).Select(problem => problem.ToString())];
        return result.Success ? Assembly.Load(bytes.ToArray()) : null;
    }

    private static void Run(Assembly program)
    {
        var console = Console.Out;
        Console.SetOut(TextWriter.Null);
        using var scope = torch.NewDisposeScope();
        try
        {
            var main = program.EntryPoint!;
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()], null);
        }
        finally
        {
            Console.SetOut(console);
        }
    }
}
