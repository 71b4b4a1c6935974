using static TorchSharp.torch;

namespace ProbVae.Tests.Inference.Sampling;

/// <summary>The density that chains move in: its value against formulas, its gradient against differences, several points at once against each alone.</summary>
public sealed class UnconstrainedPosteriorTests
{
    private static readonly RandomKey Key = new(2);

    [Fact]
    public void TheDensityIsTheJointsWithTheChangeOfVolume()
    {
        // sigma ~ Exponential(1.5), p ~ Beta(2, 3), x_i ~ N(p, sigma): log |det| is log sigma + log p (1 − p).
        using var scope = NewDisposeScope();
        double[] x = [0.3, -1.1, 0.7];
        var model = Model.Given<Tensor>("two").Sample("sigma", new Exponential(Double(1.5)), out var sigma).Sample("p", new Beta(Double(2), Double(3)), out var p)
            .Plate("rows", total: 3).Observe("x", s => new Normal(s[p], s[sigma]), out _).Build();
        using var density = new UnconstrainedPosterior<Tensor>(model, tensor(x), Key, new());
        var point = new PhasePoint([-0.4, 0.9]);
        density.Evaluate([point]);
        var (spread, share) = (Math.Exp(-0.4), 1 / (1 + Math.Exp(-0.9)));
        var prior = Math.Log(1.5) - (1.5 * spread) + Math.Log(12 * share * (1 - share) * (1 - share));
        var likelihood = x.Sum(value => -0.5 * Math.Log(2 * Math.PI) - Math.Log(spread) - (0.5 * Math.Pow((value - share) / spread, 2)));
        Assert.Equal(prior + likelihood + Math.Log(spread * share * (1 - share)), point.LogDensity, 1e-9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GradientsAreThoseOfDifferences(bool vectorized)
    {
        using var scope = NewDisposeScope();
        using var density = new UnconstrainedPosterior<Tensor>(ManySupports(), tensor(new[] { 0.2, 0.9, -0.4, 1.3 }), Key, new() { Vectorized = vectorized });
        Assert.Equal(vectorized, density.IsVectorized);
        var random = new KeyedNumbers(new RandomKey(4));
        PhasePoint[] points = [.. Enumerable.Range(0, 3).Select(_ => new PhasePoint([.. Enumerable.Range(0, density.Dimension).Select(_ => 0.7 * random.Normal())]))];
        density.Evaluate(points);
        foreach (var point in points)
        {
            for (var i = 0; i < density.Dimension; i++)
            {
                double At(double step)
                {
                    var moved = new PhasePoint([.. point.Position.Select((value, j) => i == j ? value + step : value)]);
                    density.Evaluate([moved]);
                    return moved.LogDensity;
                }

                // Fourth-order differences: an error of h⁴ and of rounding / h.
                const double step = 1e-3;
                var slope = ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
                Assert.Equal(slope, point.Gradient[i], 1e-7 * (1 + Math.Abs(slope)));
            }

            Assert.Equal(new[] { point }.Select(alone => { var copy = new PhasePoint(alone.Position); density.Evaluate([copy]); return copy.LogDensity; }).Single(), point.LogDensity, 1e-10);
        }
    }

    [Fact]
    public void DiscreteVariablesAreSummedOut()
    {
        // mu ~ N(0, 2), z_i ~ Bernoulli(0.4), x_i ~ N(z_i mu, 1).
        using var scope = NewDisposeScope();
        double[] x = [2.1, -0.4, 1.6];
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(Double(0), Double(2)), out var mu).Plate("rows", total: 3)
            .Sample("z", _ => Bernoulli.FromProbs(Double(0.4)), out var z).Observe("x", s => new Normal(s[z] * s[mu], Double(1)), out _).Build();
        using var density = new UnconstrainedPosterior<Tensor>(model, tensor(x), Key, new());
        Assert.Equal([z], density.SummedOut);
        PhasePoint[] points = [new([1.3]), new([-0.5])];
        density.Evaluate(points);
        foreach (var point in points)
        {
            double Normal(double value, double mean, double sd) => Math.Exp(-0.5 * Math.Pow((value - mean) / sd, 2)) / sd / Math.Sqrt(2 * Math.PI);
            var expected = Math.Log(Normal(point.Position[0], 0, 2)) + x.Sum(value => Math.Log((0.6 * Normal(value, 0, 1)) + (0.4 * Normal(value, point.Position[0], 1))));
            Assert.Equal(expected, point.LogDensity, 1e-9);
        }
    }

    [Fact]
    public void HandlersAreAsTheyAre()
    {
        // Conditioned, masked and weighed: log p(mu) + 2 log N(x_0; mu, 3).
        using var scope = NewDisposeScope();
        var written = Model.Given<Tensor>("handled").Sample("mu", new Normal(Double(0), Double(1)), out var mu).Sample("sigma", new Exponential(Double(1)), out var sigma)
            .Plate("rows", total: 2).Observe("x", s => new Normal(s[mu], s[sigma]), out var x).Build();
        var model = written.Condition(sigma, 3).Mask(x, tensor(new[] { true, false })).Scale(x, 2);
        using var density = new UnconstrainedPosterior<Tensor>(model, tensor(new[] { 1.0, 5 }), Key, new());
        Assert.Equal(1, density.Dimension);
        var point = new PhasePoint([0.4]);
        density.Evaluate([point]);
        double Log(double value, double sd) => -0.5 * Math.Log(2 * Math.PI) - Math.Log(sd) - (0.5 * value * value / sd / sd);
        Assert.Equal(Log(0.4, 1) + (2 * Log(0.6, 3)) - 3, point.LogDensity, 1e-6);
    }

    [Fact]
    public void APointWithoutADensityHasNone()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("matrix").Sample("rho", new Normal(0, 1), out var rho)
            .Observe("x", s => MultivariateNormal.FromCovariance(zeros(2), eye(2) + (s[rho].unsqueeze(-1).unsqueeze(-1) * (1 - eye(2)))), out _).Build();
        using var density = new UnconstrainedPosterior<Tensor>(model, tensor(new[] { 1f, 0.5f }), new RandomKey(12), new());
        PhasePoint[] points = [new([0.5]), new([1.5]), new([-0.2])];
        density.Evaluate(points);
        Assert.True(points[0].IsFinite && points[2].IsFinite);
        Assert.Equal(double.NegativeInfinity, points[1].LogDensity);
    }

    private static Tensor Double(double value) => tensor(value, ScalarType.Float64);

    private static Model<Tensor> ManySupports()
    {
        var concentration = tensor(new[] { 1.5, 2.5, 3.0 });
        return Model.Given<Tensor>("many")
            .Sample("w", new Dirichlet(concentration), out var w)
            .Sample("bounded", new Uniform(Double(-1), Double(3)), out var bounded)
            .Sample("L", new LKJCholesky(3, Double(2)), out var factor)
            .Sample("rates", Gamma.FromShapeRate(Double(2), Double(1.5)).Expand([2]).ToEvent(1), out var rates)
            .Plate("rows", total: 4)
            .Sample("theta", s => new Normal(s[bounded], s[rates].select(-1, 0)), out var theta)
            .Observe("x", s => new Normal(s[theta] + s[w].select(-1, 1) + s[factor].select(-1, 0).select(-1, 2), s[rates].select(-1, 1)), out _).Build();
    }
}
