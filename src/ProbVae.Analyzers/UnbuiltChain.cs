using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>PV0003: a sentence without Build whose value is dropped.</summary>
internal static class UnbuiltChain
{
    public static readonly DiagnosticDescriptor Rule = new(
        "PV0003", "A sentence that ends without Build", "What {0} returns is dropped, so nothing is declared: no word changes the builder that it is said to. End the sentence with .Build() and keep the {1}.", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static IEnumerable<Diagnostic> In(MethodBody body) =>
        from chain in body.Chains
        where chain.Last.Type is { } made && (made.IsOurs("ModelBuilder") || made.IsOurs("GuideBuilder")) && IsDropped(chain.Last)
        select Diagnostic.Create(Rule, Chain.PlaceOf(chain.Last), chain.Last.TargetMethod.Name, chain.Last.Type.IsOurs("ModelBuilder") ? "model" : "guide");

    // The body of a lambda is no statement that anyone wrote: tests hand one over to see it throw.
    private static bool IsDropped(IInvocationOperation last) =>
        last.Parent is IExpressionStatementOperation { IsImplicit: false } statement && statement.Syntax is Microsoft.CodeAnalysis.CSharp.Syntax.ExpressionStatementSyntax
        || last.Parent is ISimpleAssignmentOperation { Target: IDiscardOperation };
}
