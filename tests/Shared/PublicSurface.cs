using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tests.Shared;

/// <summary>Writes an assembly's public and protected members, one a line: what a caller's source can rely on.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines, in the order of the assembly's metadata.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="synthesized">Whether to list what the compiler adds to records by itself: Equals, Deconstruct and so on.</param>
    public static IEnumerable<string> Lines(Assembly assembly, bool synthesized = true) =>
        assembly.GetTypes().Where(IsVisible).SelectMany(type => Lines(type, synthesized));

    private static IEnumerable<string> Lines(Type type, bool synthesized)
    {
        var owner = Name(type);
        yield return $"{Kind(type)} {owner}";
        foreach (var member in type.GetMembers(Declared).Where(member => synthesized || !IsSynthesized(member)))
        {
            if (Line(owner, member) is { } line)
            {
                yield return line;
            }
        }
    }

    private static string? Line(string owner, MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) => $"new {owner}({Parameters(constructor.GetParameters())})",
        MethodInfo method when IsVisible(method) && IsOrdinary(method) =>
            $"{Static(method.IsStatic)}{owner}.{method.Name}{TypeParameters(method)}({Parameters(method.GetParameters())}) : {Name(method.ReturnType)}",
        PropertyInfo property => PropertyLine(owner, property),
        FieldInfo field when field.IsPublic || field.IsFamily => $"{Static(field.IsStatic)}{owner}.{field.Name} : {Name(field.FieldType)}",
        EventInfo @event when IsVisible(@event.AddMethod) => $"event {owner}.{@event.Name} : {Name(@event.EventHandlerType!)}",
        _ => null,
    };

    private static string? PropertyLine(string owner, PropertyInfo property)
    {
        var (get, set) = (IsVisible(property.GetMethod), IsVisible(property.SetMethod));
        if (!get && !set)
        {
            return null;
        }

        var isStatic = (get ? property.GetMethod : property.SetMethod)!.IsStatic;
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : "";
        return $"{Static(isStatic)}{owner}.{property.Name}{index} : {Name(property.PropertyType)} {{{(get ? " get;" : "")}{(set ? IsInit(property) ? " init;" : " set;" : "")} }}";
    }

    private static bool IsInit(PropertyInfo property) => property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsVisible(Type type) => type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily) && IsVisible(type.DeclaringType!) : type.IsPublic;

    private static bool IsVisible(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static bool IsOrdinary(MethodInfo method) => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal);

    // What the compiler writes bears its mark, but for a record's EqualityContract, whose getter alone does.
    private static bool IsSynthesized(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || member.Name is "EqualityContract";

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => "class",
    };

    private static string TypeParameters(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var array = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "";
        var reference = !type.IsByRef ? "" : parameter.IsOut ? "out " : "ref ";
        return $"{array}{reference}{Name(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{(parameter.IsOptional ? " =" : "")}";
    }

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsPointer)
        {
            return Name(type.GetElementType()!) + "*";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var prefix = type.IsNested ? Name(type.DeclaringType!) + "." : type.Namespace is null or "System" ? "" : type.Namespace + ".";
        var parts = type.Name.Split('`');
        if (parts.Length == 1)
        {
            return prefix + parts[0];
        }

        var own = type.GetGenericArguments()[^int.Parse(parts[1], CultureInfo.InvariantCulture)..];
        return $"{prefix}{parts[0]}<{string.Join(", ", own.Select(Name))}>";
    }
}
