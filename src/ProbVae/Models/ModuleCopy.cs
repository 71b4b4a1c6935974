using System.Reflection;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Module = TorchSharp.torch.nn.Module;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// A copy of a module in which other tensors stand in the place of some parameters. Copied are the objects that lead to one of them
/// (the module, its parts, lists, closures); the rest is shared. The module itself is never changed, so other runs may use it meanwhile.
/// </summary>
internal sealed class ModuleCopy
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo Shallow = typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly Dictionary<object, List<object>> _holders = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

    private ModuleCopy(Module module, IReadOnlyDictionary<Parameter, Parameter> replaced)
    {
        Explore(module);
        foreach (var (parameter, other) in replaced)
        {
            _copies.Add(parameter, other);
        }

        foreach (var parameter in replaced.Keys)
        {
            CopyHolders(parameter);
        }

        foreach (var (original, copy) in _copies.Where(pair => pair.Key is not Parameter))
        {
            Redirect(original, copy);
        }
    }

    /// <summary>Runs a module of one tensor with tensors in the place of parameters.</summary>
    /// <param name="module">The module.</param>
    /// <param name="values">The tensors, of the parameters' shapes; gradients reach them.</param>
    /// <param name="input">What the module takes.</param>
    public static Tensor Call(Module<Tensor, Tensor> module, IEnumerable<(Parameter Parameter, Tensor Tensor)> values, Tensor input)
    {
        var replaced = new Dictionary<Parameter, Parameter>(ReferenceEqualityComparer.Instance);
        foreach (var (parameter, value) in values)
        {
            replaced.Add(parameter, new Parameter(value.alias(), value.requires_grad));
        }

        try
        {
            var copy = new ModuleCopy(module, replaced);
            return ((Module<Tensor, Tensor>)copy._copies[module]).call(input);
        }
        finally
        {
            // What was computed keeps their numbers.
            foreach (var own in replaced.Values)
            {
                own.Dispose();
            }
        }
    }

    /// <summary>
    /// Refuses a parameter that a module of the network runs within libtorch, where no other value can take its place: Embedding, LSTM and
    /// others of TorchSharp's, which have no field for it.
    /// </summary>
    /// <param name="word">Who asks, for the sentence.</param>
    /// <param name="network">The network.</param>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="ModelException">It is such a parameter.</exception>
    public static void RequireReplaceable(string word, Module network, Parameter parameter)
    {
        if (network.modules().Prepend(network).FirstOrDefault(module => RunsNatively(module, parameter)) is { } native)
        {
            throw new ModelException($"{word}: {native.GetType().Name} runs within libtorch, where no other value can take its parameter's place; leave it a parameter (give null for its prior), or write the module in C# with a Parameter of its own.");
        }
    }

    private static bool RunsNatively(Module module, Parameter parameter) =>
        module.GetType().Assembly == typeof(Module).Assembly && module is not System.Collections.IEnumerable
        && module.parameters(recurse: false).Any(own => ReferenceEquals(own, parameter))
        && !Fields(module.GetType()).Any(field => field.DeclaringType != typeof(Module) && ReferenceEquals(field.GetValue(module), parameter));

    // Notes for each object that can be reached which objects lead to it.
    private void Explore(object start)
    {
        var open = new Stack<object>([start]);
        _holders.Add(start, []);
        while (open.TryPop(out var holder))
        {
            foreach (var held in References(holder))
            {
                if (!_holders.TryGetValue(held, out var holders))
                {
                    _holders.Add(held, holders = []);
                    if (held is not Parameter)
                    {
                        open.Push(held);
                    }
                }

                holders.Add(holder);
            }
        }
    }

    private void CopyHolders(object held)
    {
        foreach (var holder in _holders.GetValueOrDefault(held) ?? [])
        {
            if (!_copies.ContainsKey(holder))
            {
                var copy = Shallow.Invoke(holder, null)!;
#pragma warning disable CA1816 // The module owns what libtorch keeps for it; its copy frees nothing.
                GC.SuppressFinalize(copy);
#pragma warning restore CA1816
                _copies.Add(holder, copy);
                CopyHolders(holder);
            }
        }
    }

    private void Redirect(object original, object copy)
    {
        if (copy is Array array)
        {
            var elements = array.Cast<object?>().ToArray();
            for (var i = 0; i < elements.Length; i++)
            {
                array.SetValue(Redirected(elements[i]), i);
            }

            return;
        }

        foreach (var field in Fields(original.GetType()))
        {
            if (field.GetValue(copy) is { } value)
            {
                field.SetValue(copy, Redirected(value));
            }
        }
    }

    // A structure is boxed here, and a copy for that.
    private object? Redirected(object? value)
    {
        if (value is ValueType && MayRefer(value.GetType()))
        {
            Redirect(value, value);
            return value;
        }

        return value is not null && _copies.TryGetValue(value, out var copy) ? copy : value;
    }

    private static IEnumerable<object> References(object holder) => holder is Array array
        ? MayRefer(array.GetType().GetElementType()!) ? array.Cast<object?>().SelectMany(Inside) : []
        : Fields(holder.GetType()).SelectMany(field => Inside(field.GetValue(holder)));

    private static IEnumerable<object> Inside(object? value) => value switch
    {
        null or string or Pointer or MemberInfo or Assembly or System.Runtime.InteropServices.SafeHandle => [],
        Parameter parameter => [parameter],
        Tensor => [],
        ValueType => MayRefer(value.GetType()) ? References(value) : [],
        _ => [value],
    };

    private static bool MayRefer(Type type) => !type.IsPrimitive && !type.IsEnum && !type.IsPointer && type != typeof(string)
        && (!type.IsValueType || Fields(type).Any(field => MayRefer(field.FieldType)));

    private static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            foreach (var field in level.GetFields(Own))
            {
                if (MayRefer(field.FieldType))
                {
                    yield return field;
                }
            }
        }
    }
}
