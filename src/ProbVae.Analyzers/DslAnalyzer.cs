using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ProbVae.Analyzers;

/// <summary>Finds, while a program is compiled, mistakes that are certain from one method or one file alone.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DslAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [DoubledSite.Rule, MissingLatent.Rule, UnbuiltChain.Rule, ForeignHandle.Rule, ImportedModules.Rule, LostParticles.Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationBlockAction(Analyze);
        context.RegisterSyntaxNodeAction(ImportedModules.Analyze, SyntaxKind.UsingDirective);
    }

    private static void Analyze(OperationBlockAnalysisContext context)
    {
        var body = new MethodBody(context.OperationBlocks);
        foreach (var found in DoubledSite.In(body).Concat(MissingLatent.In(body)).Concat(UnbuiltChain.In(body)).Concat(ForeignHandle.In(body)).Concat(LostParticles.In(body)))
        {
            context.ReportDiagnostic(found);
        }
    }
}
