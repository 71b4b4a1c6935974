using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Torch's global generator is one for the process, so these tests run while no other does.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public sealed class GlobalGeneratorTests
{
    public static TheoryData<string> Names => Families.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_neither_read_nor_advance_the_global_generator(string name)
    {
        var (distribution, key) = (Families.ByName(name).Batch([40]), new RandomKey(2));
        manual_seed(1);
        var first = distribution.Sample(key, 3);
        var afterwards = rand(5);
        manual_seed(1);
        Assert.True(afterwards.Equals(rand(5)));
        Assert.True(first.Equals(distribution.Sample(key, 3)));
    }
}
