using System.Text;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class ModuleStateTests
{
    [Fact]
    public void AStreamGivesBackWhatWasSaved()
    {
        using var saved = Network();
        using var loaded = Network();
        saved.call(randn(8, 3)).Dispose();

        var loadedKeys = new Dictionary<string, bool>();
        loaded.load(new MemoryStream(Saved(saved)), loadedParameters: loadedKeys);

        AssertSameState(saved, loaded);
        Assert.Equal(saved.state_dict().Keys.Order(), loadedKeys.Keys.Order());
    }

    [Fact]
    public void AFileGivesBackWhatWasSaved()
    {
        using var saved = Network();
        using var loaded = Network();
        var file = Path.GetTempFileName();
        try
        {
            saved.save(file);
            loaded.load(file);
        }
        finally
        {
            File.Delete(file);
        }

        AssertSameState(saved, loaded);
    }

    [Fact]
    public void TheFormatIsTorchSharps()
    {
        using var model = nn.Linear(2, 1);
        using (no_grad())
        {
            model.weight.copy_(tensor(new[] { 1f, 2f }).view(1, 2));
            model.bias!.fill_(3f);
        }

        var expected = new MemoryStream();
        using (var writer = new BinaryWriter(expected, Encoding.UTF8, leaveOpen: true))
        {
            const byte Float32 = 6;
            writer.Write((byte)2);
            writer.Write("weight");
            writer.Write([Float32, 2, 1, 2]);
            writer.Write(1f);
            writer.Write(2f);
            writer.Write("bias");
            writer.Write([Float32, 1, 1]);
            writer.Write(3f);
        }

        Assert.Equal(expected.ToArray(), Saved(model));
    }

    [Fact]
    public void SizesAbove127TakeSeveralBytes()
    {
        using var model = nn.Linear(300, 1, hasBias: false);
        var bytes = Saved(model);

        // Count, length and letters of "weight", type, rank, 1, then 300 in two bytes and 300 numbers of four.
        Assert.Equal(1 + 7 + 1 + 1 + 1 + 2 + (300 * 4), bytes.Length);
        Assert.Equal([0xac, 0x02], bytes[11..13]);
    }

    [Fact]
    public void SkippedEntriesKeepTheirValues()
    {
        using var saved = Network();
        using var loaded = Network();
        using var before = loaded.state_dict()["first.weight"].clone();

        loaded.load(new MemoryStream(Saved(saved)), skip: ["first.weight"]);

        Assert.True(before.Equals(loaded.state_dict()["first.weight"]));
        Assert.True(saved.state_dict()["first.bias"].Equals(loaded.state_dict()["first.bias"]));
    }

    [Fact]
    public void AForeignStateIsRefusedUnlessToldOtherwise()
    {
        using var network = Network();
        using var smaller = nn.Sequential(("first", nn.Linear(3, 4)));

        Assert.Throws<ArgumentException>(() => smaller.load(new MemoryStream(Saved(network))));
        smaller.load(new MemoryStream(Saved(network)), strict: false);
        Assert.True(network.state_dict()["first.weight"].Equals(smaller.state_dict()["first.weight"]));
    }

    [Fact]
    public void OtherShapesAndTypesAreRefused()
    {
        using var narrow = nn.Linear(2, 2);
        using var wide = nn.Linear(3, 2);
        using var exact = nn.Linear(2, 2, dtype: float64);
        var bytes = Saved(narrow);

        Assert.Throws<ArgumentException>(() => wide.load(new MemoryStream(bytes)));
        Assert.Throws<ArgumentException>(() => exact.load(new MemoryStream(bytes)));
    }

    [Fact]
    public void LoadStateDictTellsMissingAndUnexpectedKeys()
    {
        using var linear = nn.Linear(2, 2);
        var source = new Dictionary<string, Tensor> { ["weight"] = ones(2, 2), ["gain"] = ones(2) };

        Assert.Throws<InvalidOperationException>(() => linear.load_state_dict(source));
        var (missing, unexpected) = linear.load_state_dict(source, strict: false);

        Assert.Equal(["bias"], missing);
        Assert.Equal(["gain"], unexpected);
        Assert.True(linear.weight.detach().Equals(ones(2, 2)));
        Assert.True(linear.weight.requires_grad);
    }

    [Fact]
    public void ConversionKeepsValuesAndCounters()
    {
        using var network = Network();
        network.call(randn(8, 3)).Dispose();
        using var before = network.state_dict()["first.weight"].detach().clone();

        var converted = network.to(float64);

        Assert.Same(network, converted);
        Assert.All(network.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        Assert.True(before.to(float64).allclose(network.state_dict()["first.weight"].detach()));
        Assert.Equal(float64, network.call(randn(8, 3, dtype: float64)).dtype);
    }

    private static TorchSharp.Modules.Sequential Network() => nn.Sequential(
        ("first", nn.Linear(3, 4)),
        ("norm", nn.BatchNorm1d(4)),
        ("relu", nn.ReLU()),
        ("last", nn.Linear(4, 2)));

    private static byte[] Saved(nn.Module module)
    {
        var stream = new MemoryStream();
        module.save(stream);
        return stream.ToArray();
    }

    private static void AssertSameState(nn.Module expected, nn.Module actual)
    {
        var actualState = actual.state_dict();
        foreach (var (key, value) in expected.state_dict())
        {
            Assert.True(value.Equals(actualState[key]), key);
        }
    }
}
