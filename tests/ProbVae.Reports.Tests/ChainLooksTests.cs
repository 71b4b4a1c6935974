using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

/// <summary>Charts of a sampler's chains, and of a calibration.</summary>
public sealed class ChainLooksTests
{
    [Fact]
    public void ChainsHaveTracesRanksAndEnergies()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("a mean").Sample("mean", new Normal(zeros(2), 10), out var mean)
            .Plate("measurements", total: 3).Observe("x", s => new Normal(s[mean].sum(-1), 1), out _).Build();
        var data = tensor(new[] { 4.1f, 5.3f, 4.7f });
        var posterior = Nuts.Sample(model, data, new RandomKey(1), chains: 2, warmup: 20, draws: 40);

        var trace = posterior.TraceChart(mean, element: 1);
        Assert.Equal("Trace of mean[1]", trace.Title);
        Assert.Equal(["chain 0", "chain 1"], trace.Series.Select(series => series.Name));
        Assert.All(trace.Series, series => Assert.Equal(40, series.Points.Count));
        Assert.Equal((double)posterior[mean][41, 1].item<float>(), trace.Series[1].Points[1].Y);

        var ranks = posterior.RankChart(mean);
        Assert.All(ranks.Series, series => Assert.Equal(40, series.Points.Sum(point => point.Y)));
        Assert.Equal(2, Assert.Single(ranks.References).Y);
        for (var bin = 0; bin < 20; bin++)
        {
            Assert.Equal(4, ranks.Series.Sum(series => series.Points[bin].Y));
        }

        Assert.NotEmpty(new Page(trace, ranks, posterior.EnergyChart()).OfClass("figure", "chart"));
        Assert.Throws<ArgumentOutOfRangeException>(() => posterior.TraceChart(mean, element: 2));

        var guide = Guide.AutoNormal(model, data);
        Assert.Contains("come from a guide", Assert.Throws<ModelException>(() => Posterior.Of(model, guide, data, 10).EnergyChart()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACalibrationsBarsAreItsBins()
    {
        var row = new CalibrationRow("z", [.. Enumerable.Range(0, 60).Select(i => i % 8)], 7);
        var page = new Page(row.RankChart());
        Assert.Equal(60, page.OfClass("rect", "bar").Sum(bar => int.Parse(bar.Value.Split(": ")[1], CultureInfo.InvariantCulture)));
        Assert.Contains("0–0", page.Texts("text"));
    }
}
