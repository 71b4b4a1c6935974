using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>What one method, with its lambdas and local functions, says in the DSL. Only what is certain from it alone is here.</summary>
internal sealed class MethodBody
{
    private readonly Dictionary<ILocalSymbol, int> _writes = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ILocalSymbol, Chain> _models = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ILocalSymbol, Handle> _handles = new(SymbolEqualityComparer.Default);

    public MethodBody(ImmutableArray<IOperation> blocks)
    {
        Operations = [.. blocks.SelectMany(block => block.DescendantsAndSelf())];
        Chains = [.. Operations.OfType<IInvocationOperation>().Select(Chain.EndingAt).OfType<Chain>()];
        foreach (var local in Operations.SelectMany(Written))
        {
            _writes[local] = _writes.TryGetValue(local, out var count) ? count + 1 : 1;
        }

        foreach (var chain in Chains.Where(chain => chain.DeclaresModel))
        {
            foreach (var handle in chain.Words.Select(word => Handle.Of(chain, word)).OfType<Handle>())
            {
                if (handle.Local is not null && IsWrittenOnce(handle.Local))
                {
                    _handles[handle.Local] = handle;
                }
            }

            if (chain.Last is { TargetMethod.Name: "Build", Parent: IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { } model } } } && IsWrittenOnce(model))
            {
                _models[model] = chain;
            }
        }
    }

    public ImmutableArray<IOperation> Operations { get; }

    public ImmutableArray<Chain> Chains { get; }

    public bool IsWrittenOnce(ILocalSymbol local) => _writes.TryGetValue(local, out var count) && count == 1;

    /// <summary>The sentence that declared the model in a variable; null where it is not certain.</summary>
    public Chain? ModelOf(ILocalSymbol? local) => local is not null && _models.TryGetValue(local, out var chain) ? chain : null;

    /// <summary>The site whose handle a variable holds; null where it is not certain.</summary>
    public Handle? HandleOf(ILocalSymbol? local) => local is not null && _handles.TryGetValue(local, out var handle) ? handle : null;

    /// <summary>The sentence's word whose lambda an operation stands in; null where there is none.</summary>
    public (Chain Chain, IInvocationOperation Word)? WordAround(IOperation operation)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation && ArgumentOf(at) is { Parent: IInvocationOperation word } && Chains.FirstOrDefault(chain => chain.Words.Contains(word)) is { } chain)
            {
                return (chain, word);
            }
        }

        return null;
    }

    /// <summary>The argument that an expression is.</summary>
    public static IArgumentOperation? ArgumentOf(IOperation operation)
    {
        var at = operation.Parent;
        while (at is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
        {
            at = at.Parent;
        }

        return at as IArgumentOperation;
    }

    private static IEnumerable<ILocalSymbol> Written(IOperation operation) => operation switch
    {
        IVariableDeclaratorOperation { Symbol: { } local } declarator when declarator.GetVariableInitializer() is not null => [local],
        IAssignmentOperation assignment => assignment.Target.DescendantsAndSelf().OfType<ILocalReferenceOperation>().Select(target => target.Local),
        IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument when argument.Value.Local() is { } local => [local],
        _ => [],
    };
}

/// <summary>A site that a sentence declares.</summary>
internal sealed class Handle
{
    private Handle(Chain chain, IInvocationOperation word, ILocalSymbol? local) => (Chain, Word, Local) = (chain, word, local);

    public Chain Chain { get; }

    public IInvocationOperation Word { get; }

    /// <summary>The variable that holds the handle; null where it is discarded.</summary>
    public ILocalSymbol? Local { get; }

    public bool IsLatent => Word.TargetMethod.Name == "Sample";

    /// <summary>The site's name, or the variable's where that is computed.</summary>
    public string Name => Word.Argument("name")?.ConstantValue is { HasValue: true, Value: string name } ? name : Local?.Name ?? "?";

    public static Handle? Of(Chain chain, IInvocationOperation word) => word.Argument("site").Bare() switch
    {
        ILocalReferenceOperation { Local: var local } => new(chain, word, local),
        IDiscardOperation => new(chain, word, null),
        _ => null,
    };
}
