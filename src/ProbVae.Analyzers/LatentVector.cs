using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>An expression that is the value of a latent variable outside plates, whose event has one axis for certain.</summary>
internal sealed class LatentVector
{
    private LatentVector(string name, string text, bool inPlate) => (Name, Text, InPlate) = (name, text, inPlate);

    /// <summary>The site's name.</summary>
    public string Name { get; }

    /// <summary>The expression as it is written.</summary>
    public string Text { get; }

    /// <summary>Whether it is read in a plate, where the plate's axis comes before the vector's.</summary>
    public bool InPlate { get; }

    /// <summary>The latent vector that an expression reads; null where it is none for certain.</summary>
    public static LatentVector? Read(MethodBody body, IOperation? expression) => expression.Bare() switch
    {
        IPropertyReferenceOperation { Property.IsIndexer: true, Arguments.Length: 1 } read when read.Property.ContainingType.IsOurs("Scope") => InSentence(body, read),
        ILocalReferenceOperation local when body.IsWrittenOnce(local.Local) => InProgram(body, local),
        _ => null,
    };

    private static LatentVector? InSentence(MethodBody body, IPropertyReferenceOperation read) =>
        body.HandleOf(read.Arguments[0].Value.Local()) is { IsLatent: true } handle && handle.Chain.PlatesAt(handle.Word) == 0 && Rank(Made(handle.Word.Argument("prior"))) == 1
            && body.WordAround(read) is { } around && PlatesAround(body, around.Chain, around.Word) is { } plates
            ? new(handle.Name, read.Syntax.ToString(), plates > 0)
            : null;

    // A guide's site stands in the plates of the model's.
    private static int? PlatesAround(MethodBody body, Chain chain, IInvocationOperation word) => chain.DeclaresModel ? chain.PlatesAt(word)
        : body.HandleOf(word.Argument("site").Local()) is { } handle ? handle.Chain.PlatesAt(handle.Word) : null;

    private static LatentVector? InProgram(MethodBody body, ILocalReferenceOperation read)
    {
        var drawn = body.Operations.OfType<IVariableDeclaratorOperation>().FirstOrDefault(declarator => SymbolEqualityComparer.Default.Equals(declarator.Symbol, read.Local))?.GetVariableInitializer()?.Value.Bare();
        return drawn is IInvocationOperation { TargetMethod.Name: "Sample" } draw && draw.TargetMethod.ContainingType.IsOurs("Run") && draw.Instance.Bare() is IParameterReferenceOperation { Parameter: var run }
            && Rank(draw.Argument("distribution")) == 1 && IsProgramWithoutPlates(draw, run)
            ? new(draw.Argument("site")?.Syntax.ToString() ?? read.Local.Name, read.Syntax.ToString(), inPlate: false)
            : null;
    }

    private static bool IsProgramWithoutPlates(IInvocationOperation draw, IParameterSymbol run)
    {
        IOperation? at = draw;
        while (at is not null && !(at is IAnonymousFunctionOperation lambda && SymbolEqualityComparer.Default.Equals(lambda.Symbol, run.ContainingSymbol)))
        {
            at = at.Parent;
        }

        return at is not null && MethodBody.ArgumentOf(at)?.Parent is IInvocationOperation { TargetMethod: { Name: "Program" } program } && (program.ContainingType.IsOurs("Model") || program.ContainingType.IsOurs("Guide"))
            && !at.Descendants().OfType<IInvocationOperation>().Any(call => call.TargetMethod.Name == "Plate");
    }

    /// <summary>What a lambda of one expression gives; anything else is what it is.</summary>
    private static IOperation? Made(IOperation? prior)
    {
        var made = prior.Bare() is IDelegateCreationOperation { Target: var target } ? target : prior.Bare();
        return made is not IAnonymousFunctionOperation lambda ? made
            : lambda.Body.Operations.Length == 1 && lambda.Body.Operations[0] is IReturnOperation { ReturnedValue: { } value } ? value : null;
    }

    /// <summary>How many axes a draw has, of families of numbers whose arguments are written out; null for all others.</summary>
    private static int? Rank(IOperation? distribution) => distribution.Bare() switch
    {
        IInvocationOperation { TargetMethod.Name: "ToEvent", Instance: { } inner } => Rank(inner),
        IInvocationOperation { TargetMethod: { Name: "Standard", IsStatic: true } } standard when standard.TargetMethod.ContainingType.IsOurs("Normal") => Lengths(standard),
        IObjectCreationOperation { Type: { Name: "Normal" or "HalfNormal" or "LogNormal" or "Laplace" or "Cauchy" or "HalfCauchy" or "StudentT" or "Exponential" or "Uniform" } family } made when family.IsOurs(family.Name) =>
            Widest(made.Arguments.Where(argument => argument.ArgumentKind == ArgumentKind.Explicit).Select(argument => TensorRank(argument.Value))),
        _ => null,
    };

    private static int? TensorRank(IOperation value) => value.Bare() switch
    {
        { Type.SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Single or SpecialType.System_Double } => 0,
        IUnaryOperation unary => TensorRank(unary.Operand),
        IBinaryOperation binary => Widest([TensorRank(binary.LeftOperand), TensorRank(binary.RightOperand)]),
        IInvocationOperation { TargetMethod: { Name: "zeros" or "ones", ContainingType.Name: "torch" } } filled => Lengths(filled),
        _ => null,
    };

    private static int? Widest(IEnumerable<int?> ranks) => ranks.Aggregate((int?)0, (widest, rank) => widest is { } a && rank is { } b ? Math.Max(a, b) : null);

    // zeros(3, 4) and Standard(3, 4): the lengths are numbers, each an argument or together the params.
    private static int? Lengths(IInvocationOperation call)
    {
        var rank = 0;
        foreach (var argument in call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue && argument.Parameter?.Name is not ("dtype" or "device" or "requires_grad")))
        {
            switch (argument)
            {
                case { Parameter.Type.SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 }: rank++; break;
                case { Value: IArrayCreationOperation { Initializer.ElementValues.Length: var lengths } }: rank += lengths; break;
                default: return null;
            }
        }

        return rank;
    }
}
