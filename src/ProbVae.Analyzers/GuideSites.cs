using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>The sites that a guide's sentence names, by the variables that hold their handles.</summary>
internal static class GuideSites
{
    /// <summary>The expressions that stand for sites in <c>Sample</c> and <c>SumOut</c>; a null stands for what cannot be read.</summary>
    public static IEnumerable<IOperation?> Of(Chain guide)
    {
        foreach (var word in guide.Words)
        {
            switch (word.TargetMethod.Name)
            {
                case "Sample":
                    yield return word.Argument("site");
                    break;
                case "SumOut" when word.Argument("sites") is IArrayCreationOperation { Initializer.ElementValues: var sites }:
                    foreach (var site in sites)
                    {
                        yield return site;
                    }

                    break;
                case "SumOut":
                    yield return null;
                    break;
            }
        }
    }
}
