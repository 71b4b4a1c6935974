using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Torch's own generator belongs to the whole process, so what is tested of it runs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchGeneratorIsolation
{
    public const string Name = "torch's own generator";
}

/// <summary>Inference neither reads nor moves torch's own generator.</summary>
[Collection(TorchGeneratorIsolation.Name)]
public sealed class TorchGeneratorTests
{
    [Fact]
    public void TorchsOwnGeneratorIsNeitherReadNorMoved()
    {
        using SmallVae vae = new(), twin = new();
        using Svi<Tensor> svi = vae.Svi(), twinSvi = twin.Svi();
        using var batch = vae.Batch(0);
        manual_seed(1);
        var expected = Inferences.Numbers(rand(3));
        manual_seed(1);
        var elbo = svi.Step(batch).Elbo;
        Assert.Equal(expected, Inferences.Numbers(rand(3)));
        manual_seed(2);
        Assert.Equal(elbo, twinSvi.Step(batch).Elbo);
    }
}
