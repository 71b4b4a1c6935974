using MathNet.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>Which of two pages sells better, and by how much? The posterior says how sure one can be, and what a wrong choice would cost.</summary>
public static class AbTest
{
    private const double Visitors = 1200;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: how many of 1200 visitors bought something on page A and on page B.
        var truth = new[] { 0.110, 0.125 };
        var bought = ProbVae.Binomial.FromProbs(Visitors, truth).Sample(new RandomKey(18));

        // rate ~ Beta(1, 1) for each page        bought ~ Binomial(1200, rate)
        var model = Model.Given<Tensor>("a/b test")
            .Plate("pages", total: 2)
            .Sample("rate", new ProbVae.Beta(1, 1), out var rate)
            .Observe("bought", s => ProbVae.Binomial.FromProbs(Visitors, s[rate]), out _)
            .Build();

        // q(rate) = Beta(m k, (1 - m) k) for each page: its mean m and its weight k in visitors can be learnt apart
        Parameter logit = new(zeros(2)), logWeight = new(full(2, 5.0));
        var guide = Guide.For(model)
            .Sample(rate, _ => new ProbVae.Beta(logit.sigmoid() * logWeight.exp(), (-logit).sigmoid() * logWeight.exp()))
            .Build();

        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 64), p => optim.Adam(p, lr: 0.1), report.Seed);
        var steps = report.Steps(1000);
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.01, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            svi.Step(bought);
            schedule.step();
        }

        // What one asks of a posterior: probabilities and expectations, by drawing from it.
        var draws = guide.Trace(bought, new RandomKey(1))[rate].Distribution.Sample(new RandomKey(2), 100_000);
        var (a, b) = (draws.select(1, 0), draws.select(1, 1));
        var better = b.gt(a).to(ScalarType.Float32).mean().ToDouble();
        var uplift = (b - a).mean().ToDouble();
        var regret = (a - b).clamp_min(0).mean().ToDouble();

        var counts = bought.data<float>().ToArray();
        string Rate(Tensor rates) => $"{rates.mean().ToDouble():P2} ± {rates.std().ToDouble():P2}";
        report.Table(["page", "bought", "of", "rate", "true rate"],
        [
            ["A", $"{counts[0]:F0}", $"{Visitors:F0}", Rate(a), $"{truth[0]:P1}"],
            ["B", $"{counts[1]:F0}", $"{Visitors:F0}", Rate(b), $"{truth[1]:P1}"],
        ]);
        Histogram(report, (b - a).data<float>().ToArray());
        report.Write($"B is better with probability {better:P1}; it sells {100 * uplift:F2} points more on average.");
        report.Write($"If B is chosen and A is better, that costs; it comes to {100 * regret:F3} points in expectation.");
        report.Write();

        // The exact posterior is Beta(1 + bought, 1 + left) for each page; the rest are integrals over a grid.
        var exact = Integrals(counts[0], counts[1]);
        report.Near("P(B better than A)", better, exact.Better, 0.01);
        report.Near("expected uplift, in points", 100 * uplift, 100 * exact.Uplift, 0.03);
        report.Near("expected cost of choosing B, in points", 100 * regret, 100 * exact.Regret, 0.01);
        report.Near("sd of A's rate, in points", 100 * a.std().ToDouble(), 100 * exact.Deviation, 0.03);
    }

    private static void Histogram(Report report, float[] uplifts)
    {
        report.Write("Uplift of B over A, in points:");
        foreach (var bin in uplifts.GroupBy(u => Math.Floor(u * 100 / 0.5)).Where(bin => bin.Count() > uplifts.Length / 200).OrderBy(bin => bin.Key))
        {
            report.Write($"  {bin.Key * 0.5,5:F1} to {(bin.Key + 1) * 0.5,4:F1}  {TextPlot.Bar(bin.Count(), uplifts.Length * 0.2, 50)}");
        }

        report.Write();
    }

    private static (double Better, double Uplift, double Regret, double Deviation) Integrals(double boughtA, double boughtB)
    {
        var a = new MathNet.Numerics.Distributions.Beta(1 + boughtA, 1 + Visitors - boughtA);
        var b = new MathNet.Numerics.Distributions.Beta(1 + boughtB, 1 + Visitors - boughtB);
        // P(B > A) = ∫ p_B(r) P(A < r) dr;  E[max(A − B, 0)] = ∫ P(B < r) P(A > r) dr.
        double Over(Func<double, double> integrand) => Integrate.OnClosedInterval(integrand, 1e-9, 0.5, 1e-10);
        return (
            Over(r => b.Density(r) * a.CumulativeDistribution(r)),
            b.Mean - a.Mean,
            Over(r => b.CumulativeDistribution(r) * (1 - a.CumulativeDistribution(r))),
            a.StdDev);
    }
}
