using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// Which points belong together? A Gaussian mixture whose components are summed out exactly; a point estimate of the rest is the mode that
/// expectation-maximization (Dempster, Laird and Rubin 1977) finds in closed form, and so are the responsibilities.
/// </summary>
public static class GaussianMixture
{
    private const int Points = 300;
    private const int Components = 3;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: three clouds of which two touch.
        var (centres, spreads) = (tensor(new float[,] { { -3, 0 }, { 2, 2 }, { 2.5f, -1 } }), tensor(new float[] { 1, 0.8f, 0.6f }));
        var label = Categorical.FromProbs(tensor(new float[] { 0.5f, 0.3f, 0.2f })).Sample(new RandomKey(1), Points).to(ScalarType.Int64);
        var x = centres[label] + (spreads[label].unsqueeze(-1) * Normal.Standard(Points, 2).Sample(new RandomKey(2)));

        // weights ~ Dirichlet(2, 2, 2)   mean_k ~ Normal(0, 5)²   variance_k ~ InverseGamma(2, 1)
        // z_n ~ Categorical(weights)     x_n ~ Normal(mean_z, √variance_z)
        var model = Model.Given<Tensor>("mixture")
            .Sample("weights", new Dirichlet(full(Components, 2.0)), out var weights)
            .Sample("mean", new Normal(zeros(Components, 2), 5), out var mean)
            .Sample("variance", InverseGamma.FromShapeScale(full(Components, 2.0), 1), out var variance)
            .Plate("points", total: Points)
            .Sample("z", s => Categorical.FromProbs(s[weights]), out var z)
            .Observe("x", s => new Normal(s[mean].RowAt(s[z]), s[variance].At(s[z]).sqrt().unsqueeze(-1)), out _)
            .Build();

        // A point for each continuous variable; z is left to the sum. Both ways start from three places guessed by eye.
        var start = tensor(new float[,] { { -2, 0 }, { 1, 2 }, { 1, -2 } });
        var guide = Guide.AutoDelta(model, x, InitTo.Value((weights, full(Components, 1.0 / Components)), (mean, start), (variance, ones(Components))));
        using var svi = Svi.For(model, guide, Elbo.Enumerated(), p => optim.Adam(p, lr: 0.03), report.Seed);
        var (steps, elbos) = (report.Steps(600), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.05, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            elbos.Add(svi.Step(x).Elbo);
            schedule.step();
        }

        report.Write($"log p(x, parameters)  {TextPlot.Sparkline(elbos)}");
        report.Write(svi.Explain(x).ToString());
        report.Write();

        using var noGrad = no_grad();
        var point = guide.Trace(x, new RandomKey(0));
        var posterior = DiscretePosterior.Of(model, guide, x, new RandomKey(0));
        var found = (Weights: point[weights].Value, Means: point[mean].Value, Variances: point[variance].Value, Responsibilities: posterior[z]);
        var em = Maximize(x, start);

        report.Table(["component", "weight", "EM", "mean", "EM", "sd", "EM"], [.. Enumerable.Range(0, Components).Select(k => new[]
        {
            $"{k + 1}", $"{found.Weights[k].ToDouble():F3}", $"{em.Weights[k].ToDouble():F3}", Pair(found.Means[k]), Pair(em.Means[k]),
            $"{found.Variances[k].sqrt().ToDouble():F3}", $"{em.Variances[k].sqrt().ToDouble():F3}",
        })]);
        var (likeliest, doubtful) = (found.Responsibilities.argmax(-1), found.Responsibilities.max(-1).values.lt(0.9));
        double[] Axis(Tensor chosen, int axis) => Array.ConvertAll(x[chosen].select(1, axis).contiguous().data<float>().ToArray(), number => (double)number);
        var layers = Enumerable.Range(0, Components).Select(k => (Chosen: likeliest.eq(k), Mark: (char)('1' + k))).Append((Chosen: doubtful, Mark: '?'));
        foreach (var line in TextPlot.Scatter([.. layers.Where(layer => layer.Chosen.any().ToBoolean())
            .Select(layer => ((IReadOnlyList<double>)Axis(layer.Chosen, 0), (IReadOnlyList<double>)Axis(layer.Chosen, 1), layer.Mark))]))
        {
            report.Write(line);
        }

        report.Write("1, 2, 3 the component that a point most likely belongs to; ? where that is less likely than 90 %");
        report.Write();

        report.AtMost("greatest distance of a mean from EM's", (found.Means - em.Means).abs().max().ToDouble(), 0.002);
        report.AtMost("greatest distance of a weight from EM's", (found.Weights - em.Weights).abs().max().ToDouble(), 0.001);
        report.AtMost("greatest distance of a variance from EM's", (found.Variances - em.Variances).abs().max().ToDouble(), 0.002);
        report.AtMost("greatest distance of a responsibility from EM's", (found.Responsibilities - em.Responsibilities).abs().max().ToDouble(), 0.002);
        report.Near("log p(x) at the point, beside EM's in nats", posterior.LogEvidence, em.LogEvidence, 0.01);
        report.AtLeast("share of points given to the cloud that they came from", Agreement(likeliest, label), 0.95);
    }

    // Expectation-maximization for the mode: responsibilities, then each parameter's best value given the others.
    private static (Tensor Weights, Tensor Means, Tensor Variances, Tensor Responsibilities, double LogEvidence) Maximize(Tensor x, Tensor start)
    {
        var (weights, means, variances) = (full(Components, 1.0 / Components), start, ones(Components));
        for (var round = 0; ; round++)
        {
            var distances = (x.unsqueeze(1) - means).square().sum(dim: -1);
            var joint = weights.log() - (distances / (2 * variances)) - (2 * Math.PI * variances).log();
            var responsibilities = joint.softmax(-1);
            if (round == 500)
            {
                return (weights, means, variances, responsibilities, joint.logsumexp(-1).sum().ToDouble());
            }

            var counts = responsibilities.sum(dim: 0);
            weights = (counts + 1) / (Points + Components);
            means = responsibilities.t().matmul(x) / (counts + (variances / 25)).unsqueeze(-1);
            distances = (x.unsqueeze(1) - means).square().sum(dim: -1);
            variances = (1 + (0.5 * (responsibilities * distances).sum(dim: 0))) / (3 + counts);
        }
    }

    // Components bear no names: the best of all ways to match them counts.
    private static double Agreement(Tensor found, Tensor truth)
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        return orders.Max(order => tensor(order).to(ScalarType.Int64)[found].eq(truth).to(ScalarType.Float32).mean().ToDouble());
    }

    private static string Pair(Tensor mean) => $"({mean[0].ToDouble():F2}, {mean[1].ToDouble():F2})";
}
