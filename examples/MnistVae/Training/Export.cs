using static TorchSharp.torch;

namespace MnistVae;

/// <summary>A trained model as safetensors that other programs read: its parameters, its codes of the test images, its samples.</summary>
public static class Export
{
    public const string Parameters = "parameters.safetensors";
    public const string Codes = "codes.safetensors";
    public const string Samples = "samples.safetensors";

    /// <summary>Writes all the files.</summary>
    /// <returns>A line on each file.</returns>
    public static IReadOnlyList<string> Write(Session session, DigitSet test, ExportOptions options, string folder, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (vae, key) = (session.Vae, new RandomKey(options.Seed));
        using var codes = vae.CodesOf(vae.Code, test, options.Batch, key.Fold("codes"), cancellation);
        var coded = new Dictionary<string, Tensor> { ["mean"] = codes.Mean.to(float32), ["deviation"] = codes.Deviation.to(float32) };
        if (test.Labels is not null)
        {
            coded["label"] = test.Labels;
        }

        var samples = vae.Imagine(options.Samples, key).to(float32).cpu().reshape(options.Samples, DigitSet.Side, DigitSet.Side);
        var lines = new List<string>();
        var parameters = session.Svi.Parameters;
        Put(Parameters, parameters.SaveSafetensors, $"{parameters.ByName.Count} parameters and {parameters.Buffers.Count} buffers by name");
        string how = codes.MomentDraws == 0 ? "" : $", each from {codes.MomentDraws} draws";
        Put(Codes, stream => Safetensors.Save(stream, coded), $"{string.Join(", ", coded.Keys)} of z given each of {codes.Rows} test images{how}");
        var drawn = new Dictionary<string, Tensor> { ["image"] = samples };
        Put(Samples, stream => Safetensors.Save(stream, drawn), $"the likelihood's means at {options.Samples} codes from the prior");
        return lines;

        void Put(string name, Action<Stream> write, string what)
        {
            cancellation.ThrowIfCancellationRequested();
            WholeFile.Write(Path.Combine(folder, name), write);
            lines.Add($"{name}: {what}");
        }
    }
}
