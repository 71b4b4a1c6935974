using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ProbVae.Analyzers;

/// <summary>PV0005: all of TorchSharp.Modules imported beside ProbVae.</summary>
internal static class ImportedModules
{
    public static readonly DiagnosticDescriptor Rule = new(
        "PV0005", "TorchSharp.Modules imported beside ProbVae", "'using TorchSharp.Modules;' brings in other classes of our distributions' names, as {0}; name each class that you need, as in 'using Linear = TorchSharp.Modules.Linear;'", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    private const int ShownNames = 3;

    public static void Analyze(SyntaxNodeAnalysisContext context)
    {
        if (context.Node is not UsingDirectiveSyntax { Alias: null, Name: { } name } directive || !directive.StaticKeyword.IsKind(SyntaxKind.None)
            || context.SemanticModel.GetSymbolInfo(name, context.CancellationToken).Symbol is not INamespaceSymbol modules || modules.ToDisplayString() != "TorchSharp.Modules"
            || context.Compilation.GlobalNamespace.GetNamespaceMembers().FirstOrDefault(space => space.Name == "ProbVae") is not { } ours || !SeesOurs(directive, context))
        {
            return;
        }

        var shared = modules.GetTypeMembers().Where(type => type.DeclaredAccessibility == Accessibility.Public).Select(type => type.Name)
            .Where(type => ours.GetTypeMembers(type).Any(own => own.DeclaredAccessibility == Accessibility.Public)).Distinct().OrderBy(type => type, StringComparer.Ordinal).ToArray();
        if (shared.Length > 0)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rule, directive.GetLocation(), string.Join(", ", shared.Take(ShownNames))));
        }
    }

    private static bool SeesOurs(UsingDirectiveSyntax directive, SyntaxNodeAnalysisContext context)
    {
        var here = directive.SyntaxTree.GetRoot(context.CancellationToken);
        var isGlobal = !directive.GlobalKeyword.IsKind(SyntaxKind.None);
        return here.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).Any(node => node switch
            {
                UsingDirectiveSyntax beside => Imports(beside),
                BaseNamespaceDeclarationSyntax space => space.Name.ToString() is var written && (written == "ProbVae" || written.StartsWith("ProbVae.", StringComparison.Ordinal)),
                _ => false,
            })
            || context.Compilation.SyntaxTrees.Any(tree => tree.GetRoot(context.CancellationToken) is CompilationUnitSyntax unit
                && unit.Usings.Any(other => (isGlobal || !other.GlobalKeyword.IsKind(SyntaxKind.None)) && Imports(other)));
    }

    private static bool Imports(UsingDirectiveSyntax directive) =>
        directive.Alias is null && directive.StaticKeyword.IsKind(SyntaxKind.None) && directive.Name?.ToString() is "ProbVae" or "global::ProbVae";
}
