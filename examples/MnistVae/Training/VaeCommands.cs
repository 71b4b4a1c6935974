using System.Globalization;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Reports;
using MnistVae.Runs;
using Spectre.Console;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>The verbs' work on the inference engine.</summary>
internal sealed partial class VaeCommands : IVaeCommands
{
    private const int SheetSize = 100;
    private const int PairCount = 40;
    private const int Columns = 10;

    public void Train(TrainOptions options, DigitData data, RunFolder run, bool resume, CommandContext context)
    {
        using var session = new Session(options, data.Train.Count, options.Device, options.Threads);
        var trainer = new Trainer(options, data, run, session);
        if (resume)
        {
            trainer.Resume();
        }

        var train = new Batches(data.Train, options.Binarize, options.Seed);
        using (var images = train.Load([.. Enumerable.Range(0, Math.Min(options.Batch, train.Count))], epoch: 0, session.Vae.Device))
        {
            // A table is not to be wrapped at the console's width.
            var writer = context.Console.Profile.Out.Writer;
            writer.WriteLine(session.Svi.Explain(images));
            if (Swaps.Diff(session.Vae, session.Elbo, images) is { } diff)
            {
                writer.WriteLine("What the swaps changed in the base model's ELBO:");
                writer.WriteLine(diff);
            }
        }

        context.Console.WriteLine();
        string bound = options.Objective == Objective.Iwae ? $"L_{options.Particles}" : "ELBO";
        string above = options.Objective == Objective.Iwae ? $"; {bound}, the importance weighted bound, is at least as high" : "";
        context.Console.WriteLine($"Terms are in nats an image: ELBO = reconstruction − KL{above}.");
        try
        {
            TrainingDisplay.Run(context.Console, bound, display => trainer.Train(display, context.Cancellation));
        }
        catch (OperationCanceledException)
        {
            // What fails here is told first; either way the program does not end as if all had gone well.
            ThrowIfFailed(Draw(options, data, run, session));
            throw;
        }

        string? failure = Draw(options, data, run, session);
        context.Console.WriteLine($"Run kept in {run.Folder}: {RunFolder.RecordName}, {RunFolder.HistoryName}, {Checkpoint.Name}, {Pictures.Samples}, {Pictures.Reconstructions}{(failure is null ? $", {RunReport.Name}" : "")}.");
        ThrowIfFailed(failure);
    }

    public void Evaluate(EvaluateOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        var test = TestOf(run, data, options.Seed);
        var figures = Evaluation.Of(session, run.Record.Options, test, run.Record.Data.TrainCount, options, context.Cancellation);
        if (options.Json)
        {
            context.Console.Profile.Out.Writer.WriteLine(EvaluationReport.ToJson(figures, run.Folder, options.Seed, data.Source));
        }
        else
        {
            context.Console.Write(EvaluationReport.ToTable(figures));
        }
    }

    public void Sample(SampleOptions options, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        Pictures.DrawSamples(session.Vae, options.Count, options.Columns, options.Seed, options.Out);
        context.Console.WriteLine($"{options.Count} digits from the prior: {options.Out}");
    }

    public void Reconstruct(ReconstructOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        var test = TestOf(run, data, options.Seed);
        Pictures.DrawReconstructions(session.Vae, test, options.Count, options.Columns, options.Seed, options.Out);
        context.Console.WriteLine($"Test images over their reconstructions: {options.Out}");
    }

    public void Complete(CompleteOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        var test = TestOf(run, data, options.Seed);
        Pictures.DrawCompletions(session.Vae, test, options, context.Cancellation);
        context.Console.WriteLine($"Test images over what was made of them with one half hidden: {options.Out}");
    }

    public void Report(ReportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        RunReport.Write(run.Record.Options, data, run, session);
        context.Console.Profile.Out.Writer.WriteLine($"Page of the run: {run.PathOf(RunReport.Name)}");
    }

    public void Count(CountOptions options, DigitData data, CommandContext context)
    {
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        var table = new Table().Title($"Ink of an image, after {options.Steps:N0} steps with K = {options.Draws}")
            .AddColumns("codes drawn", "spread learnt", "log p(x), exact", $"estimate, K = {options.Draws}", $"effective of {CountStudy.Weights} draws", "underflow at the start without log-sum-exp");
        foreach (var row in CountStudy.Run(data, options, context.Cancellation))
        {
            table.AddRow(row.Draws, Text(row.Spread), Text(row.Exact), Text(row.Estimate), Text(row.EffectiveSampleSize), row.UnderflowAtStart.ToString("P1", CultureInfo.InvariantCulture));
        }

        context.Console.Write(table);
    }

    // What did best on the validation images where the run kept it, as the other verbs show it; training's own session stays as it is.
    private static string? Draw(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        if (run.Has(Checkpoint.BestName))
        {
            using var best = Open(run, options.Device, options.Threads);
            return DrawFrom(best, options, data, run);
        }

        return DrawFrom(session, options, data, run);
    }

    private static string? DrawFrom(Session session, TrainOptions options, DigitData data, RunFolder run)
    {
        var test = new Batches(data.Test, options.Binarize, options.Seed);
        Pictures.DrawSamples(session.Vae, SheetSize, Columns, options.Seed, run.PathOf(Pictures.Samples));
        Pictures.DrawReconstructions(session.Vae, test, PairCount, Columns, options.Seed, run.PathOf(Pictures.Reconstructions));
        return RunReport.TryWrite(options, data, run, session);
    }

    private static void ThrowIfFailed(string? failure)
    {
        if (failure is not null)
        {
            throw new UserError(failure);
        }
    }

    private static Session Open(RunFolder run, DeviceKind device, int threads)
    {
        var session = new Session(run.Record.Options, run.Record.Data.TrainCount, device, threads);
        Checkpoint.LoadBest(run, session.Svi);
        return session;
    }

    private static Batches TestOf(RunFolder run, DigitData data, long seed) => new(data.Test, run.Record.Options.Binarize, seed);

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
