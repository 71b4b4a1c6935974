using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using ProbVae.CodeFixes;
using ProbVae.Tests.Architecture;

namespace ProbVae.Analyzers.Tests;

/// <summary>What an editor writes, and that it compiles and gets no warning.</summary>
public sealed class FixesTests
{
    private const string Before = "_ = Model.Given<Tensor>(\"m\").Sample(\"b\", Normal.Standard(3), out var b).Observe(\"x\", s => ";
    private const string After = ", out _).Build();";

    [Theory]
    [InlineData("new Normal(s[b][1 + 1] * 2, 1)", "new Normal(s[b].select(-1, 1 + 1) * 2, 1)")]
    [InlineData("new Normal(s.Data.matmul(s[b]), 1)", "new Normal(s.Data.matmul(s[b].unsqueeze(-1)).squeeze(-1), 1)")]
    public async Task ParticlesAreKept(string wrong, string right) => Assert.Equal($"{Before}{right}{After}", await Mended(new LostParticlesFix(), $"{Before}{wrong}{After}"));

    [Theory]
    [InlineData("using TorchSharp.Modules;\nSequential net = nn.Sequential(nn.Linear(1, 1));\nLinear one = nn.Linear(1, 1);\nvar made = new Normal(0, 1);\n",
        "using Linear = TorchSharp.Modules.Linear;\nusing Sequential = TorchSharp.Modules.Sequential;\nSequential net = nn.Sequential(nn.Linear(1, 1));\nLinear one = nn.Linear(1, 1);\nvar made = new Normal(0, 1);\n")]
    [InlineData("using TorchSharp.Modules;\nvar made = zeros(1);\n", "var made = zeros(1);\n")]
    public async Task ClassesAreNamed(string wrong, string right) => Assert.Equal(right, await Mended(new ImportedModulesFix(), wrong));

    private static async Task<string> Mended(CodeFixProvider fixes, string source)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var workspace = new AdhocWorkspace();
        var document = workspace.AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "program", "program", LanguageNames.CSharp,
                compilationOptions: new CSharpCompilationOptions(OutputKind.ConsoleApplication), parseOptions: new CSharpParseOptions(LanguageVersion.Preview), metadataReferences: Compiler.References))
            .AddDocument("usings.cs", string.Join('\n', Analyzed.Usings.Select(part => $"global using {part};"))).Project.AddDocument("program.cs", source);
        var found = Assert.Single(await Analyzed.Findings((await document.Project.GetCompilationAsync(cancel))!));
        var actions = new List<CodeAction>();
        await fixes.RegisterCodeFixesAsync(new CodeFixContext(document, found, (action, _) => actions.Add(action), cancel));
        var applied = Assert.Single((await Assert.Single(actions).GetOperationsAsync(cancel)).OfType<ApplyChangesOperation>());
        var mended = applied.ChangedSolution.GetDocument(document.Id)!;
        var program = (await mended.Project.GetCompilationAsync(cancel))!;
        Assert.DoesNotContain(program.GetDiagnostics(cancel), problem => problem.Severity == DiagnosticSeverity.Error);
        Assert.Empty(await Analyzed.Findings(program));
        return (await mended.GetTextAsync(cancel)).ToString();
    }
}
