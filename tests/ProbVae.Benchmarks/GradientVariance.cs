using System.Globalization;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Benchmarks;

/// <summary>
/// The gradient of every estimator at the same point of the same model, again and again: z_i ~ N(a, 1), x_i | z_i ~ N(z_i, 0.7) for
/// ten rows, q(z_i | x_i) = N(b x_i + c, e^r). Prints the table of docs/estimators.md.
/// </summary>
internal static class GradientVariance
{
    private const int Draws = 8;
    private const double Noise = 0.7;

    public static int Run(int steps)
    {
        Console.WriteLine($"{Draws} draws a step, {steps} steps each; the variance of the gradient in the guide's b, c and r, summed; a ratio is against Elbo.Trace.");
        Console.WriteLine();
        Console.WriteLine("| estimator | loss | away from the posterior | ratio | at the posterior | ratio |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        var (away, near) = (0.0, 0.0);
        foreach (var (name, make) in Estimators())
        {
            var (loss, first) = Measure(make, steps, atPosterior: false);
            var (_, second) = Measure(make, steps, atPosterior: true);
            (away, near) = away == 0 ? (first, second) : (away, near);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `{name}` | {loss:F2} | {first:G3} | {first / away:G3} | {second:G3} | {second / near:G3} |"));
        }

        return 0;
    }

    private static IEnumerable<(string Name, Func<Latent, Observed, Elbo> Make)> Estimators() =>
    [
        ("Elbo.Trace(8)", (_, _) => Elbo.Trace(Draws)),
        ("Elbo.MeanField(8)", (_, _) => Elbo.MeanField(Draws)),
        ("Elbo.StickingTheLanding(8)", (_, _) => Elbo.StickingTheLanding(Draws)),
        ("Elbo.Trace(8).At(z, ScoreFunction())", (z, _) => Elbo.Trace(Draws).At(z, SiteChoice.ScoreFunction())),
        ("… DecayingAverage()", (z, _) => Elbo.Trace(Draws).At(z, SiteChoice.ScoreFunction(Baseline.DecayingAverage()))),
        ("… Network(net, x)", (z, x) => Elbo.Trace(Draws).At(z, SiteChoice.ScoreFunction(Baseline.Network(Net(), x)))),
        ("… LeaveOneOut", (z, _) => Elbo.Trace(Draws).At(z, SiteChoice.ScoreFunction(Baseline.LeaveOneOut))),
        ("Elbo.Iwae(8)", (_, _) => Elbo.Iwae(Draws)),
        ("Elbo.Dreg(8)", (_, _) => Elbo.Dreg(Draws)),
        ("Elbo.Renyi(0.5, 8)", (_, _) => Elbo.Renyi(0.5, Draws)),
        ("Elbo.ReweightedWakeSleep(8)", (_, _) => Elbo.ReweightedWakeSleep(Draws)),
    ];

    private static nn.Module<Tensor, Tensor> Net() => nn.Sequential(nn.Linear(1, 16, dtype: ScalarType.Float64), nn.Tanh(), nn.Linear(16, 1, dtype: ScalarType.Float64));

    private static (double Loss, double Variance) Measure(Func<Latent, Observed, Elbo> make, int steps, bool atPosterior)
    {
        double[] rows = [0.8, -1.3, 2.1, 0.2, -0.4, 1.5, -2.0, 0.6, 0.9, -0.1];
        var precision = 1 + (1 / (Noise * Noise));
        using Parameter a = new(tensor(0.3));
        using Parameter b = new(tensor(atPosterior ? 1 / (Noise * Noise) / precision : 0.4));
        using Parameter c = new(tensor(atPosterior ? 0.3 / precision : -0.2));
        using Parameter r = new(tensor(atPosterior ? -0.5 * Math.Log(precision) : -0.3));
        using var data = tensor(rows);
        var model = Model.Given<Tensor>("local").Plate("rows", total: rows.Length)
            .Sample("z", s => new Normal(a.expand(s.Data.shape[0]), 1), out var z)
            .Observe("x", s => new Normal(s[z], Noise), out var x).Build();
        var guide = Guide.For(model).Sample(z, d => new Normal((b * d) + c, r.exp().expand(d.shape[0]))).Build();
        // Only a baseline's network moves; what it has learnt in the first half counts in the second.
        using var svi = Svi.For(model, guide, make(z, x), parameters => Still(parameters, [a, b, c, r]), seed: 1);
        var (loss, gradients) = (0.0, new List<double[]>());
        for (var step = 0; step < 2 * steps; step++)
        {
            var taken = svi.Step(data).Loss / steps;
            if (step >= steps)
            {
                loss += taken;
                gradients.Add([.. new[] { b, c, r }.Select(parameter => parameter.grad!.item<double>())]);
            }
        }

        return (loss, Enumerable.Range(0, 3).Sum(i =>
        {
            var mean = gradients.Average(gradient => gradient[i]);
            return gradients.Sum(gradient => (gradient[i] - mean) * (gradient[i] - mean)) / (gradients.Count - 1);
        }));
    }

    private static Optimizer Still(IReadOnlyCollection<Parameter> parameters, IReadOnlyList<Parameter> held)
    {
        Parameter[] learnt = [.. parameters.Where(parameter => !held.Contains(parameter))];
        return learnt.Length == 0 ? optim.SGD(parameters, learningRate: 0) : optim.Adam(learnt, lr: 0.01);
    }
}
