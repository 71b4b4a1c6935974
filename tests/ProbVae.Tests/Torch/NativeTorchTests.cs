using System.Diagnostics;
using System.Reflection;

namespace ProbVae.Tests.Torch;

public sealed class NativeTorchTests
{
    [Fact]
    public void A_version_that_the_build_makes_optional_is_mended_by_a_build() => Assert.Equal(
        "ProbVae cannot load TorchSharp's native library on this machine (linux-x64), because its C or C++ library is older than the library asks for and lacks GLIBCXX_3.4.32; build the program on this machine, or anywhere with -p:ProbVaeOlderLinux=true, so that its output has a copy that loads here. docs/torchsharp.md says more.",
        NativeTorch.Sentence(Missing("GLIBCXX_3.4.32") + Missing("GLIBCXX_3.4.32"), "linux-x64"));

    [Fact]
    public void A_version_that_is_used_needs_a_newer_system() => Assert.EndsWith(
        "lacks GLIBCXX_3.4.32 and GLIBCXX_3.4.30; run the program on a newer system, or in a container of one. docs/torchsharp.md says more.",
        NativeTorch.Sentence(Missing("GLIBCXX_3.4.32") + Missing("GLIBCXX_3.4.30"), "linux-x64"), StringComparison.Ordinal);

    [Fact]
    public void Another_refusal_is_left_to_TorchSharp() => Assert.Null(NativeTorch.Sentence("libLibTorchSharp.so: cannot open shared object file: No such file or directory", "linux-arm64"));

    [Fact]
    public void On_this_machine_it_loads() => NativeTorch.Require();

    /// <summary>Else a number may be freed while libtorch reads it: TorchSharpFaultsTests.</summary>
    [Fact]
    public void TorchSharp_runs_unoptimized_here() =>
        Assert.True(typeof(TorchSharp.torch).Assembly.GetCustomAttribute<DebuggableAttribute>()!.IsJITOptimizerDisabled);

    private static string Missing(string version) => $"/lib/x86_64-linux-gnu/libstdc++.so.6: version `{version}' not found (required by /app/libLibTorchSharp.so)\n";
}
