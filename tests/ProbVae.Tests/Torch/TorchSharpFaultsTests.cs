using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using ProbVae.Tests.Architecture;
using static TorchSharp.torch;

namespace ProbVae.Tests.Torch;

/// <summary>
/// The faults of TorchSharp 0.107.0 that our code works round (docs/torchsharp.md). A test here that fails says that TorchSharp has
/// mended the fault: take the way round out of its place, and the row out of the page.
/// </summary>
public sealed class TorchSharpFaultsTests
{
    [Fact]
    public void Its_erfcx_is_erfc() => Assert.Equal(special.erfc(tensor(2.0)).item<double>(), special.erfcx(tensor(2.0)).item<double>());

    [Theory]
    [InlineData("grad")]
    [InlineData("matmul")]
    [InlineData("cummax")]
    [InlineData("cummin")]
    public void Four_methods_end_the_process_where_libtorch_refuses(string method) => Assert.NotEqual(0, Run(method));

    /// <summary>A run of TorchSharp.dll as it comes: until the first failure, which takes about a second.</summary>
    [Fact]
    public void It_lets_a_number_be_freed_while_libtorch_reads_it() => Assert.Equal(1, Run("number", "120"));

    [Fact]
    public void The_module_of_ones_own_loses_its_tensors_with_the_scope()
    {
        Own module;
        using (NewDisposeScope())
        {
            module = new Own();
        }

        Assert.Throws<InvalidOperationException>(() => module.parameters().First().sum());
    }

    [Fact]
    public void The_empty_index_is_refused() => Assert.Throws<ExternalException>(() => tensor(1.0)[Array.Empty<TensorIndex>()]);

    [Fact]
    public void Shapes_are_aligned_from_the_left()
    {
        Assert.ThrowsAny<Exception>(() => broadcast_shapes([2, 1], [3]));
        Assert.Equal(new Shape([2, 3]), new Shape([2, 1]).BroadcastWith([3]));
    }

    [Fact]
    public void A_number_made_in_another_type_is_no_leaf() => Assert.False(tensor(1.0, ScalarType.Float32, requires_grad: true).is_leaf);

    [Fact]
    public void Its_messages_go_on_with_frames_of_C_plus_plus()
    {
        var refusal = Assert.Throws<ExternalException>(() => ones(2, 3).add(ones(2, 4)));
        Assert.Contains("frame #", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", TorchRefusal.Words(refusal), StringComparison.Ordinal);
    }

    /// <summary>The library as its package has it; the build's output has the mended copy.</summary>
    [Fact]
    public void Its_library_for_Linux_names_a_version_that_it_does_not_use()
    {
        using var assets = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Repository.PathOf("tests/TorchFaults/obj/project.assets.json")));
        var library = assets.RootElement.GetProperty("packageFolders").EnumerateObject()
            .Select(folder => Path.Combine(folder.Name, "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", "libLibTorchSharp.so")).Single(File.Exists);
        var bytes = File.ReadAllBytes(library);
        Assert.True(bytes.AsSpan().IndexOf("GLIBCXX_3.4.32\0"u8) > 0 && bytes.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8) > 0);
    }

    private static int Run(params string[] arguments)
    {
        var configuration = typeof(TorchSharpFaultsTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var program = Repository.PathOf($"tests/TorchFaults/bin/{configuration}/net10.0/TorchFaults.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode;
    }

    private sealed class Own : nn.Module
    {
        private readonly TorchSharp.Modules.Parameter weight = new(ones(2));

        public Own()
            : base(nameof(Own)) => RegisterComponents();
    }
}
