using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Simulation-based calibration of an exact posterior, and of one that is too narrow.</summary>
public sealed class CalibrationTests
{
    private readonly Model<Tensor> _model;
    private readonly Latent _z;
    private readonly Observed _x;

    // z ~ N(0, 1), x ~ N(z, 1): z | x ~ N(x / 2, √½).
    public CalibrationTests() => _model = Model.Given<Tensor>("normal").Sample("z", new Normal(zeros(2), 1), out _z)
        .Observe("x", s => new Normal(s[_z!], 1), out _x).Build();

    [Fact]
    public void TheExactPosteriorRaisesNoDoubt()
    {
        using var scope = NewDisposeScope();
        var found = Run(Math.Sqrt(0.5), 0);
        Assert.Equal(["z[0]", "z[1]"], found.Rows.Select(row => row.Name));
        Assert.All(found.Rows, row => Assert.Equal(160, row.Ranks.Count));
        Assert.All(found.Rows, row => Assert.InRange(row.PValue, 0.005, 1));
        Assert.Empty(found.Off);
        Assert.Contains("raise no doubt", found.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.35, 0)]
    [InlineData(0.7071, 0.5)]
    public void ANarrowOrShiftedOneIsSeen(double deviation, double shift)
    {
        using var scope = NewDisposeScope();
        var found = Run(deviation, shift);
        Assert.Equal(2, found.Off.Count);
        Assert.Contains("are not uniform", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheTestIsPearsons()
    {
        // 20 ranks of 0 to 3, 5 expected in each bin: χ² = (25 + 0 + 25 + 0) / 5 = 10 of three degrees.
        var row = new CalibrationRow("z", [.. Enumerable.Repeat(0, 10), .. Enumerable.Repeat(1, 5), .. Enumerable.Repeat(3, 5)], 3);
        Assert.Equal([10, 5, 0, 5], row.Bins);
        Assert.Equal(0.018566135463043237, row.PValue, 1e-9);
    }

    private Calibration Run(double deviation, double shift)
    {
        var guide = Guide.For(_model).Sample(_z, x => new Normal((x / 2) + shift, deviation).ToEvent(1)).Build();
        return Calibration.Of(_model, zeros(2), at => at(_x), (model, data, key) => Posterior.Of(model, guide, data, 63, key), new RandomKey(6), simulations: 160);
    }
}
