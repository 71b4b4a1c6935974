using MnistVae.Tests.Models;

namespace MnistVae.Tests.Reports;

public sealed class ComparisonTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void OnlyOptionsThatDifferAreShownAndWhatWasReached()
    {
        var first = Run("first", SmallDigits.Options, -100, -101, -99.5);
        var second = Run("second", SmallDigits.Options with { Latent = 5, Posterior = PosteriorKind.Flow }, -90, -91, null);
        first.Validations.Append(new ValidationRow(3, -98, -90, 8, 0.5));
        first.Validations.Append(new ValidationRow(6, -99, -90, 9, 0.5));
        File.WriteAllText(second.PathOf(Comparison.EvaluationName), """{"format": 1, "figures": {"logEvidence": -87.654}}""");
        var comparison = new Comparison([first, second]);
        Assert.Equal(["first", "second"], comparison.Names);
        var rows = comparison.Rows.ToDictionary(row => row.Name, row => row.Values);
        Assert.Equal(["3", "5"], rows["latent"]);
        Assert.Equal(["mean field", "flow"], rows["posterior"]);
        Assert.False(rows.ContainsKey("batch"));
        Assert.Equal(["2", "1"], rows["epochs done"]);
        Assert.Equal(["-101.00", "-90.00"], rows["train ELBO, last epoch"]);
        Assert.Equal(["-99.50", "-91.00"], rows["test ELBO, best epoch"]);
        Assert.Equal(["-98.00", "–"], rows["best validation, ELBO"]);
        Assert.Equal(["3", "–"], rows["best validation, step"]);
        Assert.Equal(["–", "-87.65"], rows["log p(x), if evaluated"]);
    }

    [Fact]
    public void RunsWithoutHistoryOrWithADamagedEvaluationAreComparedAllTheSame()
    {
        var first = Run("a/run", SmallDigits.Options, null, null, null);
        var second = Run("b/run", SmallDigits.Options, null, null, null);
        File.WriteAllText(second.PathOf(Comparison.EvaluationName), "{\"figures\": 3}");
        var comparison = new Comparison([first, second]);
        Assert.Equal([first.Folder, second.Folder], comparison.Names);
        Assert.Empty(comparison.Rows);
        Assert.Contains("No values to show.", comparison.ToReport().ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheCurvesOfAllRunsLieOverOneAnother()
    {
        var html = new Comparison([Run("first", SmallDigits.Options, -100, -101, -99), Run("second", SmallDigits.Options, -90, -91, null)]).ToReport().ToHtml();
        Assert.Contains("first, training", html, StringComparison.Ordinal);
        Assert.Contains("second, test", html, StringComparison.Ordinal);
        Assert.DoesNotContain("validation</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void AnElboIsSetBesideAnElboAndAWeightedBoundStandsApart()
    {
        var plain = Run("plain", SmallDigits.Options, -100, -101, -99.5);
        var weighted = RunFolder.Create(folder.At("weighted"), RunRecord.Start(SmallDigits.Options with { Objective = Objective.Iwae, Particles = 5 }, SmallDigits.Data().Source), overwrite: false);
        weighted.History.Append(new EpochRow(1, -95, -90, 8, -96, -91, 9, 2, 1000, 2));
        weighted.Validations.Append(new ValidationRow(3, -97, -90, 9, 0.5));
        weighted.Validations.Append(new ValidationRow(6, -96, -92, 8, 0.5));
        var rows = new Comparison([plain, weighted]).Rows.ToDictionary(row => row.Name, row => row.Values);
        Assert.Equal(["-101.00", "-98.00"], rows["train ELBO, last epoch"]);
        Assert.Equal(["–", "-95.00"], rows["train L_K, last epoch"]);
        Assert.Equal(["-99.50", "-100.00"], rows["test ELBO, last epoch"]);
        Assert.Equal(["–", "-96.00"], rows["test L_K, best epoch"]);
        // The best is that of the bound, whose ELBO is the lower one here.
        Assert.Equal(["–", "-100.00"], rows["best validation, ELBO"]);
        Assert.Equal(["–", "-96.00"], rows["best validation, L_K"]);
        Assert.Equal(["–", "6"], rows["best validation, step"]);
    }

    private RunFolder Run(string name, TrainOptions options, double? elbo, double? test, double? better)
    {
        var run = RunFolder.Create(folder.At(name), RunRecord.Start(options, SmallDigits.Data().Source), overwrite: false);
        if (elbo is { } first)
        {
            run.History.Append(new EpochRow(1, first, first + 10, 10, test, null, null, null, 1000, 2));
        }

        if (better is { } second)
        {
            run.History.Append(new EpochRow(2, elbo!.Value - 1, second + 9, 9, second, null, null, null, 1000, 2));
        }

        return run;
    }
}
