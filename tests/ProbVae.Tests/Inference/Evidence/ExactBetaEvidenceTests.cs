using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>An A/B test's evidence: p ~ Beta(1, 1), k of n ~ Binomial(n, p), and the exact posterior for a guide.</summary>
public sealed class ExactBetaEvidenceTests
{
    /// <summary>Case B3. The evidence is 1/(n + 1) whatever k is; the stated error, three of which hold it, and float32's rounding of 14 nats.</summary>
    [Theory]
    [InlineData(1e4)]
    [InlineData(1e6)]
    [InlineData(1e7)]
    public void The_evidence_is_that_of_any_count(double trials)
    {
        using var scope = NewDisposeScope();
        var successes = Math.Round(0.31 * trials);
        var model = Model.Given<Tensor>("a/b").Sample("p", new Beta(1, 1), out var p).Observe("k", s => Binomial.FromProbs(trials, s[p]), out _).Build();
        var guide = Guide.For(model).Sample(p, _ => new Beta(successes + 1, trials - successes + 1)).Build();
        var evidence = Evidence.ByImportance(model, guide, tensor((float)successes), new RandomKey(5), draws: 2000);
        Assert.Equal(-Math.Log(trials + 1), evidence.LogEvidence, (3 * evidence.StandardError) + 2e-6);
        Assert.True(evidence.StandardError < 1e-5);
    }
}
