using System.Runtime.CompilerServices;

namespace Tests.Shared;

/// <summary>
/// One torch thread in each test process. xunit runs as many tests at once as there are cores, and the threads of OpenMP that wait for
/// work spin: on a full machine they take the time of those that work.
/// </summary>
internal static class OneTorchThread
{
    [ModuleInitializer]
    internal static void Set() => TorchSharp.torch.set_num_threads(1);
}
