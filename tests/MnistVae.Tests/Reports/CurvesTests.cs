using ProbVae.Reports;

namespace MnistVae.Tests.Reports;

public sealed class CurvesTests
{
    private static readonly EpochRow[] Epochs =
    [
        new(1, -200, -190, 10, -150, -141, 9, 30, 1000, 2),
        new(2, -140, -125, 15, -130, -118, 12, 20, 1100, 2),
    ];

    private static readonly ValidationRow[] Validations = [new(5, -160, -150, 10, 1), new(10, -120, -108, 12, 1)];

    private static RunHistory Elbo { get; } = new("", Epochs, Validations, 10, null);

    private static RunHistory Weighted { get; } = Elbo with { WeightedBound = "L_5", Epochs = [.. Epochs.Select(row => row with { Elbo = row.Elbo + 4, TestElbo = row.TestElbo + 3 })], Validations = [.. Validations.Select(row => row with { Elbo = row.Elbo + 2 })] };

    [Fact]
    public void EachTermHasItsLinesOverEpochs()
    {
        Assert.Equal(["ELBO", "Reconstruction, E_q log p(x | z)", "KL(q ‖ p)", "Norm of the gradient, mean of an epoch"], Curves.Of([Elbo]).Select(chart => chart.Title));
        Assert.Equal([(1, -200), (2, -140)], Line(CurveTerm.Elbo, "training"));
        Assert.Equal([(0.5, -160), (1, -120)], Line(CurveTerm.Elbo, "validation"));
        Assert.Equal([(1, -150), (2, -130)], Line(CurveTerm.Elbo, "test"));
        Assert.Equal([(1, -141), (2, -118)], Line(CurveTerm.Reconstruction, "test"));
        Assert.Equal([(0.5, 10), (1, 12)], Line(CurveTerm.Kl, "validation"));
        Assert.Equal([(1, 9), (2, 12)], Line(CurveTerm.Kl, "test"));
        Assert.Equal([(1, 30), (2, 20)], Line(CurveTerm.GradientNorm, "training"));
        Assert.Equal([(1, 1000), (2, 1100)], Line(CurveTerm.Speed, "training"));
    }

    [Fact]
    public void AnOlderHistoryHasNoLinesForWhatItLacks()
    {
        var old = Elbo with { Validations = [], Epochs = [.. Epochs.Select(row => row with { TestReconstruction = null, TestKl = null, GradientNorm = null })] };
        var charts = Curves.Of([old]);
        Assert.Equal(["ELBO", "Reconstruction, E_q log p(x | z)", "KL(q ‖ p)"], charts.Select(chart => chart.Title));
        Assert.Equal(["training", "test"], charts[0].Series.Select(line => line.Name));
        Assert.Equal(["training"], charts[1].Series.Select(line => line.Name));
        // A set keeps its colour, whatever sets are missing.
        Assert.Equal(2, charts[0].Series[1].Colour);
    }

    [Fact]
    public void AWeightedBoundHasAChartOfItsOwnAndTheElboIsThatOfTheTerms()
    {
        var charts = Curves.Of([Weighted]);
        Assert.Equal(["ELBO", "Importance weighted bound, L_5"], charts.Take(2).Select(chart => chart.Title));
        Assert.Equal([-200, -140], Heights(charts[0], "training"));
        Assert.Equal([-160, -120], Heights(charts[0], "validation"));
        Assert.Equal([-150, -130], Heights(charts[0], "test"));
        Assert.Equal([-196, -136], Heights(charts[1], "training"));
        Assert.Equal([-158, -118], Heights(charts[1], "validation"));
        Assert.Equal([-147, -127], Heights(charts[1], "test"));
    }

    [Fact]
    public void AmongWeightedBoundsTheElboIsThatOfOneDraw()
    {
        var runs = new[] { Elbo with { Name = "a" }, Weighted with { Name = "b" }, Weighted with { Name = "c", WeightedBound = "L_50" } };
        var chart = Curves.Of(runs, CurveTerm.WeightedBound);
        Assert.Equal("Importance weighted bound, L_K", chart.Title);
        Assert.Equal(["a, training", "a, validation", "a, test", "b, training", "b, validation", "b, test", "c, training", "c, validation", "c, test"], chart.Series.Select(line => line.Name));
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], chart.Series.Select(line => line.Colour!.Value));
        Assert.Equal([-200, -140], Heights(chart, "a, training"));
        Assert.Equal(9, Curves.Of(runs, CurveTerm.Elbo).Series.Count);
    }

    private static IEnumerable<(double, double)> Line(CurveTerm term, string name) =>
        Curves.Of([Elbo], term).Series.Single(line => line.Name == name).Points.Select(point => (point.X, point.Y));

    private static IEnumerable<double> Heights(LineChart chart, string name) => chart.Series.Single(line => line.Name == name).Points.Select(point => point.Y);
}
