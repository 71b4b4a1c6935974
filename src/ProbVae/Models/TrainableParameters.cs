using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// The parameters and buffers of a model and its guide, by name: those of the modules that were named, and of those that the
/// programs' delegates capture (in locals, in fields of captured objects, in collections of these).
/// </summary>
public sealed partial class TrainableParameters
{
    /// <summary>What to do where a file has another name for a parameter.</summary>
    internal const string WhereNamesComeFrom = "A parameter is named after the variable or field that a lambda captures, so renaming that renames it: give it the name back, or fix a module's name by Uses((\"name\", module)), which goes before the variable's.";

    private const int Depth = 8;

    private readonly Dictionary<string, Parameter> _parameters = [];
    private readonly Dictionary<string, Tensor> _buffers = [];
    private readonly Dictionary<string, Tensor> _changing = [];
    private readonly HashSet<string> _roots = [];
    private readonly HashSet<string> _outside = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _lifted = new(ReferenceEqualityComparer.Instance);

    private readonly List<Module> _noisy = [];

    private TrainableParameters()
    {
    }

    /// <summary>The parameters by name, as in <c>decoder.0.weight</c>, in the order in which they were found.</summary>
    public IReadOnlyDictionary<string, Parameter> ByName => _parameters;

    /// <summary>The modules' buffers by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => _buffers;

    /// <summary>The parameters that belong to no module.</summary>
    internal IEnumerable<(string Name, Parameter Parameter)> OutsideModules => _outside.Select(name => (name, _parameters[name]));

    /// <summary>How many there are, and their names and shapes.</summary>
    public override string ToString() => $"{Size()}{(_parameters.Count == 0 ? "" : $": {Loops.Some([.. _parameters.Select(entry => $"{entry.Key} {new Shape(entry.Value.shape)}")])}")}";

    /// <summary>How many parameters there are, and of how many numbers.</summary>
    internal string Size() => FormattableString.Invariant($"{_parameters.Count} parameter{(_parameters.Count == 1 ? "" : "s")} of {_parameters.Values.Sum(parameter => parameter.numel()):N0} number{(_parameters.Values.Sum(parameter => parameter.numel()) == 1 ? "" : "s")}");

    /// <summary>The modules that draw from torch's own generator while they are in training mode.</summary>
    internal IReadOnlyList<Module> Noisy => _noisy;

    internal static TrainableParameters Of<TData>(IReadOnlyList<(string Name, Module Module)> others, params Program<TData>[] programs)
    {
        var found = new TrainableParameters();
        foreach (var program in programs)
        {
            found.LeaveOutLifted(program);
            foreach (var (name, module) in program.Modules)
            {
                found.Take(name, module);
            }
        }

        found._lifted.Clear();
        foreach (var (name, module) in others)
        {
            found.Take(name, module);
        }

        foreach (var program in programs)
        {
            found.LeaveOutLifted(program);
            foreach (var captured in program.Delegates)
            {
                found.Visit("", captured, Depth);
            }
        }

        return found;
    }

    /// <summary>Copies the buffers, so that what a run did to them (running statistics, say) can be undone.</summary>
    /// <returns>Puts them back as they were.</returns>
    internal Action KeepBuffers() => CopyBuffers().Restore;

    /// <summary>Copies the buffers, to be put back or held against what a step made of them.</summary>
    internal KeptBuffers CopyBuffers() => new(_changing);

    // A lifted parameter is none of the model any more; the guide may still have it for one of its own.
    private void LeaveOutLifted<TData>(Program<TData> program)
    {
        _lifted.Clear();
        _lifted.UnionWith((program as Model<TData>)?.Rules.Lifted.Keys ?? []);
    }

    private void Visit(string name, object? value, int depth)
    {
        if (value is null or string || depth == 0 || value.GetType().IsPrimitive || _lifted.Contains(value) || !_seen.Add(value))
        {
            return;
        }

        switch (value)
        {
            case Parameter parameter:
                _parameters.Add(Unique(name), parameter);
                _outside.Add(_parameters.Keys.Last());
                break;
            case Param constrained:
                Visit(name, constrained.Unconstrained, depth);
                break;
            case Module module:
                Take(name, module);
                break;
            case Tensor:
                break;
            case Delegate function:
                foreach (var part in function.GetInvocationList().Where(part => part.Target is not null))
                {
                    VisitTarget(name, part, depth - 1);
                }

                break;
            case IEnumerable items and (Array or IList or IDictionary or ITuple):
                VisitAll(name, items, depth);
                break;
            case ITuple tuple:
                VisitAll(name, Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), depth);
                break;
            default:
                VisitFields(name, value, depth, null);
                break;
        }
    }

    private void VisitAll(string name, IEnumerable items, int depth)
    {
        var values = items is IDictionary dictionary ? dictionary.Values : items;
        if (values is Array array && (array.GetType().GetElementType() is { IsPrimitive: true } || array.Rank > 1))
        {
            return;
        }

        var index = 0;
        foreach (var item in values)
        {
            Visit($"{name}[{index++}]", item, depth - 1);
        }
    }

    // A closure is shared by lambdas that capture different things, so it does not count as seen.
    private void VisitTarget(string name, Delegate function, int depth)
    {
        if (function.Target is Module or Delegate)
        {
            Visit(name, function.Target, depth);
        }
        else
        {
            VisitFields(name, function.Target!, depth, CapturedFields.Of(function));
        }
    }

    private void VisitFields(string name, object value, int depth, CapturedFields? captured)
    {
        var type = value.GetType();
        if (type.Namespace is { } space && (space.StartsWith("System", StringComparison.Ordinal) || space.StartsWith("TorchSharp", StringComparison.Ordinal)))
        {
            return;
        }

        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.FieldType.IsPrimitive || field.FieldType.IsPointer || captured?.Contains(field) == false)
                {
                    continue;
                }

                var (part, held) = (ReadableName(field.Name), field.GetValue(value));
                var path = part.Length == 0 ? name : CapturedFields.IsClosure(type) || name.Length == 0 ? part : $"{name}.{part}";
                if (captured is not null && held is not null && depth > 0 && (CapturedFields.IsClosure(held.GetType()) || part.Length == 0))
                {
                    // The closure around this one, or the object that the lambda was written in: the same body loads from it.
                    VisitFields(path, held, depth - 1, captured);
                }
                else
                {
                    Visit(path, held, depth - 1);
                }
            }
        }
    }

    private void Take(string name, Module module)
    {
        _seen.Add(module);
        if (module.parameters().Any(_lifted.Contains))
        {
            _seen.Remove(module);
        }

        _noisy.AddRange(module.modules().Where(TorchDraws.IsNoisy));
        var root = Unique(name.Length == 0 ? module.GetName() : name);
        foreach (var (part, parameter) in module.named_parameters())
        {
            if (!_lifted.Contains(parameter) && _seen.Add(parameter))
            {
                _parameters.Add($"{root}.{part}", parameter);
            }
        }

        // Masks stay as they are, so no run need keep a copy of them.
        var masks = module.modules().Prepend(module).OfType<MaskedLinear>().Select(layer => layer.Mask).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var (part, buffer) in module.named_buffers())
        {
            if (_seen.Add(buffer))
            {
                _buffers.Add($"{root}.{part}", buffer);
                if (!masks.Contains(buffer))
                {
                    _changing.Add($"{root}.{part}", buffer);
                }
            }
        }
    }

    // Two networks of one name, in two closures, are told apart by a number.
    private string Unique(string name)
    {
        var candidate = name;
        for (var number = 2; !_roots.Add(candidate); number++)
        {
            candidate = $"{name}#{number}";
        }

        return candidate;
    }

    // The compiler's <decoder>5__2 and <Decoder>k__BackingField are the programmer's decoder and Decoder; its own <>4__this is nobody's.
    private static string ReadableName(string field) =>
        !field.StartsWith('<') ? field.TrimStart('_') : field[1..field.IndexOf('>', StringComparison.Ordinal)];
}
