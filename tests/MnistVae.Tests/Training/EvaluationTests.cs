using System.Text.Json;
using MnistVae.Tests.Models;
using Spectre.Console;

namespace MnistVae.Tests.Training;

public sealed class EvaluationTests
{
    private static readonly EvaluateOptions Options = new() { Particles = 50, Batch = 6, Threads = 1 };

    [Fact]
    public void TheFiguresFitEachOther()
    {
        var figures = Measure(SmallDigits.Options, Options);
        Assert.Equal((16, 0L, 50, 3), (figures.Images, figures.Steps, figures.Draws, figures.Latent));
        Assert.Equal(figures.Reconstruction - figures.Kl, figures.Elbo, 1e-9);

        // The ELBO is the bound with one draw: below that with 50, by what an untrained guide loses.
        Assert.True(figures.LogEvidence > figures.Elbo, $"{figures.LogEvidence} is not above {figures.Elbo}.");
        Assert.InRange(figures.LowestEffectiveSampleSize, 1, figures.EffectiveSampleSize);
        Assert.InRange(figures.EffectiveSampleSize, 1, 50);
        Assert.InRange(figures.ParetoKAboveLimit!.Value, 0, 1);
        Assert.InRange(figures.MutualInformation!.Value, -0.5, Math.Log(16));
        Assert.InRange(figures.ActiveUnits, 0, 3);
        Assert.True(figures.LogEvidenceStandardError > 0 && figures.LogEvidenceMonteCarloError > 0);
        Assert.Null(figures.ImportanceWeightedBound);
    }

    [Fact]
    public void TheSameSeedGivesTheSameFigures()
    {
        Assert.Equal(Measure(SmallDigits.Options, Options), Measure(SmallDigits.Options, Options));
        Assert.NotEqual(Measure(SmallDigits.Options, Options).LogEvidence, Measure(SmallDigits.Options, Options with { Seed = 1 }).LogEvidence);
    }

    [Fact]
    public void WhatThereIsNotIsNull()
    {
        var iwae = Measure(SmallDigits.Options with { Objective = Objective.Iwae, Particles = 5, Posterior = PosteriorKind.Flow }, Options with { Particles = 1 });
        Assert.Equal(5, iwae.BoundDraws);
        Assert.True(iwae.ImportanceWeightedBound > iwae.Elbo);
        Assert.Null(iwae.MutualInformation);
        Assert.Null(iwae.ParetoK);
        Assert.Null(iwae.ParetoKAboveLimit);
        Assert.Null(iwae.LogEvidenceMonteCarloError);
    }

    [Fact]
    public void TheJsonHasStableNames()
    {
        var figures = Measure(SmallDigits.Options, Options);
        using var document = JsonDocument.Parse(figures.ToJson("a run", 7, SmallDigits.Data().Source));
        Assert.Equal(["format", "run", "data", "pixels", "seed", "figures"], document.RootElement.EnumerateObject().Select(property => property.Name));
        var written = document.RootElement.GetProperty("figures");
        Assert.Equal(
            ["images", "steps", "elbo", "importanceWeightedBound", "boundDraws", "reconstruction", "kl", "logEvidence", "logEvidenceStandardError",
                "logEvidenceMonteCarloError", "draws", "effectiveSampleSize", "lowestEffectiveSampleSize", "paretoK", "paretoKAboveLimit", "latent",
                "activeUnits", "mutualInformation"],
            written.EnumerateObject().Select(property => property.Name));
        Assert.Equal(figures.LogEvidence, written.GetProperty("logEvidence").GetDouble());
        Assert.Equal(JsonValueKind.Null, written.GetProperty("importanceWeightedBound").ValueKind);
    }

    [Fact]
    public void TheTableSaysAllOfIt()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        console.Write(Measure(SmallDigits.Options, Options).ToTable());
        console.Write(Measure(SmallDigits.Options with { Posterior = PosteriorKind.Flow }, Options with { Particles = 1 }).ToTable());
        string[] parts = ["ELBO", "E_q log p(x|z)", "50 importance samples", "effective sample size", "Pareto k̂ above 0.7", "Var E[z|x] > 0.01", "at most log 16 = 2.77", "± unknown", "too few draws", "not measured with flows"];
        Assert.All(parts, part => Assert.Contains(part, output.ToString(), StringComparison.Ordinal));
    }

    private static Evaluation Measure(TrainOptions trained, EvaluateOptions options)
    {
        using var session = SmallDigits.Session(trained);
        var test = new Batches(SmallDigits.Data().Test, trained.Binarize, options.Seed);
        return Evaluation.Of(session, trained, test, SmallDigits.Count, options, CancellationToken.None);
    }
}
