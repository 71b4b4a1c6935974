using System.Diagnostics;
using System.Globalization;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Runs;
using MnistVae.Training;
using ProbVae;
using ProbVae.Reports;
using ProbVae.Training;

namespace MnistVae.Reports;

/// <summary>The page that shows a run: what was asked for, what was derived, how training went, what the model makes.</summary>
public sealed class RunReport
{
    /// <summary>The file in the run's folder.</summary>
    public const string Name = "report.html";

    private const int SheetSize = 100;
    private const int PairCount = 40;
    private const int Columns = 10;

    private readonly TrainOptions options;
    private readonly DigitData data;
    private readonly RunFolder run;
    private readonly Session session;
    private readonly Batches test;
    private readonly RunHistory history;

    private RunReport(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        (this.options, this.data, this.run, this.session) = (options, data, run, session);
        test = new Batches(data.Test, options.Binarize, options.Seed);
        history = RunHistory.Of("", run);
    }

    // Of the parameters that are shown, which a best checkpoint may have from before the last step.
    private string Moment => string.Create(
        CultureInfo.InvariantCulture,
$"step {session.Svi.StepCount:N0}{(history.Best?.Step == session.Svi.StepCount ? $" of {history.Validations[^1].Step:N0}, where the validation images did best" : "")}");

    private RandomKey Key => new(unchecked((ulong)options.Seed));

    /// <summary>Writes the page into the run's folder, whole or not at all.</summary>
    public static void Write(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(session);
        var report = new RunReport(options, data, run, session).Compose();
        run.Write(Name, report.Write);
    }

    /// <summary>Writes the page, or says in one sentence why there is none: what was learnt must not be lost for a picture of it.</summary>
    /// <returns>The sentence, or null where the page was written.</returns>
    public static string? TryWrite(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        try
        {
            Write(options, data, run, session);
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"{Name} could not be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}), but the run is whole; try again with the verb report.";
        }
    }

    private Report Compose()
    {
        string images = string.Create(CultureInfo.InvariantCulture, $"{data.Source.Name}, {data.Train.Count:N0} training and {data.Test.Count:N0} test images");
        string made = string.Create(CultureInfo.InvariantCulture, $"started {run.Record.Started:yyyy-MM-dd HH:mm}; pictures and codes are those after {Moment}");
        return new Report(
            $"{session.Vae.Generative.Name}: {Path.GetFileName(run.Folder)}",
            $"{images}; {made}.",
            [Overview(), Model(), Training(), Latent(), Pictures(), Cost()]);
    }

    private Section Overview()
    {
        (string, string)[] source =
        [
            ("name", data.Source.Name),
            ("images", string.Create(CultureInfo.InvariantCulture, $"{data.Train.Count:N0} training, {data.Validation?.Count ?? 0:N0} validation, {data.Test.Count:N0} test")),
            ("files", data.Source.IsOriginal ? "as published" : data.Source.Origin == DataOrigin.Procedural ? "none: drawn by this program, not MNIST" : "not those published"),
        ];
        return new Section("Run", [
            new Facts([.. RunFacts.Results(run, history.WeightedBound ?? RunHistory.AnyWeightedBound).Where(fact => fact.Value != RunFacts.None)]),
            new Paragraph("Options:"),
            new Facts(RunFacts.Options(options)),
            new Paragraph("Data:"),
            new Facts(source),
            new Paragraph($"Pixels: {data.Source.Pixels}."),
            .. data.Source.Notices.Select(notice => new Paragraph(notice)),
        ]);
    }

    private Section Model()
    {
        var train = new Batches(data.Train, options.Binarize, options.Seed);
        using var images = train.Load([.. Enumerable.Range(0, Math.Min(options.Batch, train.Count))], epoch: 0, session.Vae.Device);
        var derived = session.Svi.Explain(images);
        var sites = new Table(
            ["site", "role", "family", "batch", "event", "plates", "scale", "gradient", "term"],
            [.. derived.Sites.Select(site => new[] { site.Name, site.Role, site.Family, site.Batch.ToString(), site.Event.ToString(), string.Join(", ", site.Plates), site.Scale.ToString("G6", CultureInfo.InvariantCulture), site.Gradient, site.How })]);
        Block[] swaps = Swaps.Diff(session.Vae, session.Elbo, images) is { } diff ? [new Paragraph("What the swaps changed in the base model's ELBO:"), new Preformatted(diff)] : [];
        Block[] labels = session.Vae.ReadsLabels ? [new Paragraph("The likelihood and the guide read the image's label too, which is data and no site.")] : [];
        return new Section("Model and derived ELBO", [
            new Preformatted(derived.Formula) { Wraps = true },
            sites,
            .. labels,
            .. swaps,
            new ModelGraph("The model's graph: latent variables white, observations shaded, plates as boxes", session.Vae.Generative.Render(images)),
        ]);
    }

    private Section Training() => new("Training", [
        new SideBySide([.. Curves.Of([history]), Curves.Of([history], CurveTerm.Speed)]),
        new Paragraph(string.Join(" ", Remarks())),
    ]);

    private IEnumerable<string> Remarks()
    {
        yield return "Terms are in nats an image: ELBO = reconstruction − KL.";
        if (history.WeightedBound is { } bound)
        {
            yield return $"What was ascended is {bound}, the importance weighted bound of {options.Particles} draws (Burda, Grosse and Salakhutdinov 2016), which lies between the ELBO and log p(x).";
        }

        if (options.KlWeight != 1 || options.KlWarmUp > 0)
        {
            yield return "Training weighted the KL term; the curves do not.";
        }

        yield return "A training point is the mean over its epoch, while the model still changes.";
        yield return history.Epochs.Any(row => row.GradientNorm is not null)
            ? $"The gradient's norm is that over all parameters{(options.ClipNorm is null ? "" : ", before it was clipped")}."
            : "This run's history has no norms of gradients, so there is no chart of them.";
    }

    private Section Latent()
    {
        var study = CodeStudy.Of(session.Vae, test, data.Train.Count, Key);
        var blocks = new List<Block> { new Paragraph(string.Join(" ", study.Uses.Select(Sentence))) };
        var figures = study.Uses.SelectMany(Charts).ToList<Block>();
        if (options.Latent > 1)
        {
            figures.Add(Map(study));
        }

        blocks.Add(new SideBySide(figures));
        if (study.Labels is null)
        {
            blocks.Add(new Paragraph("These images have no labels, so the codes are not coloured by digit."));
        }

        return new Section("Latent code", [.. blocks, .. LatentSheets()]);
    }

    private IEnumerable<Block> LatentSheets()
    {
        if (options.Latent == 2 && options.Structure == Structure.Plain)
        {
            var (manifold, isOfPrior) = LatentPictures.Manifold(session.Vae, data.Train.Count);
            yield return new Picture(manifold, $"The latent manifold: 20 × 20 codes, evenly spaced in probability under {(isOfPrior ? "the prior" : "Normal(0, 1), which is not the prior")}");
        }

        yield return new Picture(
            LatentPictures.Interpolations(session.Vae, test, data.Train.Count, Key),
            $"Interpolations: test images at both ends, and means at codes on the line between theirs{(session.Vae.ReadsLabels ? ", with the left image's label" : "")}");
    }

    private static string Sentence(LatentUse use) =>
        string.Create(CultureInfo.InvariantCulture, $"{use.Active} of {use.Activity.Count} dimensions of {use.Name} are active: Var E[{use.Name} | x] > {LatentCodes.ActiveVariance}.")
        + (use.Kl is null ? $" The KL term of {use.Name} has no closed form that is a sum over dimensions, so only the variances are shown." : "");

    private static IEnumerable<Block> Charts(LatentUse use)
    {
        var active = use.Activity.Select(LatentUse.IsActive).ToList();
        if (use.Kl is { } kl)
        {
            yield return new BarChart(
                $"KL of each dimension of {use.Name}, sorted", "dimension", "nats an image",
                [.. kl.Select((value, i) => new Bar($"{i + 1}", value, active[i])).OrderByDescending(bar => bar.Value)], "active", "not active");
        }
        else
        {
            yield return new BarChart(
                $"Var E[{use.Name} | x] of each dimension, sorted", "dimension", "variance over images",
                [.. use.Activity.Select((value, i) => new Bar($"{i + 1}", value, active[i])).OrderByDescending(bar => bar.Value)], "active", "not active");
        }
    }

    private ScatterChart Map(CodeStudy study)
    {
        var isPlane = options.Latent == 2;
        var (points, first, second) = isPlane
            ? ([.. study.Codes.Select(code => ((double)code[0], (double)code[1]))], 1, 1)
            : PrincipalComponents.Of(study.Codes);
        ScatterClass[] classes = study.Labels is { } labels
            ? [.. Enumerable.Range(0, ImageBatch.Classes).Select(digit => new ScatterClass($"{digit}", [.. points.Where((_, i) => labels[i] == digit).Select(point => new ChartPoint(point.X, point.Y))]))]
            : [new ScatterClass("test image", [.. points.Select(point => new ChartPoint(point.X, point.Y))])];
        string title = string.Create(CultureInfo.InvariantCulture, $"Codes of {study.Codes.Count:N0} test images");
        return isPlane
            ? new(title, "first number", "second number", classes)
            : new($"{title}, first two principal components", Axis(1, first), Axis(2, second), classes);
    }

    private static string Axis(int number, double share) => string.Create(CultureInfo.InvariantCulture, $"component {number} ({share:P0} of the variance)");

    private Section Pictures()
    {
        using var samples = new MemoryStream();
        using var pairs = new MemoryStream();
        MnistVae.Training.Pictures.WriteSamples(session.Vae, SheetSize, Columns, options.Seed, samples);
        MnistVae.Training.Pictures.WriteReconstructions(session.Vae, test, PairCount, Columns, options.Seed, pairs);
        return new Section("Pictures", new SideBySide(
            new Picture(samples.ToArray(), session.Vae.ReadsLabels ? "New digits: a style a row, a digit a column" : "New digits: means at codes from the prior"),
            new Picture(pairs.ToArray(), "Test images, and below each its reconstruction")));
    }

    private Section Cost()
    {
        using var process = Process.GetCurrentProcess();
        string peak = string.Create(CultureInfo.InvariantCulture, $"{process.PeakWorkingSet64 / (1024.0 * 1024):N0} MiB");
        var epochs = history.Epochs;
        return new Section("Time and memory", new Facts([
                ("training, seconds", epochs.Sum(row => row.Seconds).ToString("F1", CultureInfo.InvariantCulture)),
                ("seconds an epoch, median", epochs.Count == 0 ? RunFacts.None : epochs.Select(row => row.Seconds).Order().ElementAt(epochs.Count / 2).ToString("F1", CultureInfo.InvariantCulture)),
                ("threads for torch", options.Threads == 0 ? "torch's choice" : $"{options.Threads}"),
                ("most memory of the process that wrote this page", peak),
            ]));
    }
}
