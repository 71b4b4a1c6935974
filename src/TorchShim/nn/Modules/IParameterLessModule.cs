namespace TorchSharp.Modules;

/// <summary>Marks modules that have neither parameters nor buffers.</summary>
#pragma warning disable CA1040 // TorchSharp declares it without members.
public interface IParameterLessModule
{
}
#pragma warning restore CA1040
