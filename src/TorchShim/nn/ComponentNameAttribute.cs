using System;

namespace TorchSharp.Utils;

/// <summary>Gives the name under which a module registers the component held in a field.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = string.Empty;
}
