using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

/// <summary>Charts of a fit, a posterior and a prediction.</summary>
public sealed class LooksTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _data = tensor(new[] { 4.1f, 5.3f, 4.7f, 6.0f, 5.2f });
    private readonly Model<Tensor> _model;
    private readonly Latent _mean;
    private readonly Observed _x;
    private readonly Svi<Tensor> _svi;

    public LooksTests()
    {
        _model = Model.Given<Tensor>("a mean").Sample("mean", new Normal(zeros(2), 10), out _mean)
            .Plate("measurements", total: 5).Observe("x", s => new Normal(s[_mean!].sum(-1, keepdim: true), 1), out _x).Build();
        _svi = Svi.For(_model, Guide.AutoNormal(_model, _data), Elbo.MeanField(), p => optim.Adam(p, lr: 0.1));
    }

    [Fact]
    public void AHistogramsBarsHoldEveryValue()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => (double)i), double.NaN];
        var page = new Page(new Histogram("values", "x", values) { Marked = 90 });
        var bars = page.OfClass("rect", "bar").Select(bar => bar.Value).ToList();
        Assert.Equal(100, bars.Sum(text => int.Parse(text.Split(": ")[1].Split(" of ")[0], CultureInfo.InvariantCulture)));
        Assert.Contains("10.0 % of 100 values are at least as great as what is marked. Values that are not finite are left out (1).", page.Texts("p"));
        Assert.Contains("observed: 90", page.Texts("span"));
    }

    [Theory]
    [InlineData()]
    [InlineData(double.NaN)]
    [InlineData(3.0)]
    [InlineData(double.MaxValue, double.MinValue)]
    [InlineData(1e9, 1e9, 1e9 + 1)]
    public void AnyValuesMakeAHistogram(params double[] values)
    {
        var page = new Page(new Histogram("values", "x", values), new IntervalChart("rows", "x", [.. values.Select(value => new IntervalRow("a name that is far too long", value, value, value))]));
        Assert.All(page.OfClass("rect", "bar"), bar => Assert.InRange(double.Parse((string)bar.Attribute("x")!, CultureInfo.InvariantCulture), 0, 480));
        Assert.Equal(2, page.OfClass("figure", "chart").Count);
    }

    [Fact]
    public void AForestPlotHasARowForEachNumber()
    {
        var summary = _svi.Posterior(_data, draws: 50).Summary();
        var page = new Page(summary.Intervals());
        Assert.Equal(["mean[0]", "mean[1]"], page.Texts("text").Where(text => text.StartsWith("mean", StringComparison.Ordinal)));
        Assert.Equal(2, page.OfClass("circle", "mark").Count);
    }

    [Fact]
    public void ACheckMarksTheObservedStatistic()
    {
        using var prediction = Predictive.Posterior(_model, _svi.Guide, _data, new RandomKey(1), draws: 40, sites: [_x]);
        var check = prediction.Check(_x, _data, x => x.max(), "greatest");
        Assert.Equal(40, check.Values.Count);
        Assert.Equal(6, check.Marked!.Value, 1e-6);
        Assert.Equal(prediction[_x][3].max().item<float>(), check.Values[3], 1e-6);
        Assert.Contains("have shape (3)", Assert.Throws<ArgumentException>(() => prediction.Check(_x, zeros(3), x => x.mean())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheElbosCurveHasMeansOfWindowsAndTheirBand()
    {
        var history = new ElboHistory();
        for (var step = 0; step < 600; step++)
        {
            history.Add(step % 2);
        }

        var line = Assert.Single(history.Curve().Series);
        Assert.Equal(60, line.Points.Count);
        Assert.All(line.Points, point => Assert.Equal(0.5, point.Y));
        // Ten values, half 0 and half 1: standard error √(2.5 / 9 / 10).
        Assert.All(line.Band!, band => Assert.Equal(0.5 + (2 * Math.Sqrt(2.5 / 90)), band.High, 1e-12));
        Assert.Single(new Page(history.Curve()).OfClass("path", "band"));
        Assert.Empty(new Page(new ElboHistory().Curve()).OfClass("path", "band"));
    }

    [Fact]
    public void EachPairOfNumbersHasAChart()
    {
        var posterior = _svi.Posterior(_data, draws: 30);
        var chart = Assert.IsType<ScatterChart>(Assert.Single(posterior.Pairs().Blocks));
        Assert.Equal(("mean[0]", "mean[1]"), (chart.XLabel, chart.YLabel));
        Assert.Equal(30, Assert.Single(chart.Classes).Points.Count);
        Assert.Equal(60, posterior.Histogram(_mean).Values.Count);
    }

    public void Dispose()
    {
        _svi.Dispose();
        _scope.Dispose();
    }
}
