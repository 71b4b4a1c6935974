using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>
/// What data is made of, so that rows of it can be taken: a tensor, or a tuple, a record or another plain object that holds tensors, <see cref="Rows"/>,
/// <see cref="Columns"/>, and what all rows share, such as a number.
/// </summary>
internal static class DataParts
{
    private const int Depth = 4;

    private static readonly IReadOnlyList<Assembly> Libraries = [typeof(Tensor).Assembly, typeof(Distribution).Assembly, typeof(DataParts).Assembly];

    /// <summary>How many rows the data has: the length of the first axis of its tensors, which all of them have.</summary>
    /// <exception cref="ArgumentException">There is no tensor with rows, the numbers of rows differ, or a part cannot be taken apart.</exception>
    public static long Count(object data)
    {
        var parts = new List<(string Name, long Rows)>();
        Rebuilt(data, "the data", (name, part) =>
        {
            if (RowsOf(part) is { } rows)
            {
                parts.Add((name, rows));
            }

            return part;
        });
        return parts.Count == 0 ? throw new ArgumentException($"The data is a {Spelled(data.GetType())} in which no tensor has an axis of rows; give a tensor, or a tuple or record of tensors.", nameof(data))
            : parts.Find(part => part.Rows != parts[0].Rows) is { Name: not null } other
                ? throw new ArgumentException($"Minibatches take the same rows of every part of the data, and {parts[0].Name} has {parts[0].Rows} rows where {other.Name} has {other.Rows}. What all rows share is no part of the data: let a lambda capture it.", nameof(data))
            : parts[0].Rows is 0 ? throw new ArgumentOutOfRangeException(nameof(data), "The data has no row.") : parts[0].Rows;
    }

    /// <summary>The same data at some of its rows; tensors are new ones.</summary>
    public static TData At<TData>(TData data, long[] rows) => (TData)Rebuilt(data!, "the data", (_, part) => part switch
    {
        Tensor { shape.Length: > 0 } tensor => tensor.index_select(0, Indices(rows, tensor.device)),
        Rows all => new Rows(rows.Select(row => all.Indices[(int)row])),
        Columns columns => columns.At(rows),
        _ => part,
    });

    private static Tensor Indices(long[] rows, Device device) => tensor(rows, device: device);

    private static long? RowsOf(object? part) => part switch
    {
        Tensor { shape.Length: > 0 } tensor => tensor.shape[0],
        Rows rows => rows.Count,
        Columns columns => columns.Count,
        _ => null,
    };

    private static object Rebuilt(object data, string name, Func<string, object?, object?> part)
    {
        if (data is Tensor or Rows or Columns)
        {
            return part(name, data)!;
        }

        var type = data.GetType();
        object? Each(string member, object? value) => value is not null && HoldsRows(value.GetType(), Depth) ? Rebuilt(value, member, part) : part(member, Shared(member, value));
        if (IsTuple(type))
        {
            var items = type.GetFields(BindingFlags.Instance | BindingFlags.Public);
            return Activator.CreateInstance(type, [.. items.Select(item => Each(item.Name, item.GetValue(data)))])!;
        }

        if (!IsPlain(type) || Constructor(type) is not var (constructor, members))
        {
            throw new ArgumentException($"The data is a {Spelled(type)}, of which no rows can be taken: give a tensor, or a tuple or record of tensors. For other data, new Minibatches<{Spelled(type)}>(...) says how a minibatch is made.", nameof(data));
        }

        var made = constructor.Invoke([.. members.Select(member => Each(member.Name, member.GetValue(data)))]);
        foreach (var rest in Properties(type).Where(property => property.SetMethod is { IsPublic: true } && !members.Contains(property)))
        {
            rest.SetValue(made, Each(rest.Name, rest.GetValue(data)));
        }

        return made;
    }

    // A list of tensors would go whole into each minibatch, without a word.
    private static object? Shared(string name, object? value) => value is IEnumerable and not (string or Tensor) && value.GetType() is var type && type.GetInterfaces().Append(type).Any(HoldsTensors)
        ? throw new ArgumentException($"{name} of the data is a {Spelled(type)}, and minibatches take rows of tensors, tuples and records; give its tensors as parts of the data, or write new Minibatches<TData>(...).")
        : value;

    private static bool HoldsTensors(Type type) => type.IsArray ? type.GetElementType() == typeof(Tensor) : type.IsGenericType && type.GetGenericArguments().Contains(typeof(Tensor));

    private static bool IsTuple(Type type) => type.IsValueType && type.IsAssignableTo(typeof(ITuple));

    // A part that is made of parts itself; a network or a distribution has tensors too, and none of them is rows.
    private static bool HoldsRows(Type type, int depth) => type == typeof(Tensor) || type == typeof(Rows) || type == typeof(Columns)
        || (depth > 0 && (IsTuple(type) ? type.GetFields().Select(item => item.FieldType) : IsOnesOwn(type) ? Properties(type).Select(property => property.PropertyType) : []).Any(part => HoldsRows(part, depth - 1)));

    private static bool IsOnesOwn(Type type) => IsPlain(type) && !type.IsAssignableTo(typeof(nn.Module)) && !Libraries.Contains(type.Assembly);

    private static bool IsPlain(Type type) => !type.IsPrimitive && !type.IsEnum && !type.IsAssignableTo(typeof(IEnumerable))
        && (type.IsAssignableTo(typeof(ITuple)) || type.Namespace?.StartsWith(nameof(System), StringComparison.Ordinal) != true);

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.GetMethod is not null && property.GetIndexParameters().Length == 0);

    // The longest constructor whose every argument is a property's value: a record's own, or one without arguments.
    private static (ConstructorInfo Constructor, PropertyInfo[] Members)? Constructor(Type type)
    {
        var properties = Properties(type).ToArray();
        foreach (var constructor in type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length))
        {
            PropertyInfo?[] members = [.. constructor.GetParameters().Select(parameter => Array.Find(properties, property => property.PropertyType == parameter.ParameterType && string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)))];
            if (members.All(member => member is not null))
            {
                return (constructor, [.. members.OfType<PropertyInfo>()]);
            }
        }

        return null;
    }

    private static string Spelled(Type type) => type.IsGenericType
        ? $"{(IsTuple(type) ? "" : type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)])}{(IsTuple(type) ? '(' : '<')}{string.Join(", ", type.GetGenericArguments().Select(Spelled))}{(IsTuple(type) ? ')' : '>')}"
        : type.Name;
}
