using System.Runtime.InteropServices;

namespace ProbVae.Training.Tests;

/// <summary>What OpenMP reads stands where it reads it, and a user's own choice stays.</summary>
public sealed class IdleThreadsTests
{
    [Fact]
    public void The_c_library_sees_the_policy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "OpenMP's waiting is chosen on Linux alone.");
        var chosen = Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");
        IdleThreads.GiveUpTheirCore();
        Assert.Equal(chosen ?? "passive", Marshal.PtrToStringUTF8(Variable([.. "OMP_WAIT_POLICY\0"u8])));
    }

    [DllImport("libc", EntryPoint = "getenv", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Variable(byte[] name);
}
