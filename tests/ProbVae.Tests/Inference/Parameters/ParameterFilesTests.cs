using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>Parameters and buffers go through a safetensors file whole, or nothing changes.</summary>
public sealed class ParameterFilesTests
{
    [Fact]
    public void ParametersAndBuffersComeBackBitForBit()
    {
        using Module one = Network(1), other = Network(2);
        using Svi<Tensor> from = Svi(one), to = Svi(other);
        using var file = new MemoryStream();
        from.Step(ones(4, 2));
        from.Parameters.SaveSafetensors(file);
        Assert.NotEqual(Bytes(from), Bytes(to));
        file.Position = 0;
        to.Parameters.LoadSafetensors(file);
        Assert.Equal(Bytes(from), Bytes(to));
        Assert.NotEmpty(from.Parameters.Buffers);
        file.Position = 0;
        var names = Safetensors.Load(file).Tensors.Keys.Order(StringComparer.Ordinal);
        Assert.Equal(from.Parameters.ByName.Keys.Concat(from.Parameters.Buffers.Keys).Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public void APathIsReadAndWrittenAsAStreamIs()
    {
        using Module one = Network(1), other = Network(2);
        using Svi<Tensor> from = Svi(one), to = Svi(other);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        from.Parameters.SaveSafetensors(path);
        to.Parameters.LoadSafetensors(path);
        File.Delete(path);
        Assert.Equal(Bytes(from), Bytes(to));
    }

    [Fact]
    public void AFileThatDoesNotFitListsAllThatIsWrongAndChangesNothing()
    {
        Parameter loc = new(zeros(3)), scale = new(ones(3)), other = new(ones(2));
        var z = new Latent("z");
        var model = Model.Program<Tensor>("one", (p, _) => p.Sample(z, new Normal(zeros(3), 1)));
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => new Normal(loc + other.sum(), scale.exp())).Build());
        using var file = new MemoryStream();
        Safetensors.Save(file, new Dictionary<string, Tensor> { ["loc"] = zeros(4), ["scale"] = zeros([3], ScalarType.Float64), ["shift"] = zeros(1) });
        file.Position = 0;
        var before = Bytes(svi);
        var refusal = Assert.Throws<SafetensorsException>(() => svi.Parameters.LoadSafetensors(file));
        Assert.Equal(
        [
            "'loc' is Float32 (4) in the file, Float32 (3) here.",
            "'other' Float32 (2) is missing in the file.",
            "'scale' is Float64 (3) in the file, Float32 (3) here.",
            "'shift' Float32 (1) is in the file and is no parameter or buffer here.",
        ], refusal.Problems.Order(StringComparer.Ordinal));
        Assert.Equal(before, Bytes(svi));
    }

    [Fact]
    public void ARenamedVariableIsToldOfAndANameByUsesStays()
    {
        nn.Module<Tensor, Tensor> net = nn.Linear(2, 1), renamed = nn.Linear(2, 1);
        var (z, x) = (new Latent("z"), new Observed("x"));
        using var file = new MemoryStream();
        Of(Model.Program<Tensor>("plain", (run, data) => run.Observe(x, new Normal(net.call(data).sum() + run.Sample(z, new Normal(0, 1)), 1), tensor(0f)))).SaveSafetensors(file);
        file.Position = 0;
        var other = Of(Model.Program<Tensor>("plain", (run, data) => run.Observe(x, new Normal(renamed.call(data).sum() + run.Sample(z, new Normal(0, 1)), 1), tensor(0f))));
        Assert.Contains(TrainableParameters.WhereNamesComeFrom, Assert.Throws<SafetensorsException>(() => other.LoadSafetensors(file)).Problems);

        using var named = new MemoryStream();
        Of(Model.Program<Tensor>("named", (run, data) => run.Observe(x, new Normal(net.call(data).sum() + run.Sample(z, new Normal(0, 1)), 1), tensor(0f)), ("weights", net))).SaveSafetensors(named);
        named.Position = 0;
        var same = Of(Model.Program<Tensor>("named", (run, data) => run.Observe(x, new Normal(renamed.call(data).sum() + run.Sample(z, new Normal(0, 1)), 1), tensor(0f)), ("weights", renamed)));
        same.LoadSafetensors(named);
        Assert.Equal(["weights.weight", "weights.bias"], same.ByName.Keys);
        Assert.Equal(net.parameters().Select(Inferences.Numbers), renamed.parameters().Select(Inferences.Numbers));

        static TrainableParameters Of(Model<Tensor> model) => TrainableParameters.Of([], model);
    }

    [Fact]
    public void ASnapshotRestoresBitForBit()
    {
        using var network = Network(3);
        using var svi = Svi(network);
        using var data = rand(4, 2);
        svi.Step(data);
        var before = Bytes(svi);
        using var snapshot = ParameterSnapshot.Of(svi.Parameters);
        svi.Step(data);
        Assert.NotEqual(before, Bytes(svi));
        snapshot.Restore();
        Assert.Equal(before, Bytes(svi));
    }

    private static byte[] Bytes(Svi<Tensor> svi)
    {
        using var file = new MemoryStream();
        svi.Parameters.SaveSafetensors(file);
        return file.ToArray();
    }

    private static Module Network(int seed)
    {
        var network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1));
        using var frozen = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
        {
            using var scope = NewDisposeScope();
            parameter.copy_(new Normal(1, 0.3).Expand(parameter.shape).Sample(new RandomKey(seed).Fold(name)));
        }

        return network;
    }

    private static Svi<Tensor> Svi(Module network)
    {
        var model = Model.Given<Tensor>("m").Plate("points", 60).Sample("z", new Normal(0, 1), out var z).Build();
        return Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(network.call(x).squeeze(-1), 1)).Build());
    }
}
