using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

/// <summary>Codes over batches, and what they tell, against sums by hand and closed forms.</summary>
public sealed class LatentCodesTests
{
    private static readonly RandomKey Key = new(3);

    [Fact]
    public void CodesThatDoNotDependOnTheRowTellNothing()
    {
        using var codes = Of([0.5, -1, 0.5, -1, 0.5, -1], [1, 2, 1, 2, 1, 2], [0.1, 3, 0.9, -4, 2, 2]);
        Assert.Equal(0, codes.MutualInformation()!.Value, 1e-12);
        Assert.Equal(0, codes.ActiveUnits());
        Assert.Null(codes.MarginalKl());
    }

    [Fact]
    public void CodesFarApartTellTheRow()
    {
        // At a distance of 100 standard deviations no row's code is likely under another: log N.
        using var codes = Of([0, 0, 100, 0, 200, 0], [1, 1, 1, 1, 1, 1], [0.2, 1, 101, -1, 199, 0]);
        Assert.Equal(Math.Log(3), codes.MutualInformation()!.Value, 1e-12);
        Assert.Equal(1, codes.ActiveUnits());
        Assert.Equal(2, codes.ActiveUnits(above: -1));
        Assert.Equal([10_000, 0], codes.Activity());
    }

    [Fact]
    public void TheFiguresAreHoffmanAndJohnsonsSums()
    {
        double[] mean = [0.3, -0.2, 1.1, 0.4, -0.6, 2.0], deviation = [0.5, 1.2, 0.8, 0.3, 1.5, 0.7], drawn = [0.1, 0.8, 1.9, 0.2, -1.0, 1.5], prior = [-2.5, -3.5, -4];
        using var codes = Of(mean, deviation, drawn) with { LogPrior = tensor(prior) };
        double[] aggregate = [.. Enumerable.Range(0, 3).Select(n => Math.Log(Enumerable.Range(0, 3).Average(m => Math.Exp(LogDensity(n, m)))))];
        Assert.Equal(Enumerable.Range(0, 3).Average(n => LogDensity(n, n) - aggregate[n]), codes.MutualInformation()!.Value, 1e-12);
        Assert.Equal(Enumerable.Range(0, 3).Average(n => aggregate[n] - prior[n]), codes.MarginalKl()!.Value, 1e-12);

        // log q(z_n | x_m)
        double LogDensity(int n, int m) => Enumerable.Range(0, 2).Sum(d =>
        {
            var (z, at, spread) = (drawn[(2 * n) + d], mean[(2 * m) + d], deviation[(2 * m) + d]);
            return (-0.5 * Math.Pow((z - at) / spread, 2)) - Math.Log(spread) - (0.5 * Math.Log(2 * Math.PI));
        });
    }

    [Fact]
    public void EachNumberHasItsShareOfTheKl()
    {
        using var linear = new LinearGaussian(30);
        using var x = LinearGaussian.Rows(30);
        using var codes = LatentCodes.Of(linear.Model, linear.Guide, linear.Code, x.split(10), Key);
        // q(z₁ | x) = Normal(0.4 x, 0.2) and q(z₂ | x) = Normal(0, 1), under a prior Normal(0, 1); the arguments are float32.
        var expected = x.data<float>().ToArray().Average(value => (-0.5 * Math.Log(0.2)) + ((0.2 + (0.16 * value * value)) / 2) - 0.5);
        var kl = codes.KlByNumber()!;
        Assert.Equal(expected, kl[0], 1e-5);
        Assert.Equal(0, kl[1], 1e-6);
        using var flow = Of([0, 0], [1, 1], [0, 0]);
        Assert.Null(flow.KlByNumber());
    }

    [Fact]
    public void ADrawOfAJointGuideIsNoMoment()
    {
        using var scale = new TorchSharp.Modules.Parameter(tensor(1f));
        var model = Model.Given<Tensor>("joint").Plate("rows", total: 6)
            .Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], scale), x => x, out _).Build();
        using var x = zeros(6);
        var guide = Guide.AutoMultivariateNormal(model, x);
        using var codes = LatentCodes.Of(model, guide, z, [x], Key);
        Assert.Equal(32, codes.MomentDraws);
        Assert.True(codes.Deviation.min().item<double>() > 0);
        Assert.False(codes.AreNormal);
    }

    [Fact]
    public void MeansOfDrawsAreNotTakenForActivity()
    {
        // Means of 32 draws with a deviation of 1 vary by 1/32 > 0.01 where nothing else does.
        var noise = new Normal(0, 1).Sample(new RandomKey(1), 2000, 1).to(ScalarType.Float64);
        using var codes = new LatentCodes(noise.div(Math.Sqrt(32)), ones_like(noise), noise.clone(), 32, AreNormal: false);
        Assert.Equal(0, codes.ActiveUnits());
        Assert.Null(codes.MutualInformation());
        using var exact = codes with { Mean = codes.Mean.clone(), Deviation = codes.Deviation.clone(), Drawn = codes.Drawn.clone(), MomentDraws = 0 };
        Assert.Equal(1, exact.ActiveUnits());
    }

    [Fact]
    public void TheExactPosteriorsCodesHaveTheirClosedForms()
    {
        using var linear = new LinearGaussian(2000);
        using var x = LinearGaussian.Rows(2000);
        using var codes = Codes(linear, x, 300);
        Assert.Equal((2000, 2, 0, true), (codes.Rows, codes.Numbers, codes.MomentDraws, codes.AreNormal));
        Assert.Equal(0, (codes.Mean.select(1, 0) - x.to(ScalarType.Float64).mul(0.4)).abs().max().item<double>(), 1e-6);
        Assert.Equal(Math.Sqrt(0.2), codes.Deviation[7, 0].item<double>(), 1e-6);

        // Var(0.4 x) of these rows, and 0.
        var activity = codes.Activity();
        Assert.Equal(0.16 * x.to(ScalarType.Float64).var(0).item<double>(), activity[0], 1e-6);
        Assert.Equal(0, activity[1], 1e-12);
        Assert.Equal(1, codes.ActiveUnits());

        // I(x; z) = ½ log 5 and q(z) = p(z). A row's log ratio has a variance below 1: 4 standard errors are 4/√2000; a finite sum for q(z) adds some 1/2000.
        Assert.Equal(0.5 * Math.Log(5), codes.MutualInformation()!.Value, (4 / Math.Sqrt(2000)) + 0.005);
        Assert.Equal(0, codes.MarginalKl()!.Value, (4 / Math.Sqrt(2000)) + 0.005);
    }

    [Fact]
    public void BatchesAreJoinedInOrderAndTheTensorsOutliveEveryScope()
    {
        using var linear = new LinearGaussian(50);
        using var x = LinearGaussian.Rows(50);
        LatentCodes codes;
        using (NewDisposeScope())
        {
            codes = Codes(linear, x, 7);
        }

        using var whole = Codes(linear, x, 50);
        Assert.Equal(whole.Mean.data<double>().ToArray(), codes.Mean.data<double>().ToArray());
        Assert.Equal(codes.Rows, codes.Drawn.data<double>().ToArray().Chunk(2).Select(row => row[0]).Distinct().Count());
        using var again = Codes(linear, x, 7);
        Assert.Equal(codes.Drawn.data<double>().ToArray(), again.Drawn.data<double>().ToArray());
        codes.Dispose();
    }

    [Fact]
    public void MomentsWithoutAClosedFormAreThoseOfDraws()
    {
        // z₁ = exp u, u ~ Normal(x, ½) and z₂ | z₁ ~ Normal(2 z₁, 1): E z₁ = exp(x + ⅛), Var z₁ = (e^¼ − 1) exp(2x + ¼).
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("chain").Plate("rows", total: 40)
            .Sample("a", new LogNormal(0, 1), out var a)
            .Sample("b", s => new Normal(s[a], 1), out var b)
            .Observe("x", s => new Normal(s[b], 1), out _).Build();
        var guide = Guide.For(model)
            .Sample(a, x => new TransformedDistribution(new Normal(x, 0.5), new ProbVae.ExpTransform()))
            .Sample(b, (_, s) => new Normal(s[a].mul(2), 1)).Build();
        var rows = linspace(-1, 1, 40);
        const int Draws = 2000;
        using var first = LatentCodes.Of(model, guide, a, [rows], Key, Draws);
        using var second = LatentCodes.Of(model, guide, b, [rows], Key, Draws);
        var (mean, variance) = (rows.add(0.125).exp().to(ScalarType.Float64), rows.mul(2).add(0.25).exp().mul(Math.Exp(0.25) - 1).to(ScalarType.Float64));

        // 40 means in units of their standard errors: none of them beyond 5.
        AssertNear(mean, variance, first);
        AssertNear(mean.mul(2), variance.mul(4).add(1), second);
        Assert.Equal((Draws, false, Draws, false), (first.MomentDraws, first.AreNormal, second.MomentDraws, second.AreNormal));
        Assert.NotNull(first.LogPrior);
        Assert.Null(second.LogPrior);
        Assert.Null(second.MutualInformation());

        static void AssertNear(Tensor mean, Tensor variance, LatentCodes codes) =>
            Assert.InRange((codes.Mean.squeeze(-1) - mean).div(variance.div(Draws).sqrt()).abs().max().item<double>(), 0, 5);
    }

    [Fact]
    public void WhatHasNoRowsIsRefusedInASentence()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("one").Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(0, 1)).Build();
        var refused = Assert.Throws<ModelException>(() => LatentCodes.Of(model, guide, z, [tensor(1f)], Key));
        Assert.Contains("Site 'z' stands in no plate", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LatentCodes.Of(model, guide, z, [], Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => LatentCodes.Of(model, guide, z, [tensor(1f)], Key, momentDraws: 1));
        Assert.Throws<OperationCanceledException>(() => LatentCodes.Of(model, guide, z, [tensor(1f)], Key, cancellation: new CancellationToken(canceled: true)));
    }

    private static LatentCodes Codes(LinearGaussian linear, Tensor x, int size) => LatentCodes.Of(linear.Model, linear.Guide, linear.Code, x.split(size), Key);

    private static LatentCodes Of(double[] mean, double[] deviation, double[] drawn) => new(Table(mean), Table(deviation), Table(drawn), 0, AreNormal: true);

    private static Tensor Table(double[] values) => tensor(values, [values.Length / 2, 2]);
}
