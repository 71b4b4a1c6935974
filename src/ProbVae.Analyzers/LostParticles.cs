using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>PV0006: arithmetic on a latent vector that takes the axis of particles for the vector's own.</summary>
internal static class LostParticles
{
    /// <summary>The property of a diagnostic that holds the expression to write instead.</summary>
    public const string Mend = "mend";

    public static readonly DiagnosticDescriptor Rule = new(
        "PV0006", "Arithmetic that holds for one particle only", "{0} holds for one particle only: of several draws of the vector '{1}', the first axis is which draw. Write {2}.", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static IEnumerable<Diagnostic> In(MethodBody body)
    {
        // Who runs particles one by one has no such axis.
        if (body.Operations.OfType<IArgumentOperation>().Any(argument => argument is { Parameter.Name: "vectorized", Value.ConstantValue: { HasValue: true, Value: false } }))
        {
            yield break;
        }

        foreach (var operation in body.Operations)
        {
            switch (operation)
            {
                case IPropertyReferenceOperation { Property.IsIndexer: true, Arguments.Length: 1 } element
                    when IsTensor(element.Property.ContainingType) && element.Arguments[0] is { Parameter.Type.SpecialType: SpecialType.System_Int64, ArgumentKind: ArgumentKind.Explicit } index
                    && LatentVector.Read(body, element.Instance) is { } vector:
                    yield return Found(element, vector.Name, $"{vector.Text}.select(-1, {index.Value.Bare()!.Syntax})");
                    break;
                case IInvocationOperation { TargetMethod.Name: "matmul" or "mv" } product when Factors(product) is var (matrix, right) && LatentVector.Read(body, right) is { } vector:
                    yield return Found(product, vector.Name, vector.InPlate ? $"{vector.Text}.mul({matrix.Syntax}).sum(-1)" : $"{Primary(matrix.Syntax)}.matmul({vector.Text}.unsqueeze(-1)).squeeze(-1)");
                    break;
            }
        }
    }

    private static Diagnostic Found(IOperation wrong, string site, string mend) =>
        Diagnostic.Create(Rule, wrong.Syntax.GetLocation(), ImmutableDictionary<string, string?>.Empty.Add(Mend, mend), wrong.Syntax.ToString(), site, mend);

    private static (IOperation Matrix, IOperation Vector)? Factors(IInvocationOperation product) =>
        product is { Instance: { } instance, Arguments: { Length: 1 } one } && IsTensor(product.TargetMethod.ContainingType) ? (instance, one[0].Value)
        : product is { Instance: null, Arguments: { Length: 2 } two } && product.TargetMethod.ContainingType is { Name: "torch", ContainingNamespace.Name: "TorchSharp" } && two[0].Syntax.SpanStart < two[1].Syntax.SpanStart ? (two[0].Value, two[1].Value)
        : null;

    private static bool IsTensor(ITypeSymbol type) => type is { Name: "Tensor", ContainingType: { Name: "torch", ContainingNamespace.Name: "TorchSharp" } };

    private static string Primary(SyntaxNode expression) =>
        expression is SimpleNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax ? $"{expression}" : $"({expression})";
}
