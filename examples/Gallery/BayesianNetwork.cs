using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// How sure is a network? An ordinary network becomes a Bayesian one when its weights are lifted to latent variables with a prior
/// (MacKay 1992; Blundell et al. 2015): its curves agree where there are data and part where there are none.
/// </summary>
public static class BayesianNetwork
{
    private const int Points = 120;
    private const double Noise = 0.1;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: a curve seen on two stretches, with nothing between and beyond.
        var place = new Uniform(-1, 1).Sample(new RandomKey(1), Points);
        var x = where(place.gt(0), 0.4 + (0.6 * place), -0.4 + (0.6 * place)).unsqueeze(-1);
        var data = (X: x, Y: new Normal(Curve(x), Noise).Sample(new RandomKey(2)).squeeze(-1));

        // y ~ Normal(network(x), 0.1), each weight of the network ~ Normal(0, 1), each bias ~ Normal(0, 2)
        manual_seed(report.Seed);
        var network = Sequential(Linear(1, 30), Tanh(), Linear(30, 1));
        var ordinary = Model.Given<(Tensor X, Tensor Y)>("network")
            .Plate("points", d => d.X.shape[0])
            .Deterministic("curve", s => s.Call(network, 2 * s.Data.X).squeeze(-1), out var curve)
            .Observe("y", s => new Normal(s[curve], Noise), d => d.Y, out var y)
            .Build();
        var model = ordinary.Lift(network, Prior, out var weights);

        var guide = Guide.AutoMultivariateNormal(model, data, InitTo.Sample, seed: report.Seed);
        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 4), p => optim.Adam(p, lr: 0.02), report.Seed);
        var (steps, elbos) = (report.Steps(2500), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.05, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            elbos.Add(svi.Step(data).Elbo);
            schedule.step();
        }

        report.Write($"Sites: {string.Join(", ", weights.Values)}");
        report.Write($"ELBO  {TextPlot.Sparkline(elbos.Skip(steps / 10).ToList())}");
        report.Write();

        // Curves: the model at draws of its weights, on a grid.
        using var noGrad = no_grad();
        var at = linspace(-1.6, 1.6, 65).unsqueeze(-1);
        var grid = (X: at, Y: zeros(at.shape[0]));
        var curves = Predictive.Posterior(model, guide, grid, new RandomKey(1), draws: 500, sites: [curve])[curve];
        var (mean, sd) = (curves.mean([0L]), curves.std(0));
        var (truth, places) = (Curve(at).squeeze(-1), at.squeeze(-1));
        double[] Numbers(Tensor values) => Array.ConvertAll(values.contiguous().data<float>().ToArray(), number => (double)number);
        foreach (var line in TextPlot.Scatter(
        [
            (Numbers(x.squeeze(-1)), Numbers(data.Y), '.'),
            (Numbers(places), Numbers(mean - (2 * sd)), '-'),
            (Numbers(places), Numbers(mean + (2 * sd)), '-'),
            (Numbers(places), Numbers(mean), 'o'),
        ]))
        {
            report.Write(line);
        }

        report.Write("o the mean of the curves; - two sd above and below; . the data");
        report.Write();

        // New answers where the data are, of which 90 % should fall between the 5 % and the 95 % quantile of what is predicted.
        var (inside, outside) = (places.abs().gt(0.45).logical_and(places.abs().lt(0.95)), places.abs().gt(1.3));
        var side = (2 * Bernoulli.FromProbs(0.5).Sample(new RandomKey(5), 1000)) - 1;
        var unseen = side * new Uniform(0.4, 1).Sample(new RandomKey(6), 1000);
        var answers = new Normal(Curve(unseen), Noise).Sample(new RandomKey(7));
        var test = (X: unseen.unsqueeze(-1), Y: answers);
        var predicted = Predictive.Posterior(model, guide, test, new RandomKey(2), draws: 500, sites: [y])[y];
        Tensor Quantile(float level) => predicted.quantile(tensor(level), 0).squeeze(0);
        var covered = answers.ge(Quantile(0.05f)).logical_and(answers.le(Quantile(0.95f))).to(ScalarType.Float32).mean().ToDouble();
        double Band(Tensor part) => sd.masked_select(part).mean().ToDouble();
        report.AtLeast("band beyond the data, beside that among them", Band(outside) / Band(inside), 2);
        report.AtLeast("band in the gap, beside that among the data", Band(places.abs().lt(0.2)) / Band(inside), 1.2);
        report.AtMost("root mean square error of the mean among the data", (mean - truth).masked_select(inside).square().mean().sqrt().ToDouble(), 0.06);
        report.Near("share of new answers in their 90 % interval", covered, 0.9, 0.08);
        report.Near("parameters that became sites", weights.Count, 4, 0);
    }

    private static Normal Prior(Parameter parameter) => new(0, parameter.dim() == 2 ? 1 : 2);

    private static Tensor Curve(Tensor x) => (4 * x).sin() * 0.5 + (0.3 * x);
}
