using System.Text;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Tests.Models;
using MnistVae.Training;
using ProbVae;
using ProbVae.Training;
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
        var test = new Batches(SmallDigits.Data().Test, Binarization.Static, 0);
        var options = new ExportOptions(null, null, 7, folder.At("out"), 5, 3, DeviceKind.Cpu, 1);
        var lines = Export.Write(session, test, SmallDigits.Count, options, CancellationToken.None);
        string[] names = [Export.CodeDeviations, Export.CodeLabels, Export.CodeMeans, Export.Parameters, Export.Samples];
        Assert.Equal(names, folder.AllFiles().Select(Path.GetFileName));
        Assert.Equal(names.Length, lines.Count);

        using var scope = torch.NewDisposeScope();
        var parameters = Safetensors.Load(folder.At("out", Export.Parameters)).Tensors;
        Assert.Equal(session.Svi.Parameters.ByName.Keys.Order(StringComparer.Ordinal), parameters.Keys.Order(StringComparer.Ordinal));
        Assert.All(session.Svi.Parameters.ByName, pair => Assert.True(pair.Value.equal(parameters[pair.Key]).all().item<bool>()));

        Assert.Equal("(16, 3)", ShapeOf(Export.CodeMeans));
        Assert.Equal("(16, 3)", ShapeOf(Export.CodeDeviations));
        Assert.Equal("(16,)", ShapeOf(Export.CodeLabels));
        Assert.Equal("(7, 28, 28)", ShapeOf(Export.Samples));
        Assert.Equal(test.Labels([.. Enumerable.Range(0, 16)]), File.ReadAllBytes(folder.At("out", Export.CodeLabels))[^16..]);
        using var codes = LatentCodes.Of(session.Vae.Generative, session.Vae.Recognition, session.Vae.Code, test.LoadInOrder(5), new RandomKey(3));
        Assert.Equal((float)codes.Mean[15, 2].item<double>(), BitConverter.ToSingle(File.ReadAllBytes(folder.At("out", Export.CodeMeans)), (16 * 3 * 4) + HeaderLength(Export.CodeMeans) - 4));
    }

    [Fact]
    public void AFolderThatCannotBeIsOneSentence()
    {
        using var session = SmallDigits.Session(SmallDigits.Options);
        var test = new Batches(SmallDigits.Data().Test, Binarization.Static, 0);
        folder.Write("file", [1]);
        var options = new ExportOptions(null, null, 1, folder.At("file"), 5, 3, DeviceKind.Cpu, 1);
        Assert.Throws<UserError>(() => Export.Write(session, test, SmallDigits.Count, options, CancellationToken.None));
    }

    private int HeaderLength(string name) => 10 + BitConverter.ToUInt16(File.ReadAllBytes(folder.At("out", name)), 8);

    private string ShapeOf(string name)
    {
        string header = Encoding.ASCII.GetString(File.ReadAllBytes(folder.At("out", name)), 10, HeaderLength(name) - 10);
        return header[header.IndexOf('(', StringComparison.Ordinal)..(header.IndexOf(')', StringComparison.Ordinal) + 1)];
    }
}
