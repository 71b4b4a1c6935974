using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// Which inputs matter? Linear regression with a plain prior, whose posterior is known exactly, and with the horseshoe (Carvalho, Polson and
/// Scott 2010), which leaves large coefficients alone and pulls the others to 0.
/// </summary>
public static class LinearRegression
{
    private const int Points = 100;
    private const int Inputs = 20;
    private const double Noise = 1;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: of 20 inputs four matter.
        var truth = zeros(Inputs);
        truth[TensorIndex.Slice(0, 4)] = tensor(new float[] { 2, -1.5f, 1, 0.8f });
        var x = Normal.Standard(Points, Inputs).Sample(new RandomKey(1));
        var data = (X: x, Y: new Normal(x.matmul(truth), Noise).Sample(new RandomKey(2)));

        // w ~ Normal(0, I)   y_n ~ Normal(w · x_n, 1)
        var plain = Model.Given<(Tensor X, Tensor Y)>("plain")
            .Sample("w", Normal.Standard(Inputs), out var w)
            .Plate("rows", total: Points)
            .Observe("y", s => new Normal((s.Data.X * s[w]).sum(-1), Noise), d => d.Y, out _)
            .Build();
        var plainGuide = Guide.AutoMultivariateNormal(plain, data);
        var bound = Fit(report, plain, plainGuide, data, steps: 1500);
        var (plainMean, plainSd) = Moments(plain, plainGuide, data, w);

        // tau ~ HalfCauchy(0.1), lambda_j ~ HalfCauchy(1), z_j ~ Normal(0, 1), v_j = tau lambda_j z_j: coefficients of very different sizes
        var horseshoe = Model.Given<(Tensor X, Tensor Y)>("horseshoe")
            .Sample("tau", new HalfCauchy(0.1), out var tau)
            .Sample("lambda", new HalfCauchy(ones(Inputs)), out var lambda)
            .Sample("z", Normal.Standard(Inputs), out var z)
            .Deterministic("v", s => s[tau, events: 1] * s[lambda] * s[z], out var v)
            .Plate("rows", total: Points)
            .Observe("y", s => new Normal((s.Data.X * s[v]).sum(-1), Noise), d => d.Y, out _)
            .Build();
        var guide = Guide.AutoNormal(horseshoe, data);
        Fit(report, horseshoe, guide, data, steps: 1500);
        var (mean, sd) = Moments(horseshoe, guide, data, v);

        // The exact posterior of the plain model is normal with precision I + XᵀX / noise² (Bishop 2006, eq. 3.50).
        var (wide, y) = (x.to(ScalarType.Float64), data.Y.to(ScalarType.Float64));
        var covariance = linalg.inv(eye(Inputs, dtype: ScalarType.Float64) + wide.t().matmul(wide) / (Noise * Noise));
        var (exactMean, exactSd) = (covariance.matmul(wide.t().matmul(y)) / (Noise * Noise), covariance.diagonal().sqrt());
        var marginal = wide.matmul(wide.t()) + (Noise * Noise * eye(Points, dtype: ScalarType.Float64));
        var evidence = MultivariateNormal.FromCovariance(zeros(Points, ScalarType.Float64), marginal).LogProb(y).ToDouble();

        report.Table(["input", "truth", "exact, plain", "plain", "horseshoe", ""], [.. Enumerable.Range(0, 8).Select(j => new[]
        {
            $"{j + 1}", $"{truth[j].ToDouble():F1}", Text(exactMean, exactSd, j), Text(plainMean, plainSd, j), Text(mean, sd, j),
            TextPlot.Bar(Math.Abs(mean[j].ToDouble()), 2, 20).PadRight(20),
        })]);

        var (found, rest) = (mean[..4], mean[4..]);
        report.AtMost("plain: greatest distance of the means, in exact sd", ((plainMean - exactMean).abs() / exactSd).max().ToDouble(), 0.2);
        report.AtMost("plain: greatest relative error of an sd", ((plainSd / exactSd) - 1).abs().max().ToDouble(), 0.12);
        report.Near("plain: ELBO, beside the exact log evidence in nats", bound, evidence, 0.3);
        report.AtMost("horseshoe: greatest error of the four that matter, in sd", ((found - truth[..4]).abs() / sd[..4]).max().ToDouble(), 3);
        report.AtMost("horseshoe: greatest of the others", rest.abs().max().ToDouble(), 0.15);
        double Size(Tensor coefficients) => coefficients.square().mean().sqrt().ToDouble();
        report.AtMost("horseshoe: root mean square of the others, beside the plain prior's", Size(rest) / Size(exactMean[4..]), 0.5);
    }

    private static double Fit(
        Report report, Model<(Tensor X, Tensor Y)> model, Guide<(Tensor X, Tensor Y)> guide, (Tensor X, Tensor Y) data, int steps)
    {
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: 16), p => optim.Adam(p, lr: 0.05), report.Seed);
        steps = report.Steps(steps);
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.01, 1.0 / steps));
        var elbos = new List<double>();
        for (var step = 0; step < steps; step++)
        {
            elbos.Add(svi.Step(data).Elbo);
            schedule.step();
        }

        report.Write($"ELBO, {model.Name}  {TextPlot.Sparkline(elbos.Skip(steps / 10).ToList())}");
        return svi.Evaluate(data, Elbo.Trace(particles: 2000), new RandomKey(1)).Elbo;
    }

    // The model at the guide's draws has every site's value, also of what is computed.
    private static (Tensor Mean, Tensor Sd) Moments(
        Model<(Tensor X, Tensor Y)> model, Guide<(Tensor X, Tensor Y)> guide, (Tensor X, Tensor Y) data, SiteHandle site)
    {
        using var noGrad = no_grad();
        var draws = Predictive.Posterior(model, guide, data, new RandomKey(1), draws: 2000, sites: [site])[site];
        return (draws.mean([0L]), draws.std(0));
    }

    private static string Text(Tensor mean, Tensor sd, int j) => $"{mean[j].ToDouble():F2} ± {sd[j].ToDouble():F2}";
}
