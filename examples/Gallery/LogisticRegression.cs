using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Examples.Gallery;

/// <summary>Yes or no from many inputs of which few matter: logistic regression with the horseshoe (Carvalho, Polson and Scott 2010).</summary>
public static class LogisticRegression
{
    private const int Points = 500;
    private const int Inputs = 20;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: of 20 inputs three matter; 500 answers to learn from and 2000 to be judged by.
        var truth = zeros(Inputs);
        truth[TensorIndex.Slice(0, 3)] = tensor(new float[] { 2, -1.5f, 1 });
        var (data, unseen) = (Answers(truth, Points, new RandomKey(1)), Answers(truth, 2000, new RandomKey(2)));

        // tau ~ HalfCauchy(0.1), lambda_j ~ HalfCauchy(1), z_j ~ Normal(0, 1), w_j = tau lambda_j z_j
        // intercept ~ Normal(0, 1)        y_n ~ Bernoulli(logits intercept + w · x_n)
        var model = Model.Given<(Tensor X, Tensor Y)>("horseshoe")
            .Sample("tau", new HalfCauchy(0.1), out var tau)
            .Sample("lambda", new HalfCauchy(ones(Inputs)), out var lambda)
            .Sample("z", Normal.Standard(Inputs), out var z)
            .Sample("intercept", new Normal(0, 1), out var intercept)
            .Deterministic("w", s => s[tau, events: 1] * s[lambda] * s[z], out var w)
            .Plate("rows", Points)
            .Observe("y", s => Bernoulli.FromLogits(s[intercept] + (s.Data.X * s[w]).sum(-1)), d => d.Y, out _)
            .Build();

        var guide = Guide.AutoNormal(model, data);
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: 8), p => optim.Adam(p, lr: 0.05), report.Seed);
        var (steps, elbos) = (report.Steps(1500), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.02, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            elbos.Add(svi.Step(data).Elbo);
            schedule.step();
        }

        report.Write($"ELBO  {TextPlot.Sparkline(elbos.Skip(steps / 10).ToList())}");
        report.Write();

        // Draws of the coefficients: the model at the guide's draws, which computes w.
        using var noGrad = no_grad();
        var posterior = Predictive.Posterior(model, guide, data, new RandomKey(1), draws: 1000, sites: [w, intercept]);
        var (draws, offsets) = (posterior[w], posterior[intercept]);
        var (mean, sd) = (draws.mean([0L]), draws.std(0));
        var (low, high) = (draws.quantile(tensor(0.01f), 0).squeeze(0), draws.quantile(tensor(0.99f), 0).squeeze(0));
        report.Table(["input", "truth", "posterior", "98 %", ""], [.. Enumerable.Range(0, 8).Select(j => new[]
        {
            $"{j + 1}",
            $"{truth[j].ToDouble():F1}",
            $"{mean[j].ToDouble():F2} ± {sd[j].ToDouble():F2}",
            $"{low[j].ToDouble():F2} to {high[j].ToDouble():F2}",
            TextPlot.Bar(Math.Abs(mean[j].ToDouble()), 2, 20).PadRight(20),
        })]);

        // Probabilities of unseen answers, averaged over the posterior: are they as good as the truth's, and do they mean what they say?
        var probability = (unseen.X.matmul(draws.t()) + offsets).sigmoid().mean([1L]);
        double Cost(Tensor p) => -Bernoulli.FromProbs(p).LogProb(unseen.Y).mean().ToDouble();
        var best = Cost(unseen.X.matmul(truth).sigmoid());
        var rows = Enumerable.Range(0, 5).Select(fifth =>
        {
            var inside = probability.ge(0.2 * fifth).logical_and(probability.lt(0.2 * (fifth + 1)));
            return (Range: $"{0.2 * fifth:F1} to {0.2 * (fifth + 1):F1}", Said: Average(probability, inside), True: Average(unseen.Y, inside), Count: inside.sum().ToDouble());
        }).ToList();
        report.Table(["said", "on average", "came true", "of"], [.. rows.Select(row => new[] { row.Range, $"{row.Said:F2}", $"{row.True:F2}", $"{row.Count:F0}" })]);

        var certain = low.gt(0).logical_or(high.lt(0));
        report.Near("coefficients whose 98 % interval is on one side of 0", certain.sum().ToDouble(), 3, 0);
        report.Near("of these, the ones that matter", certain[..3].sum().ToDouble(), 3, 0);
        report.AtMost("greatest error of the three that matter, in sd", ((mean - truth).abs() / sd)[..3].max().ToDouble(), 3);
        report.AtMost("greatest of the others", mean[3..].abs().max().ToDouble(), 0.25);
        report.AtMost("loss of an unseen answer above the truth's, in nats", Cost(probability) - best, 0.02);
        report.AtMost("greatest distance of what was said from what came true", rows.Max(row => Math.Abs(row.Said - row.True)), 0.1);
    }

    private static (Tensor X, Tensor Y) Answers(Tensor truth, int rows, RandomKey key)
    {
        var x = Normal.Standard(rows, Inputs).Sample(key.Fold("x"));
        return (x, Bernoulli.FromLogits(x.matmul(truth)).Sample(key.Fold("y")));
    }

    private static double Average(Tensor values, Tensor chosen) => values.masked_select(chosen).mean().ToDouble();
}
