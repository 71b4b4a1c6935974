using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>A sentence of sites as it is written: the words from <c>Model.Given</c> or <c>Guide.For</c>, or from a builder, to the last.</summary>
internal sealed class Chain
{
    private Chain(IInvocationOperation? root, IReadOnlyList<IInvocationOperation> words) => (Root, Words) = (root, words);

    /// <summary>The call of <c>Model.Given</c> or <c>Guide.For</c>; null where the sentence goes on from a builder, of whose words nothing is known.</summary>
    public IInvocationOperation? Root { get; }

    /// <summary>The words after the root, in the order in which they are written.</summary>
    public IReadOnlyList<IInvocationOperation> Words { get; }

    public bool DeclaresModel => Root?.TargetMethod.Name == "Given";

    public bool DeclaresGuide => Root?.TargetMethod.Name == "For";

    public IInvocationOperation Last => Words.Count > 0 ? Words[Words.Count - 1] : Root!;

    /// <summary>The whole sentence that ends at a call; null where the call is no word of one, or another word follows.</summary>
    public static Chain? EndingAt(IInvocationOperation call)
    {
        if (!IsRoot(call) && !IsWord(call) || call.Parent is IInvocationOperation next && next.Instance == call && IsWord(next))
        {
            return null;
        }

        var words = new List<IInvocationOperation>();
        IOperation? at = call;
        while (at is IInvocationOperation word && IsWord(word))
        {
            words.Insert(0, word);
            at = word.Instance;
        }

        return new Chain(at is IInvocationOperation root && IsRoot(root) ? root : null, words);
    }

    /// <summary>How many plates are open at a word.</summary>
    public int PlatesAt(IInvocationOperation word) => Words.TakeWhile(before => before != word)
        .Aggregate(0, (open, before) => before.TargetMethod.Name switch { "Plate" => open + 1, "EndPlate" => Math.Max(0, open - 1), _ => open });

    /// <summary>Where a word's name stands.</summary>
    public static Location PlaceOf(IInvocationOperation word) =>
        word.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } ? access.Name.GetLocation() : word.Syntax.GetLocation();

    private static bool IsRoot(IInvocationOperation call) =>
        call.TargetMethod.ContainingType.IsOurs("Model") && call.TargetMethod.Name == "Given" || call.TargetMethod.ContainingType.IsOurs("Guide") && call.TargetMethod.Name == "For";

    private static bool IsWord(IInvocationOperation call) =>
        call.TargetMethod is { IsStatic: false, MethodKind: MethodKind.Ordinary } method && (method.ContainingType.IsOurs("ModelBuilder") || method.ContainingType.IsOurs("GuideBuilder"));
}
