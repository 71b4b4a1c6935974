using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using ProbVae.Analyzers;

namespace ProbVae.CodeFixes;

/// <summary>Puts an alias for each class that the file uses in the place of an import of TorchSharp.Modules; an ambiguous name becomes ours.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class ImportedModulesFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [ImportedModules.Rule.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var found in context.Diagnostics)
        {
            // Other files need what a global using brings; a generic class has no alias for all its arguments.
            if (root?.FindNode(found.Location.SourceSpan) is UsingDirectiveSyntax directive && directive.GlobalKeyword.IsKind(SyntaxKind.None) && model is not null
                && Used(root, model) is { } used && used.All(type => !type.IsGenericType))
            {
                var title = used.Length == 0 ? "Remove the import" : "Name each class that the file uses";
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(Replaced(root, directive, used))), ImportedModules.Rule.Id), found);
            }
        }
    }

    private static INamedTypeSymbol[] Used(SyntaxNode root, SemanticModel model) =>
    [
        .. root.DescendantNodes().OfType<SimpleNameSyntax>()
            .Where(name => name.Parent is not (QualifiedNameSyntax or AliasQualifiedNameSyntax) && !(name.Parent is MemberAccessExpressionSyntax access && access.Name == name))
            .Select(name => model.GetSymbolInfo(name).Symbol switch { IMethodSymbol { MethodKind: MethodKind.Constructor } made => made.ContainingType, var symbol => symbol as INamedTypeSymbol })
            .OfType<INamedTypeSymbol>()
            .Where(type => type.ContainingType is null && type.ContainingNamespace.ToDisplayString() == "TorchSharp.Modules")
            .Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default)
            .Where(type => !IsAliased(root, type.Name))
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    private static bool IsAliased(SyntaxNode root, string name) => root.DescendantNodes().OfType<UsingDirectiveSyntax>().Any(other => other.Alias?.Name.Identifier.Text == name);

    private static SyntaxNode Replaced(SyntaxNode root, UsingDirectiveSyntax directive, INamedTypeSymbol[] used)
    {
        // The spaces of the old line are the new lines' too.
        var lines = used.Select(type => directive.WithAlias(SyntaxFactory.NameEquals(SyntaxFactory.IdentifierName(type.Name).WithTrailingTrivia(SyntaxFactory.Space)).WithTrailingTrivia(SyntaxFactory.Space))
            .WithNamespaceOrType(SyntaxFactory.ParseName($"TorchSharp.Modules.{type.Name}"))).ToArray();
        return lines.Length > 0 ? root.ReplaceNode(directive, lines.Select((line, i) => i == 0 ? line : line.WithoutLeadingTrivia())) : root.RemoveNode(directive, SyntaxRemoveOptions.KeepNoTrivia)!;
    }
}
