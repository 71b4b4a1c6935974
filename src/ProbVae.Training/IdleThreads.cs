using System.Runtime.InteropServices;

namespace ProbVae.Training;

/// <summary>How torch's threads wait for each other.</summary>
/// <remarks>
/// OpenMP's threads spin while they wait. Beside other work they spin away the very core that the others need, and two threads are slower than
/// one. Its policy is read once, from the C library's environment, when the library is loaded; .NET's own variables do not reach that.
/// </remarks>
public static class IdleThreads
{
    /// <summary>Lets threads that wait give up their core. Counts where nothing has called torch before; a policy that the user has set stays.</summary>
    public static void GiveUpTheirCore()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetVariable([.. "OMP_WAIT_POLICY\0"u8], [.. "passive\0"u8], overwrite: 0);
        }
    }

    // Bytes as C reads them, so that nothing is marshalled.
    [DllImport("libc", EntryPoint = "setenv", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable(byte[] name, byte[] value, int overwrite);
}
