using Microsoft.CodeAnalysis;

namespace ProbVae.Analyzers;

/// <summary>PV0001: two sites of one name in a sentence.</summary>
internal static class DoubledSite
{
    public static readonly DiagnosticDescriptor Rule = new(
        "PV0001", "Two sites of one name", "Site '{0}' is declared twice in one model; each site needs its own name: give this one another", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static IEnumerable<Diagnostic> In(MethodBody body)
    {
        foreach (var chain in body.Chains)
        {
            var names = new HashSet<string>();
            foreach (var word in chain.Words.Where(word => word.TargetMethod.Name is "Sample" or "Observe" or "Deterministic" or "Factor"))
            {
                if (word.Argument("name") is { ConstantValue: { HasValue: true, Value: string name } } written && !names.Add(name))
                {
                    yield return Diagnostic.Create(Rule, written.Syntax.GetLocation(), name);
                }
            }
        }
    }
}
