using System.Text.Json;
using ProbVae.Tests.Inference.Distributed;
using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

/// <summary>An evaluation against a model whose figures all have closed forms; its text and JSON; and what is refused.</summary>
public sealed class ModelEvaluationTests
{
    private static readonly RandomKey Key = new(8);

    [Fact]
    public void TheExactPosteriorsFiguresHaveTheirClosedForms()
    {
        using var linear = new LinearGaussian(400);
        using var x = LinearGaussian.Rows(400);
        var figures = ModelEvaluation.Of(linear.Svi, x.split(150), Key, new EvaluationOptions(Draws: 30));
        var exact = LinearGaussian.LogEvidence(x);
        Assert.Equal(("rows", 400, 0L, 30), (figures.Plate, figures.Rows, figures.Steps, figures.Draws));

        // Every weight is p(x), but for float32's rounding; and the bound is tight.
        Assert.Equal(exact.Average(), figures.LogEvidence, 1e-5);
        Assert.Equal(Math.Sqrt(exact.Sum(value => Math.Pow(value - exact.Average(), 2)) / 399 / 400), figures.LogEvidenceStandardError!.Value, 1e-5);
        Assert.Equal(0, figures.LogEvidenceMonteCarloError!.Value, 1e-6);
        Assert.Equal(30, figures.LowestEffectiveSampleSize, 1e-3);

        // KL(Normal(0.4 x, 1/5) ‖ Normal(0, 1)) = ½ (1/5 + 0.16 x² − 1 + log 5), exactly.
        var kl = x.to(ScalarType.Float64).square().mul(0.16).add(0.2 - 1 + Math.Log(5)).div(2).mean().item<double>();
        Assert.Equal(kl, figures.Kl, 1e-5);

        // Var_q log p(x | z) is below ½ + 4 · 0.2 · E(x − 0.8x)² < 1 a draw, with 400 rows of 200: 5 standard errors.
        Assert.Equal(exact.Average(), figures.Elbo, 5 / Math.Sqrt(400 * 200));
        Assert.Equal(figures.Elbo, figures.Ascended, 1e-5);
        Assert.Equal(figures.Reconstruction - figures.Kl, figures.Elbo, 1e-9);

        var code = Assert.Single(figures.Codes);
        Assert.Equal(("z", 2, 1), (code.Site, code.Numbers, code.ActiveUnits));

        // As in LatentCodesTests, with 400 rows.
        Assert.Equal(0.5 * Math.Log(5), code.MutualInformation!.Value, (4 / Math.Sqrt(400)) + 0.02);
        Assert.Equal(0, code.MarginalKl!.Value, (4 / Math.Sqrt(400)) + 0.02);
    }

    [Fact]
    public void AGuideThatIsTooWideIsSeen()
    {
        using var linear = new LinearGaussian(100, spread: 3);
        using var x = LinearGaussian.Rows(100);
        var figures = ModelEvaluation.Of(linear.Svi, x.split(50), Key, new EvaluationOptions(Draws: 2000));
        var exact = LinearGaussian.LogEvidence(x).Average();

        // The bound loses KL(q ‖ p(z | x)) = 2 · ½ (9 − 1 − log 9), estimated to 7 standard errors of 0.036; the evidence nothing, to 5 of its standard errors.
        Assert.Equal(exact - 8 + Math.Log(9), figures.Elbo, 0.25);
        Assert.Equal(exact, figures.LogEvidence, 5 * figures.LogEvidenceMonteCarloError!.Value);

        // E w² / (E w)² = (9 / √17)² for two numbers, so K · 17/81 draws are worth as much.
        Assert.Equal(2000 * 17.0 / 81, figures.EffectiveSampleSize, 30.0);
        Assert.True(figures.ParetoK < 0.5, $"k̂ is {figures.ParetoK}.");
        Assert.Equal(0, figures.ParetoKAboveLimit);
    }

    [Fact]
    public void AnotherBoundIsToldBesideTheElbo()
    {
        using var linear = new LinearGaussian(60, Elbo.Iwae(20), spread: 3);
        using var x = LinearGaussian.Rows(60);
        var figures = ModelEvaluation.Of(linear.Svi, [x], Key);
        Assert.True(figures.Ascended > figures.Elbo + 1, $"{figures.Ascended} is not far above {figures.Elbo}.");
        Assert.Contains("what is ascended", figures.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameKeyGivesTheSameFiguresAndNoTensorIsLeft()
    {
        using var linear = new LinearGaussian(30);
        using var x = LinearGaussian.Rows(30);
        using var scope = NewDisposeScope();
        var first = ModelEvaluation.Of(linear.Svi, [x], Key).ToJson();
        Assert.Equal(first, ModelEvaluation.Of(linear.Svi, [x], Key).ToJson());
        Assert.NotEqual(first, ModelEvaluation.Of(linear.Svi, [x], new RandomKey(9)).ToJson());
        Assert.Empty(scope.DisposablesView);
        Assert.Empty(ModelEvaluation.Of(linear.Svi, [x], Key, new EvaluationOptions { Codes = [] }).Codes);
    }

    [Theory]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    public void ProcessesHaveTheFiguresOfOne(int ranks, int size)
    {
        using var x = LinearGaussian.Rows(90);
        var wanted = Figures(ProcessGroup.Alone);
        Assert.All(ThreadGroup.RunAll(ranks, Figures), found => Assert.Equal(wanted, found));

        string Figures(IProcessGroup group)
        {
            using var scope = NewDisposeScope();
            using var linear = new LinearGaussian(90, Elbo.Iwae(20), spread: 3);
            linear.Svi.Across(group);
            return ModelEvaluation.Of(linear.Svi, x.split(size), Key, new EvaluationOptions(Draws: 30)).ToJson();
        }
    }

    [Fact]
    public void BatchesThatAreDividedAlreadyAreRefused()
    {
        using var x = LinearGaussian.Rows(90);
        Assert.All(ThreadGroup.Run(2, group =>
        {
            using var scope = NewDisposeScope();
            using var linear = new LinearGaussian(90);
            linear.Svi.Across(group);
            var divided = Minibatches.InOrder(x, 30, group);
            return ModelEvaluation.Of(linear.Svi, [divided.Of(0), divided.Of(1)], Key);
        }), one => Assert.Contains("The first part is not the same on rank 0 and rank 1.", one.Failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void TheJsonHasStableNames()
    {
        using var linear = new LinearGaussian(30);
        using var x = LinearGaussian.Rows(30);
        var figures = ModelEvaluation.Of(linear.Svi, [x], Key, new EvaluationOptions(Draws: 10));
        using var document = JsonDocument.Parse(figures.ToJson());
        Assert.Equal(["format", "figures"], document.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(1, document.RootElement.GetProperty("format").GetInt32());
        var written = document.RootElement.GetProperty("figures");
        Assert.Equal(
            ["plate", "rows", "steps", "elbo", "ascended", "reconstruction", "kl", "logEvidence", "logEvidenceStandardError", "logEvidenceMonteCarloError", "draws",
                "effectiveSampleSize", "lowestEffectiveSampleSize", "paretoK", "paretoKAboveLimit", "codes"],
            written.EnumerateObject().Select(property => property.Name));
        Assert.Equal(figures.LogEvidence, written.GetProperty("logEvidence").GetDouble());
        Assert.Equal(JsonValueKind.Null, written.GetProperty("paretoK").ValueKind);
        Assert.Equal(["site", "numbers", "activeUnits", "mutualInformation", "marginalKl"], written.GetProperty("codes")[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void TheTableIsAligned()
    {
        var figures = new ModelEvaluation(
            "images", 1000, 12_000, -103.31, -103.31, -78.2, 25.11, -97.1, 0.75, null, 128, 20.5, 1.24, null, null, [new("z", 50, 22, null, 1.5)]);
        string[] expected =
        [
            "1,000 rows of plate 'images', after 12,000 steps; in nats a row",
            "  ELBO                              -103.31",
            "  reconstruction, E_q log p(x | z)   -78.20",
            "  KL(q(z | x) ‖ p(z))                 25.11",
            "  log p(x), 128 importance samples   -97.10  ± 0.75, the standard error over rows",
            "    its error for want of draws     unknown",
            "    effective sample size              20.5  of 128; the lowest 1.2",
            "    Pareto k̂                        unknown  too few draws to judge by; 21 are needed",
            "  active units of z                      22  of 50: Var E[z | x] > 0.01",
            "    mutual information I_q(x; z)    unknown  q(z | x) is no Normal",
            "    KL(q(z) ‖ p(z))                    1.50  of the aggregate posterior",
        ];
        Assert.Equal(string.Join(Environment.NewLine, expected), figures.ToString());
    }

    [Fact]
    public void HeldOutRowsMayBeMoreThanTheTrainingData()
    {
        using var linear = new LinearGaussian(30);
        using var x = LinearGaussian.Rows(30);
        Assert.Equal(60, ModelEvaluation.Of(linear.Svi, [x, x], Key).Rows);
    }

    [Fact]
    public void WhatCannotBeEvaluatedIsRefusedInASentence()
    {
        using var linear = new LinearGaussian(30);
        using var x = LinearGaussian.Rows(30);
        Assert.Contains("at least one", Assert.Throws<ArgumentException>(() => ModelEvaluation.Of(linear.Svi, [], Key)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelEvaluation.Of(linear.Svi, [x], Key, new EvaluationOptions(Draws: 0)));
        Assert.Throws<OperationCanceledException>(() => ModelEvaluation.Of(linear.Svi, [x], Key, cancellation: new CancellationToken(canceled: true)));

        using var scope = NewDisposeScope();
        using var loc = new TorchSharp.Modules.Parameter(tensor(0f));
        var model = Model.Given<Tensor>("one").Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build(), Elbo.MeanField(), parameters => optim.SGD(parameters, 0.1));
        var global = Assert.Throws<ModelException>(() => ModelEvaluation.Of(svi, [tensor(1f)], Key));
        Assert.Contains("have no plate in common", global.Message, StringComparison.Ordinal);
    }
}
