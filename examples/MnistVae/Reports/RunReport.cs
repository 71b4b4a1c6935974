using System.Diagnostics;
using System.Globalization;
using ProbVae.Reports;

namespace MnistVae;

/// <summary>The page that shows a run: what was asked for, what was derived, how training went, what the model makes.</summary>
public sealed class RunReport
{
    /// <summary>The file in the run's folder.</summary>
    public const string Name = "report.html";

    private const int MostCodes = 1000;
    private const int CodesAtOnce = 250;

    private readonly TrainOptions options;
    private readonly DigitData data;
    private readonly RunFolder run;
    private readonly Session session;
    private readonly Vae vae;
    private readonly DigitSet test;
    private readonly RunHistory history;

    private RunReport(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        (this.options, this.data, this.run, this.session, vae) = (options, data, run, session, session.Vae);
        test = data.Test;
        history = RunHistory.Of("", run);
    }

    /// <summary>Writes the page into the run's folder, whole or not at all.</summary>
    public static void Write(TrainOptions options, DigitData data, RunFolder run, Session session) =>
        run.Write(Name, new RunReport(options, data, run, session).Compose().Write);

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
        // Of the parameters that are shown, which a best checkpoint may have from before the last step.
        long step = session.Svi.StepCount;
        string best = history.Best?.Step == step ? Text($" of {history.Validations[^1].Step:N0}, where the validation images did best") : "";
        return new Report(
            $"{vae.Generative.Name}: {Path.GetFileName(run.Folder)}",
            Text($"{data.Source.Name}, {data.Train.Count:N0} training and {data.Test.Count:N0} test images; started {run.Record.Started:yyyy-MM-dd HH:mm}; pictures and codes are those after step {step:N0}{best}."),
            [Overview(), Model(), Training(), Latent(), Drawn(), Cost()]);
    }

    private Section Overview()
    {
        (string, string)[] source =
        [
            ("name", data.Source.Name),
            ("images", Text($"{data.Train.Count:N0} training, {data.Validation?.Count ?? 0:N0} validation, {data.Test.Count:N0} test")),
            ("files", data.Source switch
            {
                { IsOriginal: true } => "as published",
                { Origin: DataOrigin.Procedural } => "none: drawn by this program, not MNIST",
                _ => "not those published",
            }),
        ];
        return new Section("Run", [
            new Facts([.. Comparison.Results(run, history, history.WeightedBound ?? RunHistory.AnyWeightedBound).Where(fact => fact.Value != Comparison.None)]),
            new Paragraph("Options:"),
            new Facts([.. Comparison.Options(run.Record with { Options = options })]),
            new Paragraph("Data:"),
            new Facts(source),
            new Paragraph($"Pixels: {data.Source.Pixels}."),
            .. data.Source.Notices.Select(notice => new Paragraph(notice)),
        ]);
    }

    private Section Model()
    {
        using var images = data.Train.Load(vae.Device, Rows.All(Math.Min(options.Batch, data.Train.Count)));
        var derived = session.Svi.Explain(images);
        var sites = derived.Sites.Select(site => (string[])
        [
            site.Name, site.Role, site.Family, site.Batch.ToString(), site.Event.ToString(),
            string.Join(", ", site.Plates), Text($"{site.Scale:G6}"), site.Gradient, site.How,
        ]);
        Block[] labels = vae.ReadsLabels ? [new Paragraph("The likelihood and the guide read the image's label too, which is data and no site.")] : [];
        Block[] swaps = session.SwapDiff(images) is { } diff
            ? [new Paragraph("What the swaps changed in the base model's ELBO:"), new Preformatted(diff)]
            : [];
        return new Section("Model and derived ELBO", [
            new Preformatted(derived.Formula) { Wraps = true },
            new Table(["site", "role", "family", "batch", "event", "plates", "scale", "gradient", "term"], [.. sites]),
            .. labels,
            .. swaps,
            new ModelGraph("The model's graph: latent variables white, observations shaded, plates as boxes", vae.Generative.Render(images)),
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
        var chosen = test.Take(MostCodes);
        var key = new RandomKey(options.Seed);
        var studies = vae.Latents.Select(latent => (Name: $"{latent}", Codes: vae.CodesOf(latent, chosen, CodesAtOnce, key))).ToList();
        try
        {
            Block[] map = options.Latent > 1 ? [Map(studies[^1].Codes, chosen.Labels?.data<byte>().ToArray())] : [];
            Block[] unlabelled = test.Labels is not null ? [] : [new Paragraph("These images have no labels, so the codes are not coloured by digit.")];
            Block[] manifold = options is { Latent: 2, Structure: Structure.Plain } ? [Manifold()] : [];
            string line = vae.ReadsLabels ? ", with the left image's label" : "";
            return new Section("Latent code", [
                new Paragraph(string.Join(" ", studies.Select(study => Sentence(study.Name, study.Codes)))),
                new SideBySide([.. studies.Select(study => Bars(study.Name, study.Codes)), .. map]),
                .. unlabelled,
                .. manifold,
                new Picture(
                    Pictures.OfInterpolations(vae, test, options.Seed),
                    $"Interpolations: test images at both ends, and means at codes on the line between theirs{line}"),
            ]);
        }
        finally
        {
            studies.ForEach(study => study.Codes.Dispose());
        }
    }

    private Picture Manifold()
    {
        var (manifold, isOfPrior) = Pictures.OfManifold(vae);
        string prior = isOfPrior ? "the prior" : "Normal(0, 1), which is not the prior";
        return new Picture(manifold, $"The latent manifold: 20 × 20 codes, evenly spaced in probability under {prior}");
    }

    private static string Sentence(string name, LatentCodes codes)
    {
        string active = Text($"{codes.ActiveUnits()} of {codes.Numbers} dimensions of {name} are active: Var E[{name} | x] > {LatentCodes.ActiveVariance}.");
        return codes.Kl is null ? $"{active} The KL term of {name} has no closed form that is a sum over dimensions, so only the variances are shown." : active;
    }

    private static BarChart Bars(string name, LatentCodes codes)
    {
        var (title, unit) = codes.Kl is null
            ? ($"Var E[{name} | x] of each dimension, sorted", "variance over images")
            : ($"KL of each dimension of {name}, sorted", "nats an image");
        var activity = codes.Activity();
        var bars = (codes.KlByNumber() ?? activity).Select((value, i) => new Bar($"{i + 1}", value, activity[i] > LatentCodes.ActiveVariance));
        return new BarChart(title, "dimension", unit, [.. bars.OrderByDescending(bar => bar.Value)], "active", "not active");
    }

    private static ScatterChart Map(LatentCodes codes, byte[]? labels)
    {
        bool isPlane = codes.Numbers == 2;
        var (points, first, second) = codes.PrincipalComponents();
        var places = isPlane
            ? [.. codes.Mean.data<double>().ToArray().Chunk(2).Select(code => new ChartPoint(code[0], code[1]))]
            : points.Select(point => new ChartPoint(point.X, point.Y)).ToList();
        ScatterClass[] classes = labels is null
            ? [new ScatterClass("test image", places)]
            : [.. Enumerable.Range(0, ImageBatch.Classes).Select(digit => new ScatterClass($"{digit}", [.. places.Where((_, i) => labels[i] == digit)]))];
        string title = Text($"Codes of {codes.Rows:N0} test images");
        string[] axes = [Text($"component 1 ({first:P0} of the variance)"), Text($"component 2 ({second:P0} of the variance)")];
        return isPlane ? new(title, "first number", "second number", classes) : new($"{title}, first two principal components", axes[0], axes[1], classes);
    }

    private Section Drawn() => new("Pictures", new SideBySide(
        new Picture(
            Pictures.OfSamples(vae, seed: options.Seed),
            vae.ReadsLabels ? "New digits: a style a row, a digit a column" : "New digits: means at codes from the prior"),
        new Picture(Pictures.OfReconstructions(vae, test, seed: options.Seed), "Test images, and below each its reconstruction")));

    private Section Cost()
    {
        using var process = Process.GetCurrentProcess();
        double[] seconds = [.. history.Epochs.Select(row => row.Seconds).Order()];
        return new Section("Time and memory", new Facts([
            ("training, seconds", Text($"{seconds.Sum():F1}")),
            ("seconds an epoch, median", seconds.Length == 0 ? Comparison.None : Text($"{seconds[seconds.Length / 2]:F1}")),
            ("threads for torch", options.Threads == 0 ? "torch's choice" : $"{options.Threads}"),
            ("most memory of the process that wrote this page", Text($"{process.PeakWorkingSet64 / (1024.0 * 1024):N0} MiB")),
        ]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
