using System;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Mono.Cecil;
using Mono.Cecil.Cil;

/// <summary>Copies TorchSharp.dll and mends in the copy what no program can mend from outside: docs/torchsharp.md.</summary>
public sealed class MendTorchSharp : Task
{
    // DebuggableAttribute.DebuggingModes: Default, IgnoreSymbolStoreSequencePoints and DisableOptimizations.
    private const int Unoptimized = 0x103;

    /// <summary>The assembly as its package has it.</summary>
    public string Source { get; set; }

    /// <summary>Where the copy goes.</summary>
    public string Destination { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        // A new file by its name at once: an output may have a link to the old one.
        var half = Destination + "." + Guid.NewGuid().ToString("N");
        using (var module = ModuleDefinition.ReadModule(Source))
        {
            KeepArgumentsAlive(module);
            var guard = new TypeReference("ProbVae", "GuardedTorch", module, new AssemblyNameReference("ProbVae", new Version(0, 0, 0, 0)));
            module.AssemblyReferences.Add((AssemblyNameReference)guard.Scope);
            LetItThrow(module, guard, "TorchSharp.torch/Tensor", "matmul");
            LetItThrow(module, guard, "TorchSharp.torch/Tensor", "cummax");
            LetItThrow(module, guard, "TorchSharp.torch/Tensor", "cummin");
            LetItThrow(module, guard, "TorchSharp.torch/autograd", "grad");
            module.Write(half);
        }

        File.Delete(Destination);
        File.Move(half, Destination);
        return true;
    }

    // In optimized code the garbage collector may finalize an argument, as the 2 of x.mul(2), whose handle libtorch still reads.
    private static void KeepArgumentsAlive(ModuleDefinition module)
    {
        var attribute = module.Assembly.CustomAttributes.Single(one => one.AttributeType.Name == "DebuggableAttribute");
        attribute.ConstructorArguments[0] = new CustomAttributeArgument(attribute.ConstructorArguments[0].Type, Unoptimized);
    }

    // These call a native function that lets C++ exceptions out, which ends the process: ours of the same signature is called instead.
    private static void LetItThrow(ModuleDefinition module, TypeReference guard, string type, string name)
    {
        var method = module.GetType(type).Methods.Single(one => one.Name == name);
        var ours = new MethodReference(char.ToUpperInvariant(name[0]) + name.Substring(1), method.ReturnType, guard);
        if (!method.IsStatic)
        {
            ours.Parameters.Add(new ParameterDefinition(method.DeclaringType));
        }

        foreach (var parameter in method.Parameters)
        {
            ours.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        method.Body = new MethodBody(method);
        var il = method.Body.GetILProcessor();
        for (var i = 0; i < ours.Parameters.Count; i++)
        {
            il.Emit(OpCodes.Ldarg, i);
        }

        il.Emit(OpCodes.Call, ours);
        il.Emit(OpCodes.Ret);
    }
}
