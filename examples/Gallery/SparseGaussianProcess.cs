using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// A curve and its band from many points: Gaussian process regression by way of a few inducing points (Titsias 2009; Hensman, Fusi and Lawrence 2013).
/// Given the function's values u at the inducing points, each f_i is normal; the guide draws f_i from that same conditional, so its KL is 0, and
/// what is left to learn is q(u). The kernel's scales and the noise are learnt with it.
/// </summary>
public static class SparseGaussianProcess
{
    private const long Points = 500;
    private const long Inducing = 18;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: a sine whose height grows, with noise of 0.25, on both sides of a gap.
        var place = new Uniform(-3, 3).Sample(new RandomKey(1), Points).to(ScalarType.Float64);
        var x = where(place.gt(0), 0.6 + (place * 0.8), -0.4 + (place * 0.8));
        var y = (2.2 * x).sin() * (1 + (0.2 * x)) + (0.25 * Normal.Standard(Points).Sample(new RandomKey(2)).to(ScalarType.Float64));

        var inducing = linspace(-2.9, 3.1, Inducing, ScalarType.Float64);
        Parameter logLength = new(tensor(-0.5, ScalarType.Float64)), logHeight = new(tensor(0.0, ScalarType.Float64));
        Parameter logNoise = new(tensor(-1.0, ScalarType.Float64));
        Tensor Kernel(Tensor a, Tensor b) => (2 * logHeight).exp() * (-0.5 * ((a.unsqueeze(-1) - b) / logLength.exp()).square()).exp();
        Tensor Root() => linalg.cholesky(Kernel(inducing, inducing) + (1e-6 * eye(Inducing, dtype: ScalarType.Float64)));

        // p(f_i | u) with u = L v: the mean a_i · v and the variance that u leaves
        Distribution Conditional(Tensor at, Tensor white)
        {
            var a = linalg.solve_triangular(Root(), Kernel(inducing, at), upper: false);
            var left = ((2 * logHeight).exp() - a.square().sum(dim: 0)).clamp_min(1e-8);
            return new Normal((white * a.t()).sum(-1), left.sqrt());
        }

        // v ~ Normal(0, I)   f_i ~ p(f_i | v)   y_i ~ Normal(f_i, noise)
        var identity = eye(Inducing, dtype: ScalarType.Float64);
        var model = Model.Given<(Tensor X, Tensor Y)>("sparse gp")
            .Sample("v", MultivariateNormal.FromScaleTril(zeros(Inducing, ScalarType.Float64), identity), out var v)
            .Plate("points", Points, batch: d => d.Y.shape[0])
            .Sample("f", s => Conditional(s.Data.X, s[v]), out var f)
            .Observe("y", s => new Normal(s[f], logNoise.exp()), d => d.Y, out _)
            .Build();

        // q(v) = Normal(m, S Sᵀ) with a full S        q(f_i | v) = p(f_i | v)
        Parameter loc = new(zeros(Inducing, ScalarType.Float64)), lower = new(-2 * eye(Inducing, dtype: ScalarType.Float64));
        Tensor ScaleTril() => lower.tril(-1) + lower.diagonal().exp().diag_embed();
        var guide = Guide.For(model)
            .Sample(v, _ => MultivariateNormal.FromScaleTril(loc, ScaleTril()))
            .Sample(f, (d, s) => Conditional(d.X, s[v]))
            .Build();

        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 8), p => optim.Adam(p, lr: 0.05), report.Seed);
        var (steps, elbos) = (report.Steps(1500), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.01, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var rows = Rows.Draw(Points, 200, new RandomKey(report.Seed).Fold(step));
            elbos.Add(svi.Step((rows.Of(x), rows.Of(y))).Elbo);
            schedule.step();
        }

        report.Write($"ELBO  {TextPlot.Sparkline(elbos.Skip(30).ToList())}");
        report.Write(svi.Explain((x, y)).ToString());
        report.Write();

        // The exact process at the same scales, from all points at once (Rasmussen and Williams 2006, algorithm 2.1).
        using var noGrad = no_grad();
        var grid = linspace(-3, 3.2, 63, ScalarType.Float64);
        var root = linalg.cholesky(Kernel(x, x) + ((2 * logNoise).exp() * eye(Points, dtype: ScalarType.Float64)));
        var halves = linalg.solve_triangular(root, Kernel(x, grid), upper: false);
        var whitened = linalg.solve_triangular(root, y.unsqueeze(-1), upper: false);
        var (mean, deviation) = (halves.t().matmul(whitened).squeeze(-1), ((2 * logHeight).exp() - halves.square().sum(dim: 0)).sqrt());
        var evidence = (-0.5 * whitened.square().sum()).ToDouble() - root.diagonal().log().sum().ToDouble() - (0.5 * Points * Math.Log(2 * Math.PI));

        // q(f) at the grid: the conditional's mean and variance, averaged over q(v).
        var a = linalg.solve_triangular(Root(), Kernel(inducing, grid), upper: false);
        var found = loc.matmul(a);
        var sd = ((2 * logHeight).exp() - a.square().sum(dim: 0) + ScaleTril().t().matmul(a).square().sum(dim: 0)).sqrt();
        var bound = svi.Evaluate((x, y), Elbo.MeanField(particles: 1000), new RandomKey(1)).Elbo;

        double[] Numbers(Tensor values) => values.data<double>().ToArray();
        foreach (var line in TextPlot.Scatter(
        [
            (Numbers(x), Numbers(y), '.'),
            (Numbers(grid), Numbers(found - (2 * sd)), '-'),
            (Numbers(grid), Numbers(found + (2 * sd)), '-'),
            (Numbers(grid), Numbers(found), 'o'),
            (Numbers(inducing), [.. Enumerable.Repeat(Numbers(y).Min(), (int)Inducing)], '^'),
        ]))
        {
            report.Write(line);
        }

        report.Write("o the posterior mean; - two sd above and below; . the data; ^ the inducing points");
        report.Write($"length {logLength.exp().ToDouble():F2}, height {logHeight.exp().ToDouble():F2}, noise {logNoise.exp().ToDouble():F3}");
        report.Write($"bound {bound:F1}, exact log evidence {evidence:F1}");
        report.Write();

        report.AtMost("greatest distance of the means, in exact sd", ((found - mean).abs() / deviation).max().ToDouble(), 0.5);
        report.Near("greatest ratio of the sds", (sd / deviation).max().ToDouble(), 1, 0.15);
        report.Near("least ratio of the sds", (sd / deviation).min().ToDouble(), 1, 0.15);
        report.AtMost("bound less exact log evidence, in nats (Monte Carlo sd 0.1)", bound - evidence, 0.3);
        report.AtLeast("bound less exact log evidence, in nats", bound - evidence, -2);
        report.Near("noise, which was 0.25", logNoise.exp().ToDouble(), 0.25, 0.03);
    }
}
