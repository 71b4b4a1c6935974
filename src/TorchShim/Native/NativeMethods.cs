using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The entries of native/torchshim.cpp.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "torchshim";

#pragma warning disable CA2255 // The resolver must stand before the first call, from whichever class that comes.
    [ModuleInitializer]
    internal static void UseLibraryBesideAssembly() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library) return 0;
        var path = Path.Combine(AppContext.BaseDirectory, "libtorchshim.so");
        if (!File.Exists(path)) path = Path.Combine(Path.GetDirectoryName(assembly.Location) ?? "", "libtorchshim.so");
        if (!File.Exists(path)) throw new DllNotFoundException($"The native library {path} is missing; run ./build.sh setup, which builds it over this machine's libtorch.");
        return NativeLibrary.Load(path);
    }

    /// <summary>Throws what the last failed native call on this thread reported.</summary>
    public static void Check(int status)
    {
        if (status < 0) throw Failure();
    }

    public static ExternalException Failure() => new(Marshal.PtrToStringUTF8(shim_last_error()));

    [LibraryImport(Library)] private static partial nint shim_last_error();
    [LibraryImport(Library)] public static partial void shim_free(void* memory);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial nint shim_operator(string name, string overload);
    [LibraryImport(Library)] public static partial int shim_call(nint op, NativeValue* args, int argCount, NativeValue* results, int capacity);

    [LibraryImport(Library)] public static partial void shim_tensor_free(nint tensor);
    [LibraryImport(Library)] public static partial nint shim_tensor_alias(nint tensor);
    [LibraryImport(Library)] public static partial nint shim_tensor_data(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] public static partial int shim_tensor_dtype(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] public static partial long shim_tensor_dim(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] public static partial long shim_tensor_numel(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] public static partial void shim_tensor_sizes(nint tensor, long* sizes);
    [LibraryImport(Library), SuppressGCTransition] public static partial void shim_tensor_strides(nint tensor, long* strides);
    [LibraryImport(Library)] public static partial long shim_tensor_storage_offset(nint tensor);
    [LibraryImport(Library)] public static partial int shim_tensor_is_contiguous(nint tensor);
    [LibraryImport(Library)] public static partial int shim_tensor_is_sparse(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] public static partial void shim_tensor_device(nint tensor, int* type, int* index);
    [LibraryImport(Library)] public static partial int shim_tensor_requires_grad(nint tensor);
    [LibraryImport(Library)] public static partial int shim_tensor_is_leaf(nint tensor);
    [LibraryImport(Library)] public static partial nint shim_tensor_grad(nint tensor);
    [LibraryImport(Library)] public static partial int shim_tensor_set_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] public static partial int shim_tensor_set_grad(nint tensor, nint grad);
    [LibraryImport(Library)] public static partial int shim_tensor_retain_grad(nint tensor);
    [LibraryImport(Library)] public static partial int shim_tensor_set_data(nint tensor, nint other);

    [LibraryImport(Library)] public static partial int shim_backward(nint* tensors, int count, nint* grads, int gradCount, int retain, int create, nint* inputs, int inputCount);
    [LibraryImport(Library)] public static partial int shim_grad(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* grads, int gradCount, int retain, int create, int allowUnused, nint* results);
    [LibraryImport(Library), SuppressGCTransition] public static partial int shim_grad_enabled();
    [LibraryImport(Library), SuppressGCTransition] public static partial void shim_set_grad_enabled(int enabled);
    [LibraryImport(Library)] public static partial int shim_anomaly_enabled();
    [LibraryImport(Library)] public static partial int shim_anomaly_checks_nan();
    [LibraryImport(Library)] public static partial void shim_set_anomaly(int enabled, int checkNan);

    [LibraryImport(Library)] public static partial void shim_manual_seed(long seed);
    [LibraryImport(Library)] public static partial int shim_get_num_threads();
    [LibraryImport(Library)] public static partial void shim_set_num_threads(int count);
    [LibraryImport(Library)] public static partial int shim_get_num_interop_threads();
    [LibraryImport(Library)] public static partial int shim_set_num_interop_threads(int count);
    [LibraryImport(Library)] public static partial int shim_cuda_available();
    [LibraryImport(Library)] public static partial int shim_cuda_count();
    [LibraryImport(Library)] public static partial int shim_cudnn_available();
    [LibraryImport(Library)] public static partial int shim_cuda_seed(long seed, int index);
    [LibraryImport(Library)] public static partial int shim_cuda_synchronize(int index);

    [LibraryImport(Library)] public static partial nint shim_generator_new(ulong seed, int deviceType, int deviceIndex);
    [LibraryImport(Library)] public static partial nint shim_generator_default();
    [LibraryImport(Library)] public static partial void shim_generator_free(nint generator);
    [LibraryImport(Library)] public static partial void shim_generator_set_seed(nint generator, ulong seed);
    [LibraryImport(Library)] public static partial ulong shim_generator_initial_seed(nint generator);
    [LibraryImport(Library)] public static partial ulong shim_generator_seed(nint generator);
    [LibraryImport(Library)] public static partial nint shim_generator_get_state(nint generator);
    [LibraryImport(Library)] public static partial int shim_generator_set_state(nint generator, nint state);
}
