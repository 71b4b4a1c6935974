using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using ProbVae.Tests.Architecture;

namespace ProbVae.Analyzers.Tests;

/// <summary>A program and what the analyzer finds in it.</summary>
internal static class Analyzed
{
    /// <summary>What the blocks of docs take for granted.</summary>
    public static readonly ImmutableArray<string> Usings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "ProbVae", "ProbVae.Training", "TorchSharp", "static TorchSharp.torch", "Parameter = TorchSharp.Modules.Parameter"];

    /// <summary>The findings in the order of the source; with an analyzer's exception as AD0001.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Findings(Compilation program, DiagnosticAnalyzer? other = null)
    {
        var found = await program.WithAnalyzers([other ?? new DslAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return [.. found.OrderBy(finding => finding.Location.SourceSpan.Start)];
    }

    public static Task<ImmutableArray<Diagnostic>> Findings(string source) => Findings(Bound(source));

    public static Compilation Bound(string source) => Compiler.Bind("program", [Compiler.Parse("program.cs", source)], Usings, OutputKind.ConsoleApplication);

    /// <summary>The findings of a program that compiles, each as its id and its sentence.</summary>
    public static async Task<string[]> Sentences(string source)
    {
        var program = Bound(source);
        Assert.DoesNotContain(program.GetDiagnostics(TestContext.Current.CancellationToken), problem => problem.Severity == DiagnosticSeverity.Error);
        return [.. (await Findings(program)).Select(finding => $"{finding.Id} {finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}")];
    }
}
