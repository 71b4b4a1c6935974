using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>The pieces that most tests of inference share: an optimizer, a fit, a snapshot.</summary>
internal static class Inferences
{
    public static Func<IReadOnlyCollection<Parameter>, Optimizer> Adam(double lr = 0.01) => parameters => optim.Adam(parameters, lr: lr);

    /// <summary>An optimizer that moves nothing, so that a step's gradients can be read from the parameters.</summary>
    public static Optimizer Still(IReadOnlyCollection<Parameter> parameters) => optim.SGD(parameters, learningRate: 0);

    public static Parameter Scalar(double value) => new(tensor((float)value));

    public static Svi<TData> Svi<TData>(Model<TData> model, Guide<TData> guide, Elbo? elbo = null, long seed = 0) =>
        ProbVae.Svi.For(model, guide, elbo ?? Elbo.MeanField(), Adam(), seed);

    /// <summary>Takes steps while the learning rate falls to a hundredth of what it was.</summary>
    public static void Fit<TData>(Svi<TData> svi, int steps, Func<int, TData> data)
    {
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.01, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            svi.Step(data(step));
            schedule.step();
        }
    }

    /// <summary>Everything that a run could continue from, as bytes.</summary>
    public static byte[] Snapshot<TData>(Svi<TData> svi)
    {
        using var bytes = new MemoryStream();
        svi.Save(bytes);
        return bytes.ToArray();
    }

    public static double[] Numbers(Tensor values) => values.detach().to(ScalarType.Float64).flatten().data<double>().ToArray();

    /// <summary>The mean of a sample and its standard error.</summary>
    public static (double Mean, double Error) Mean(IReadOnlyCollection<double> sample)
    {
        var mean = sample.Average();
        var variance = sample.Sum(value => (value - mean) * (value - mean)) / (sample.Count - 1);
        return (mean, Math.Sqrt(variance / sample.Count));
    }

    /// <summary>Averages the ELBO over evaluations with keys of their own.</summary>
    public static (double Mean, double Error) MeanElbo<TData>(Svi<TData> svi, TData data, Elbo elbo, int evaluations) =>
        Mean([.. Enumerable.Range(0, evaluations).Select(i => svi.Evaluate(data, elbo, new RandomKey(77).Fold(i)).Elbo)]);

    /// <summary>Fails unless a Monte Carlo mean lies within 4 of its standard errors of what it estimates (and 1e-4 of rounding).</summary>
    public static void AssertEstimates(double exact, (double Mean, double Error) found, string what) => Assert.True(
        Math.Abs(found.Mean - exact) <= (4 * found.Error) + (1e-4 * Math.Max(1, Math.Abs(exact))),
        $"{what}: {found.Mean:F5} ± {found.Error:F5} (standard error), exact {exact:F5}; bound: 4 standard errors.");
}
