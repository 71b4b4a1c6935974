using System.Xml.Linq;
using MnistVae.Tests.Models;
using ProbVae;
using TorchSharp;

namespace MnistVae.Tests.Reports;

public sealed class RunReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<TrainOptions> Models => new()
    {
        SmallDigits.Options with { Latent = 2 },
        SmallDigits.Options with { Latent = 1, Prior = Prior.Laplace, Binarize = Binarization.None, Likelihood = Likelihood.Gaussian },
        SmallDigits.Options with { Posterior = PosteriorKind.Flow, Prior = Prior.Mixture },
        SmallDigits.Options with { Structure = Structure.Conditional, Latent = 2 },
        SmallDigits.Options with { Structure = Structure.Hierarchical, Upper = 2 },
        SmallDigits.Options with { Objective = Objective.Iwae, Particles = 3 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void TheReportOfAnyModelIsAWholePageThatStandsAlone(TrainOptions options)
    {
        using var trained = Train(options);
        Assert.Null(RunReport.TryWrite(options, trained.Data, trained.Run, trained.Session));
        var html = File.ReadAllText(trained.Run.PathOf(RunReport.Name));
        var page = XDocument.Parse(html[(html.IndexOf("<html", StringComparison.Ordinal))..]);
        Assert.Equal(
            ["Run", "Model and derived ELBO", "Training", "Latent code", "Pictures", "Time and memory"],
            page.Descendants("h2").Select(heading => heading.Value));
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
        Assert.Contains(trained.Session.Svi.Explain(trained.Batch).Formula, page.Descendants("pre").Select(text => text.Value));
        var pictures = options is { Latent: 2, Structure: Structure.Plain } ? 4 : 3;
        Assert.Equal(pictures, page.Descendants("img").Count());
        var captions = page.Descendants("figcaption").Select(caption => caption.Value).ToList();
        Assert.All(["ELBO", "Reconstruction, E_q log p(x | z)", "KL(q ‖ p)", "Norm of the gradient, mean of an epoch", "Speed of training"], title => Assert.Contains(title, captions));
        Assert.Equal(options.Objective == Objective.Iwae, captions.Contains("Importance weighted bound, L_3"));
        Assert.Equal(options.Objective == Objective.Iwae, page.Descendants("dt").Any(name => name.Value == "train L_3, last epoch"));
        Assert.DoesNotContain("No values to show.", html, StringComparison.Ordinal);
        Assert.Contains("are those after step 3.", html, StringComparison.Ordinal);
        Assert.Equal(options.Latent > 1, captions.Any(caption => caption.StartsWith("Codes of 16 test images", StringComparison.Ordinal)));
    }

    [Fact]
    public void WhatDidBestIsShownAndTrainingsOwnParametersStayAsTheyAre()
    {
        // So fast that the eight images held out soon do worse.
        var options = SmallDigits.Options with { Epochs = 1000, Steps = 1000, ValidateEvery = 2, HoldOut = 8, LearningRate = 0.03, Patience = 3 };
        var data = SmallDigits.Data().HoldOut(options.HoldOut);
        var run = RunFolder.Create(folder.At("best"), RunRecord.Start(options, data.Source), overwrite: true);
        using var output = new StringWriter();
        var commands = new VaeCommands();
        commands.Train(options, data, run, resume: false, new CommandContext(output, output, CancellationToken.None));

        var validations = run.Validations.Read();
        var (best, last) = (validations.MaxBy(row => row.Elbo)!.Step, validations[^1].Step);
        Assert.Equal(last - 6, best);
        Assert.Contains($"those after step {best} of {last}, where the validation images did best.", File.ReadAllText(run.PathOf(RunReport.Name)), StringComparison.Ordinal);
        using var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        run.Load(session.Svi);
        Assert.Equal(last, session.Svi.StepCount);
        byte[] atLast = Samples(session, options);
        run.Training.LoadBest(session.Svi);
        byte[] atBest = Samples(session, options);
        var drawn = File.ReadAllBytes(run.PathOf(Pictures.Samples));
        Assert.Equal(atBest, drawn);
        Assert.NotEqual(atLast, drawn);

        // Without the kept one, the last is shown, and the page does not claim more.
        File.Delete(run.PathOf(TrainingFolder.BestName));
        commands.Report(new ReportOptions { Threads = 1 }, data, run, new CommandContext(output, output, CancellationToken.None));
        Assert.Contains($"those after step {last}.", File.ReadAllText(run.PathOf(RunReport.Name)), StringComparison.Ordinal);
    }

    private static byte[] Samples(Session session, TrainOptions options) => Pictures.OfSamples(session.Vae, seed: options.Seed);

    [Fact]
    public void AReportThatCannotBeWrittenIsASentenceAndTheRunStaysWhole()
    {
        using var trained = Train(SmallDigits.Options);
        var path = trained.Run.PathOf(RunReport.Name);
        Directory.CreateDirectory(path);
        var sentence = RunReport.TryWrite(SmallDigits.Options, trained.Data, trained.Run, trained.Session);
        Assert.StartsWith("report.html could not be written (", sentence, StringComparison.Ordinal);
        Assert.EndsWith("but the run is whole; try again with the verb report.", sentence, StringComparison.Ordinal);
        Assert.True(trained.Run.Has(TrainingFolder.LastName));
        Assert.Throws<FileNotWrittenException>(() => RunReport.Write(SmallDigits.Options, trained.Data, trained.Run, trained.Session));
    }

    [Fact]
    public void TheKlOfTheDimensionsSumsToTheKlTerm()
    {
        using var trained = Train(SmallDigits.Options);
        using var codes = Codes(trained);
        var measured = SmallDigits.Measure(trained.Session, trained.Data.Test, SmallDigits.Options.Batch, SmallDigits.Count);
        // Both are exact; single precision leaves a few parts in a million.
        Assert.Equal(1, codes.KlByNumber()!.Sum() / measured.Kl, 1e-4);
        Assert.Equal(3, codes.Activity().Count);
    }

    [Fact]
    public void ActivityIsTheVarianceOfTheMeansAndOfDrawsWhereThereIsNoMean()
    {
        using var exact = Train(SmallDigits.Options);
        using var known = Codes(exact);
        var rows = known.Mean.data<double>().ToArray().Chunk(3).ToList();
        for (var i = 0; i < 3; i++)
        {
            var mean = rows.Average(code => code[i]);
            Assert.Equal(rows.Sum(code => Math.Pow(code[i] - mean, 2)) / (rows.Count - 1), known.Activity()[i], 1e-5);
        }

        // Untrained flows: q hardly depends on the image, and a draw's variance is near 1. The variance of a mean of 32 draws over 16 images is
        // then near 1 / 32 with a standard error of √(2 / 15) / 32 = 0.011; were it not taken off, the average over 3 dimensions would show it.
        using var drawn = Train(SmallDigits.Options with { Posterior = PosteriorKind.Flow, LearningRate = 1e-8 });
        using var estimated = Codes(drawn);
        Assert.Null(estimated.KlByNumber());
        Assert.InRange(estimated.Activity().Average(), -0.02, 0.02);
    }

    private static LatentCodes Codes(Trained trained)
    {
        return trained.Session.Vae.CodesOf(trained.Session.Vae.Code, trained.Data.Test, SmallDigits.Count, new RandomKey(1));
    }

    private Trained Train(TrainOptions options)
    {
        var data = SmallDigits.Data(options.Binarize);
        var run = RunFolder.Create(folder.At("run"), RunRecord.Start(options, data.Source), overwrite: true);
        var session = new Session(options, data.Train.Count, DeviceKind.Cpu, threads: 1);
        using var output = new StringWriter();
        new Trainer(options, data, run, session).Train(_ => { }, CancellationToken.None);
        return new Trained(data, run, session, data.Train.Load(torch.CPU, Rows.All(options.Batch)));
    }

    private sealed record Trained(DigitData Data, RunFolder Run, Session Session, ImageBatch Batch) : IDisposable
    {
        public void Dispose()
        {
            Batch.Dispose();
            Session.Dispose();
        }
    }
}
