using MnistVae.Tests.Models;
using ProbVae;
using TorchSharp;

namespace MnistVae.Tests.Training;

public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheFilesHoldParametersCodesLabelsAndSamples()
    {
        using var session = SmallDigits.Session(SmallDigits.Options);
        var test = SmallDigits.Data().Test;
        var options = new ExportOptions { Samples = 7, Batch = 5, Seed = 3 };
        var lines = Export.Write(session, test, options, folder.At("out"), CancellationToken.None);
        string[] names = [Export.Codes, Export.Parameters, Export.Samples];
        Assert.Equal(names, folder.AllFiles().Select(Path.GetFileName));
        Assert.Equal(names.Length, lines.Count);

        using var scope = torch.NewDisposeScope();
        var parameters = Load(Export.Parameters);
        Assert.Equal(session.Svi.Parameters.ByName.Keys.Order(StringComparer.Ordinal), parameters.Keys.Order(StringComparer.Ordinal));
        Assert.All(session.Svi.Parameters.ByName, pair => Assert.True(pair.Value.equal(parameters[pair.Key]).all().item<bool>()));

        using var codes = LatentCodes.Of(session.Vae.Generative, session.Vae.Recognition, session.Vae.Code, test.Batches(5, torch.CPU), new RandomKey(3).Fold("codes"));
        var written = Load(Export.Codes);
        Assert.Equal(["deviation", "label", "mean"], written.Keys.Order(StringComparer.Ordinal));
        Assert.True(written["mean"].Equals(codes.Mean.to(torch.float32)));
        Assert.True(written["deviation"].Equals(codes.Deviation.to(torch.float32)));
        Assert.Equal(test.Labels!.data<byte>().ToArray(), written["label"].data<byte>().ToArray());
        Assert.Equal([7L, 28, 28], Load(Export.Samples)["image"].shape);
    }

    [Fact]
    public void AFolderThatCannotBeIsOneSentence()
    {
        using var session = SmallDigits.Session(SmallDigits.Options);
        var test = SmallDigits.Data().Test;
        folder.Write("file", [1]);
        var options = new ExportOptions { Samples = 1 };
        Assert.Throws<FileNotWrittenException>(() => Export.Write(session, test, options, folder.At("file"), CancellationToken.None));
    }

    private IReadOnlyDictionary<string, torch.Tensor> Load(string name) => Safetensors.Load(folder.At("out", name)).Tensors;
}
