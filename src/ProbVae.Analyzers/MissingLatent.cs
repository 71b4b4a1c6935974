using Microsoft.CodeAnalysis;

namespace ProbVae.Analyzers;

/// <summary>PV0002: a guide that misses a latent variable of a model declared beside it.</summary>
internal static class MissingLatent
{
    public static readonly DiagnosticDescriptor Rule = new(
        "PV0002", "A latent variable that the guide misses", "Site '{0}' is latent in the model and missing from this guide; {1}, or .SumOut({2}) for a discrete one that Elbo.Enumerated is to sum out", "ProbVae", DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static IEnumerable<Diagnostic> In(MethodBody body)
    {
        foreach (var guide in body.Chains.Where(chain => chain.DeclaresGuide && chain.Last.TargetMethod.Name == "Build"))
        {
            var named = GuideSites.Of(guide).Select(site => body.HandleOf(site.Local())).ToArray();
            if (body.ModelOf(guide.Root?.Argument("model").Local()) is not { } model || named.Contains(null))
            {
                continue;
            }

            foreach (var latent in model.Words.Select(word => Handle.Of(model, word)).Where(handle => handle is { IsLatent: true }).OfType<Handle>())
            {
                if (named.All(handle => handle!.Word != latent.Word) && (latent.Local is null || body.HandleOf(latent.Local) is not null))
                {
                    var variable = latent.Local?.Name ?? latent.Name;
                    var keep = latent.Local is null ? $"keep its handle (out var {variable}) and add .Sample({variable}, ...)" : $"add .Sample({variable}, ...)";
                    yield return Diagnostic.Create(Rule, Chain.PlaceOf(guide.Last), latent.Name, keep, variable);
                }
            }
        }
    }
}
