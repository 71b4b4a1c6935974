using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>A guide's draws held against chains.</summary>
public sealed class PosteriorComparisonTests
{
    [Fact]
    public void DifferencesAreInTheReferencesDeviations()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate(loc: Conjugate.Mean + (0.5 / Math.Sqrt(21)), logScale: -0.5 * Math.Log(21) + Math.Log(0.8));
        var chains = Nuts.Sample(conjugate.Model, conjugate.Data, new RandomKey(3), warmup: 150, draws: 400);
        var found = Posterior.Of(conjugate.Model, conjugate.Guide, conjugate.Data, 4000, new RandomKey(3)).Compare(chains);
        var row = found["z"];
        Assert.Same(found.Farthest, row);
        Assert.InRange((row.Difference - 0.5) / row.DifferenceError, -4, 4);
        Assert.InRange((row.Ratio - 0.8) / row.RatioError, -4, 4);

        // 4,000 independent draws of 0.8 sds, and chains worth some hundreds to 1,600.
        Assert.InRange(row.DifferenceError, 0.8 / Math.Sqrt(4000), 0.1);
        Assert.Contains("Beyond 4 Monte Carlo errors differ 1 means and 1 standard deviations of 1.", found.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing differs", chains.Compare(chains).ToString(), StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => found["y"]);
    }

    [Fact]
    public void PosteriorsOfOtherModelsAreRefused()
    {
        using var scope = NewDisposeScope();
        Posterior Of(Conjugate conjugate) => Posterior.Of(conjugate.Model, conjugate.Guide, conjugate.Data, 10);
        Assert.Contains("two posteriors of one model", Assert.Throws<ModelException>(() => Of(new Conjugate()).Compare(Of(new Conjugate()))).Message, StringComparison.Ordinal);
    }
}
