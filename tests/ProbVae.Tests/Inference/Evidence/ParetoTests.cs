using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>The tail of importance weights: its fitted shape against known ones, and what it says of good and bad guides.</summary>
public sealed class ParetoTests
{
    [Theory]
    [InlineData(-0.2)]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(1.5)]
    public void WeightsOfAGeneralizedParetoTailHaveItsShape(double shape)
    {
        // log w of w ~ GPD(k, 1). k̂ of the largest M = 3 √K has a standard deviation of about (1 + k) / √M; bound: 4 of them, and the pull towards 1/2.
        const int Draws = 20_000;
        using var scope = NewDisposeScope();
        using var weights = new ImportanceWeights(Draws);
        var uniform = new Uniform(0, 1).Sample(new RandomKey(5), Draws).to(float64);
        var values = (uniform.pow(-shape) - 1).div(shape);
        for (var start = 0; start < Draws; start += 1000)
        {
            weights.Add(values.narrow(0, start, 1000).log().unsqueeze(-1));
        }

        var tail = 3 * Math.Sqrt(Draws);
        var expected = ((tail * shape) + 5) / (tail + 10);
        Assert.InRange(weights.Elements().Single().ParetoK, expected - (4 * (1 + shape) / Math.Sqrt(tail)), expected + (4 * (1 + shape) / Math.Sqrt(tail)));
    }

    [Fact]
    public void SumsOverBatchesAreThoseOfOneBatch()
    {
        using var scope = NewDisposeScope();
        var logs = new Normal(0, 3).Sample(new RandomKey(6), 1000, 2).to(float64) - 800;
        using ImportanceWeights whole = new(1000), parts = new(1000);
        whole.Add(logs);
        foreach (var part in logs.split(7))
        {
            parts.Add(part);
        }

        foreach (var (one, other) in whole.Elements().Zip(parts.Elements()))
        {
            Assert.Equal(one.LogEvidence, other.LogEvidence, 1e-10);
            Assert.Equal(one.EffectiveSampleSize, other.EffectiveSampleSize, 1e-8);
            Assert.Equal(one.ParetoK, other.ParetoK, 1e-10);
            Assert.Equal(one.SmoothedLogEvidence, other.SmoothedLogEvidence, 1e-10);
        }

        var numbers = logs.select(1, 0).data<double>().ToArray();
        var most = numbers.Max();
        Assert.Equal(most + Math.Log(numbers.Sum(log => Math.Exp(log - most)) / 1000), whole.Elements()[0].LogEvidence, 1e-9);
        Assert.Equal(Math.Pow(numbers.Sum(log => Math.Exp(log - most)), 2) / numbers.Sum(log => Math.Exp(2 * (log - most))), whole.Elements()[0].EffectiveSampleSize, 1e-6);
    }

    [Fact]
    public void DrawsOfNoWeightCountAsDraws()
    {
        using var scope = NewDisposeScope();
        using ImportanceWeights weights = new(4);
        weights.Add(tensor(new[] { double.NegativeInfinity, double.NegativeInfinity }).view(1, 2));
        weights.Add(tensor(new[] { double.NegativeInfinity, 0 }).view(1, 2));
        weights.Add(tensor(new[] { double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, 0 }).view(2, 2));
        var elements = weights.Elements();
        Assert.Equal(double.NegativeInfinity, elements[0].LogEvidence);
        Assert.Equal(Math.Log(0.5), elements[1].LogEvidence, 1e-12);
        Assert.Equal(2, elements[1].EffectiveSampleSize, 1e-12);
    }

    [Fact]
    public void AGoodGuideHasALowShapeAndANarrowOneAHighOne()
    {
        using var scope = NewDisposeScope();
        EvidenceEstimate At(double scale)
        {
            var model = ConjugateEvidence.NormalMean(scale);
            return Evidence.ByImportance(model.Model, model.Guide, model.Data, new RandomKey(8), 5000);
        }

        // A Gaussian posterior of variance v = 1/6 under a Gaussian guide of variance s²: the weights' tail has k = 1 − s² / v where s² < v.
        Assert.True(At(0.5).ParetoK < 0.5, At(0.5).ToString());
        var narrow = At(0.12);
        Assert.True(narrow.ParetoK > 0.7, narrow.ToString());
        Assert.True(narrow.EffectiveSampleSize < 0.2 * At(0.5).EffectiveSampleSize, narrow.ToString());
    }

    [Fact]
    public void SmoothingTakesVarianceOutOfAHeavyTail()
    {
        using var scope = NewDisposeScope();
        var model = ConjugateEvidence.NormalMean(guideScale: 0.25);
        var runs = Enumerable.Range(0, 100).Select(i => Evidence.ByImportance(model.Model, model.Guide, model.Data, new RandomKey(i), 200)).ToList();
        double Error(Func<EvidenceEstimate, double> of) => Math.Sqrt(runs.Average(run => Math.Pow(of(run) - model.Exact, 2)));
        Assert.True(Error(run => run.SmoothedLogEvidence) < Error(run => run.LogEvidence), $"{Error(run => run.SmoothedLogEvidence)} against {Error(run => run.LogEvidence)}");
    }

    [Fact]
    public void EachShapeHasItsMeaning()
    {
        Assert.Contains("can be trusted", EvidenceEstimate.Meaning(0.49), StringComparison.Ordinal);
        Assert.Contains("still useful", EvidenceEstimate.Meaning(0.5), StringComparison.Ordinal);
        Assert.Contains("too slowly", EvidenceEstimate.Meaning(0.7), StringComparison.Ordinal);
        Assert.Contains("of no use", EvidenceEstimate.Meaning(1), StringComparison.Ordinal);
        Assert.Contains("more draws", EvidenceEstimate.Meaning(double.NaN), StringComparison.Ordinal);
    }
}
