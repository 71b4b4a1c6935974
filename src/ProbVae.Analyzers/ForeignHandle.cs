using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>PV0004: a handle that another model's sentence gave.</summary>
internal static class ForeignHandle
{
    public static readonly DiagnosticDescriptor Rule = new(
        "PV0004", "A handle of another model", "Site '{0}' belongs to the model '{1}' and is used in {2} '{3}'; use the handle that declaring '{3}' gave", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static IEnumerable<Diagnostic> In(MethodBody body)
    {
        foreach (var guide in body.Chains)
        {
            if (guide.DeclaresGuide && body.ModelOf(guide.Root?.Argument("model").Local()) is { } model)
            {
                foreach (var site in GuideSites.Of(guide))
                {
                    if (Foreign(body, site, model, "the guide of") is { } found)
                    {
                        yield return found;
                    }
                }
            }
        }

        foreach (var read in body.Operations.OfType<IPropertyReferenceOperation>().Where(read => read.Property.IsIndexer && read.Property.ContainingType.IsOurs("Scope") && read.Arguments.Length > 0))
        {
            if (ReaderOf(body, read) is { } reader && Foreign(body, read.Arguments[0].Value, reader.Model, reader.Words) is { } found)
            {
                yield return found;
            }
        }
    }

    private static Diagnostic? Foreign(MethodBody body, IOperation? site, Chain model, string words) =>
        body.HandleOf(site.Local()) is { } handle && handle.Chain != model ? Diagnostic.Create(Rule, site!.Syntax.GetLocation(), handle.Name, NameOf(handle.Chain), words, NameOf(model)) : null;

    /// <summary>The model whose values a scope gives; null where the scope is none of the lambda that a sentence's word took.</summary>
    private static (Chain Model, string Words)? ReaderOf(MethodBody body, IPropertyReferenceOperation read)
    {
        if (read.Instance.Bare() is not IParameterReferenceOperation { Parameter.ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.LambdaMethod } lambda }
            || body.WordAround(read) is not { } around
            || !around.Word.Arguments.Any(argument => argument.Value.DescendantsAndSelf().OfType<IAnonymousFunctionOperation>().FirstOrDefault() is { } taken && SymbolEqualityComparer.Default.Equals(taken.Symbol, lambda)))
        {
            return null;
        }

        return around.Chain.DeclaresModel ? (around.Chain, "the model")
            : around.Chain.DeclaresGuide && body.ModelOf(around.Chain.Root?.Argument("model").Local()) is { } model ? (model, "the guide of")
            : null;
    }

    private static string NameOf(Chain model) => model.Root?.Argument("name")?.ConstantValue is { HasValue: true, Value: string name } ? name : "?";
}
