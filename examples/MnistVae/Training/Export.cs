using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;
using ProbVae.Training;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>A trained model as files that other programs read: safetensors and .npy.</summary>
public static class Export
{
    public const string Parameters = "parameters.safetensors";
    public const string CodeMeans = "codes-mean.npy";
    public const string CodeDeviations = "codes-deviation.npy";
    public const string CodeLabels = "codes-labels.npy";
    public const string Samples = "samples.npy";

    /// <summary>Writes all the files.</summary>
    /// <param name="total">How many training images the run has.</param>
    /// <returns>A line on each file.</returns>
    public static IReadOnlyList<string> Write(Session session, Batches test, int total, ExportOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var batches = test.LoadInOrder(Math.Min(options.Batch, total), session.Vae.Device);
        using var codes = LatentCodes.Of(
            session.Vae.Generative, session.Vae.Recognition, session.Vae.Code, batches, new RandomKey(options.Seed).Fold("codes"), cancellation: cancellation);
        int[] shape = [codes.Rows, codes.Numbers];
        int[] sheet = [options.Samples, DigitSet.Side, DigitSet.Side];
        var samples = Floats(session.Vae.Imagine(options.Samples, new RandomKey(options.Seed)));
        var how = codes.MomentDraws == 0 ? "" : $", each from {codes.MomentDraws} draws";
        var lines = new List<string>();
        Put(Parameters, session.Svi.Parameters.SaveSafetensors, $"{session.Svi.Parameters.ByName.Count} parameters and {session.Svi.Parameters.Buffers.Count} buffers by name");
        Put(CodeMeans, stream => NpyFile.Write(stream, Floats(codes.Mean), shape), $"E[z|x] of the test images{how}, {Words(shape)}");
        Put(CodeDeviations, stream => NpyFile.Write(stream, Floats(codes.Deviation), shape), $"the standard deviation of z given x{how}, {Words(shape)}");
        if (test.HasLabels)
        {
            Put(CodeLabels, stream => NpyFile.Write(stream, test.Labels([.. Enumerable.Range(0, test.Count)]), test.Count), $"the digits of the test images, ({test.Count})");
        }

        Put(Samples, stream => NpyFile.Write(stream, samples, sheet), $"the likelihood's means at codes from the prior, {Words(sheet)}");
        return lines;

        void Put(string name, Action<Stream> write, string what)
        {
            cancellation.ThrowIfCancellationRequested();
            AtomicFile.Write(Path.Combine(options.Out, name), write);
            lines.Add($"{name}: {what}");
        }
    }

    private static string Words(int[] shape) => $"({string.Join(", ", shape)})";

    private static float[] Floats(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
