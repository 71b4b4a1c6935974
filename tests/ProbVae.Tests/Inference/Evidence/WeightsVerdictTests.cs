namespace ProbVae.Tests.Inference;

/// <summary>Cases C1 and C2: what is said of importance weights weighs k̂, effective size and number of draws, and claims no more than they can tell.</summary>
public sealed class WeightsVerdictTests
{
    /// <summary>Case C2.</summary>
    [Theory]
    [InlineData(0.9)]
    [InlineData(1.4)]
    public void WeightsThatHardlyDifferAreGoodWhateverTheirTail(double k)
    {
        var text = Estimate(4000, (k, 3969)).ToString();
        Assert.Contains("effective size 3,969 of 4,000 draws", text, StringComparison.Ordinal);
        Assert.Contains("is good where the draws fall", text, StringComparison.Ordinal);
        Assert.DoesNotContain("of no use", text, StringComparison.Ordinal);
    }

    /// <summary>Case C1: k̂ does not see what the guide never draws.</summary>
    [Fact]
    public void ALowShapeIsNoWordOnWhatIsNeverDrawn()
    {
        var text = Estimate(4000, (0.49, 900)).ToString();
        Assert.Contains("where the draws fall", text, StringComparison.Ordinal);
        Assert.Contains("what is never drawn, a mode elsewhere, shows in none of these figures", text, StringComparison.Ordinal);
        Assert.Contains("is never drawn", EvidenceEstimate.Meaning(0.49), StringComparison.Ordinal);
    }

    [Fact]
    public void FewDrawsBearLessOfATail()
    {
        Assert.Contains("take 500", Estimate(50, (0.62, 20)).Verdict, StringComparison.Ordinal);
        Assert.Contains("standard error is optimistic", Estimate(5000, (0.62, 2000)).Verdict, StringComparison.Ordinal);
        Assert.Contains("worth 30 of 5,000 draws only", Estimate(5000, (0.3, 30)).Verdict, StringComparison.Ordinal);
        Assert.Contains("too few weights", Estimate(10, (double.NaN, 5)).Verdict, StringComparison.Ordinal);
        Assert.Contains("of no use", Estimate(5000, (1.2, 3)).Verdict, StringComparison.Ordinal);
        Assert.Contains("weight 0", Estimate(5000, (double.NaN, 0)).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void TheElementThatFaresWorstIsSpokenOf()
    {
        // The highest shape belongs to weights that hardly differ; the other element's are worth three draws.
        Assert.Contains("(k̂ 0.80, effective size 3 of 4,000 draws)", Estimate(4000, (0.9, 3990), (0.8, 3)).Verdict, StringComparison.Ordinal);
    }

    private static EvidenceEstimate Estimate(int draws, params (double K, double Size)[] elements) =>
        new("importance sampling", draws, [], [.. elements.Select(element => new EvidenceElement(-10, 0.01, element.Size, element.K, -10))]);
}
