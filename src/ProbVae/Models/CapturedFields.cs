using System.Collections;
using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace ProbVae;

/// <summary>
/// The fields that a lambda's body gets at. All lambdas of one method share one closure object, so what a lambda captures is not
/// what its closure holds but what its body loads.
/// </summary>
internal sealed class CapturedFields
{
    private static readonly FrozenDictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToFrozenDictionary(code => code.Value);

    private readonly HashSet<(Module, int)> _fields = [];
    private readonly HashSet<MethodBase> _seen = [];
    private readonly HashSet<Type> _owners = [];

    private CapturedFields(Type? target)
    {
        if (target is not null)
        {
            Own(target);
        }
    }

    /// <summary>What a delegate's body loads; null where it cannot be read (compiled ahead of time, say), so that anything may be loaded.</summary>
    public static CapturedFields? Of(Delegate function)
    {
        var found = new CapturedFields(function.Target?.GetType());
        return found.Read(function.Method) ? found : null;
    }

    public bool Contains(FieldInfo field) => _fields.Contains((field.Module, field.MetadataToken));

    private bool Read(MethodBase method)
    {
        if (!_seen.Add(method))
        {
            return true;
        }

        if (method.GetMethodBody()?.GetILAsByteArray() is not { } body)
        {
            return false;
        }

        for (var at = 0; at < body.Length;)
        {
            var code = Codes[body[at] == 0xFE ? unchecked((short)(0xFE00 | body[at + 1])) : body[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod && !Follow(method, code, BitConverter.ToInt32(body, at)))
            {
                return false;
            }

            at += OperandSize(code, body, at);
        }

        return true;
    }

    // Fields are noted; lambdas, local functions and the target's own methods are read in their turn.
    private bool Follow(MethodBase method, OpCode code, int token)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        if (code.OperandType == OperandType.InlineField)
        {
            var field = method.Module.ResolveField(token, typeArguments, methodArguments)!;
            _fields.Add((field.Module, field.MetadataToken));
            return true;
        }

        var callee = method.Module.ResolveMethod(token, typeArguments, methodArguments)!;
        if (!IsOwn(callee.DeclaringType) || callee.IsConstructor)
        {
            return true;
        }

        // A virtual method of the target may be any override, which could load any field.
        return (!callee.IsVirtual || callee.IsFinal) && Read(callee);
    }

    // A lambda that captures a local and uses its object holds the object in its closure, or in the closure around that.
    private void Own(Type target)
    {
        if (!_owners.Add(target) || !IsClosure(target))
        {
            return;
        }

        foreach (var field in target.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (field.Name == "<>4__this" || IsClosure(field.FieldType))
            {
                Own(field.FieldType);
            }
        }
    }

    private bool IsOwn(Type? type) => type is not null && (IsClosure(type) || (type != typeof(object) && _owners.Any(type.IsAssignableFrom)));

    /// <summary>Whether the compiler made a type for what lambdas capture. It also makes those of collection expressions and of anonymous objects, which are values.</summary>
    public static bool IsClosure(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && !typeof(IEnumerable).IsAssignableFrom(type) && !type.Name.Contains("AnonymousType", StringComparison.Ordinal);

    private static int OperandSize(OpCode code, byte[] body, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, at)),
        _ => 4,
    };
}
