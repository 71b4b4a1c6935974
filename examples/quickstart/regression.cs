#:project ../../src/ProbVae
#:project ../../src/ProbVae.Reports
#:property PublishAot=false
// A program of your own, in a folder of its own, writes #:package ProbVae.Reports@0.1.0 for the first two lines; the rest stays as it is.

using ProbVae;
using ProbVae.Reports;
using static TorchSharp.torch;

// What ice cream sells: 2 kg on any day, 0.3 kg more for each degree above 20, 1.5 kg more at a weekend, give or take 0.5 kg.
random.manual_seed(1);
var degrees = (randn(120) * 5) + 22;
var weekend = (arange(120) % 7 >= 5).to(ScalarType.Float32);
var sold = 2 + (0.3 * (degrees - 20)) + (1.5 * weekend) + (0.5 * randn(120));
var data = (Degrees: degrees, Weekend: weekend, Sold: sold);

// base ~ Normal(0, 5)   perDegree ~ Normal(0, 1)   extra ~ Normal(0, 5)   noise ~ HalfNormal(1)
// sold ~ Normal(base + perDegree (degrees - 20) + extra weekend, noise)
var sales = Model.Given<(Tensor Degrees, Tensor Weekend, Tensor Sold)>("ice cream")
    .Sample("base", new Normal(0, 5), out var start)
    .Sample("perDegree", new Normal(0, 1), out var perDegree)
    .Sample("extra", new Normal(0, 5), out var extra)
    .Sample("noise", new HalfNormal(1), out var noise)
    .Plate("days", total: d => d.Sold.shape[0])
    .Observe("sold", s => new Normal(s[start] + (s[perDegree] * (s.Data.Degrees - 20)) + (s[extra] * s.Data.Weekend), s[noise]), d => d.Sold, out var kilograms)
    .Build();

// The guide is made from the model: one normal distribution over all four numbers, with their correlations.
var guide = Guide.AutoMultivariateNormal(sales, data);
using var svi = Svi.For(sales, guide, Elbo.Trace(particles: 8), p => optim.Adam(p, lr: 0.03), seed: 1);
Console.WriteLine(svi.Fit(data, steps: 2000, new FitOptions { Until = [StoppingRule.RelativeChange(tolerance: 1e-3, window: 100)] }));

var table = svi.Posterior(data).Summary();
Console.WriteLine(table);
table.Intervals("What ice cream sells").SaveSvg("ice-cream.svg");
Console.WriteLine("ice-cream.svg has the picture: open it in a browser.");

// A check: what the data were made with lies where the posterior says.
var truth = new (string Name, double Value)[] { ("base", 2), ("perDegree", 0.3), ("extra", 1.5), ("noise", 0.5) };
var far = truth.Where(number => Math.Abs(table[number.Name].Mean - number.Value) > 4 * table[number.Name].StandardDeviation).ToList();
Console.WriteLine(far.Count == 0 ? "The numbers that made the data lie within 4 standard deviations of the posterior's means." : $"Far from the truth: {string.Join(", ", far)}.");
return far.Count;
