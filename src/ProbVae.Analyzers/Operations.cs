using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace ProbVae.Analyzers;

/// <summary>What every rule asks of the compiler's symbols and operations.</summary>
internal static class Operations
{
    /// <summary>Whether a type is the one of this name in the namespace ProbVae.</summary>
    public static bool IsOurs(this ITypeSymbol? type, string name) =>
        type is { ContainingType: null, ContainingNamespace: { Name: "ProbVae", ContainingNamespace.IsGlobalNamespace: true } } && type.Name == name;

    /// <summary>What is converted, or stands in parentheses.</summary>
    public static IOperation? Bare(this IOperation? operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion: operation = conversion.Operand; break;
                case IParenthesizedOperation parentheses: operation = parentheses.Operand; break;
                case IDeclarationExpressionOperation declaration: operation = declaration.Expression; break;
                default: return operation;
            }
        }
    }

    /// <summary>The local variable that an expression is, and nothing more; null for others.</summary>
    public static ILocalSymbol? Local(this IOperation? operation) => (operation.Bare() as ILocalReferenceOperation)?.Local;

    /// <summary>What stands for a parameter.</summary>
    public static IOperation? Argument(this IInvocationOperation call, string parameter) =>
        call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == parameter)?.Value;
}
