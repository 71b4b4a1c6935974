using System.Runtime.InteropServices;

namespace ProbVae.Mpi;

/// <summary>
/// The MPI library. MPI.NET asks for MS-MPI's; MPICH and Intel MPI have the same binary interface, so on other systems theirs answers.
/// </summary>
internal static class MpiLibrary
{
    private const string Asked = "msmpi.dll";

    // The common interface's name, by which Intel MPI and other builds of MPICH go; Debian's MPICH has one of its own, as Open MPI may have that.
    private static readonly IntPtr Handle = OperatingSystem.IsWindows() ? Loaded(Asked) : Loaded("libmpich.so.12") is not 0 and var debian ? debian : Loaded("libmpi.so.12");

    static MpiLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(MPI.Environment).Assembly, (name, _, _) => name.StartsWith("msmpi", StringComparison.OrdinalIgnoreCase) ? Handle : IntPtr.Zero);

    /// <summary>What is loaded, for sentences.</summary>
    public static string Name => OperatingSystem.IsWindows() ? "MS-MPI" : "MPICH (libmpich.so.12 or libmpi.so.12)";

    /// <summary>What to install, for sentences.</summary>
    public static string Missing => OperatingSystem.IsWindows()
        ? "msmpi.dll is not on this machine: install Microsoft MPI's runtime."
        : "neither libmpich.so.12 nor libmpi.so.12 can be loaded: install MPICH (on Debian and Ubuntu, apt install mpich) or Intel MPI.";

    /// <summary>Whether there is one.</summary>
    public static bool IsThere => Handle != 0;

    private static IntPtr Loaded(string name) => NativeLibrary.TryLoad(name, out var handle) ? handle : 0;
}
