using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using ProbVae.Analyzers;

namespace ProbVae.CodeFixes;

/// <summary>Writes the expression that the sentence of PV0006 names.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class LostParticlesFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [LostParticles.Rule.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (var found in context.Diagnostics)
        {
            if (found.Properties.TryGetValue(LostParticles.Mend, out var mend) && mend is not null)
            {
                context.RegisterCodeFix(CodeAction.Create($"Write {mend}", cancel => Mended(context.Document, found, mend, cancel), LostParticles.Rule.Id), found);
            }
        }

        return Task.CompletedTask;
    }

    private static async Task<Document> Mended(Document document, Diagnostic found, string mend, CancellationToken cancel)
    {
        var root = await document.GetSyntaxRootAsync(cancel).ConfigureAwait(false);
        return root?.FindNode(found.Location.SourceSpan, getInnermostNodeForTie: true) is { } wrong
            ? document.WithSyntaxRoot(root.ReplaceNode(wrong, SyntaxFactory.ParseExpression(mend).WithTriviaFrom(wrong)))
            : document;
    }
}
