namespace MnistVae;

/// <summary>The verbs' work; each may throw <see cref="UserError"/>. Open, so that a test can see what the command line asks for.</summary>
public class VaeCommands
{
    /// <summary>The processes that train or evaluate together.</summary>
    public IProcessGroup Group { get; init; } = ProcessGroup.Alone;

    /// <summary>Trains from the beginning or, where <paramref name="resume"/> says so, from the run's checkpoint.</summary>
    public virtual void Train(TrainOptions options, DigitData data, RunFolder run, bool resume, CommandContext context)
    {
        DigitSet?[] sets = [data.Train, data.Validation, data.Test];
        if (Array.Find(sets, set => set?.Count % options.Batch is > 0 and var rest && rest < Group.Size) is { Count: var count })
        {
            throw new UserError($"--batch is {options.Batch}, so the last of {count} images' minibatches has {count % options.Batch}, fewer than the {Group.Size} processes that share it; choose another --batch.");
        }

        using var session = new Session(options, data.Train.Count, options.Device, options.Threads);
        session.Svi.Across(Group);
        var trainer = new Trainer(options, data, run, session);
        if (resume)
        {
            trainer.Resume();
        }

        Explain(session, data.Train, options.Batch, context);
        string above = options.WeightedBound is { } bound ? $"; {bound}, the importance weighted bound, is at least as high" : "";
        context.Output.WriteLine($"Terms are in nats an image: ELBO = reconstruction − KL{above}.");
        try
        {
            bool moves = context.Output == Console.Out && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("CI") is null;
            using var progress = trainer.ShowOn(new StatusLine(context.Output, moves));
            trainer.Train(progress.Show, context.Cancellation);
        }
        catch (OperationCanceledException) when (Group.Rank == 0)
        {
            // What fails here is told first; either way the program does not end as if all had gone well.
            ThrowIfFailed(Show(options, data, run, session));
            throw;
        }

        if (Group.Rank > 0)
        {
            return;
        }

        string? failure = Show(options, data, run, session);
        string[] kept = [RunFolder.RecordName, RunFolder.HistoryName, TrainingFolder.LastName, Pictures.Samples, Pictures.Reconstructions, RunReport.Name];
        context.Output.WriteLine($"Run kept in {run.Folder}: {string.Join(", ", kept.Where(run.Has))}.");
        ThrowIfFailed(failure);
    }

    /// <summary>Measures the trained model of a run on the test images.</summary>
    public virtual void Evaluate(EvaluateOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        session.Svi.Across(Group);
        var test = data.Test.Batches(Math.Min(options.Batch, run.Record.Data.TrainCount), session.Vae.Device);
        var how = new EvaluationOptions(options.Particles) { Codes = [session.Vae.Code] };
        var figures = ModelEvaluation.Of(session.Svi, test, new RandomKey(options.Seed), how, context.Cancellation);
        context.Output.WriteLine(options.Json ? figures.ToJson() : figures.ToString());
    }

    /// <summary>Draws new digits from the trained model of a run.</summary>
    public virtual void Sample(SampleOptions options, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        byte[] sheet = Pictures.OfSamples(session.Vae, options.Count, options.Columns, options.Seed);
        Put(options.Out ?? run.PathOf(Pictures.Samples), sheet, $"{options.Count} digits from the prior", context);
    }

    /// <summary>Puts test images over their reconstructions.</summary>
    public virtual void Reconstruct(ReconstructOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        byte[] sheet = Pictures.OfReconstructions(session.Vae, data.Test, options.Count, options.Columns, options.Seed);
        Put(options.Out ?? run.PathOf(Pictures.Reconstructions), sheet, "Test images over their reconstructions", context);
    }

    /// <summary>Hides half of each test image and fills it in.</summary>
    public virtual void Complete(CompleteOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        byte[] sheet = Pictures.OfCompletions(session.Vae, data.Test, options, context.Cancellation);
        Put(options.Out ?? run.PathOf("completions.png"), sheet, "Test images over what was made of them with one half hidden", context);
    }

    /// <summary>Writes the page that shows a run.</summary>
    public virtual void Report(ReportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        RunReport.Write(run.Record.Options, data, run, session);
        context.Output.WriteLine($"Page of the run: {run.PathOf(RunReport.Name)}");
    }

    /// <summary>Serves a page to look at the trained model of a run with, until it is interrupted.</summary>
    public virtual async Task ExploreAsync(ExploreOptions options, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        await using var site = await ExploreSite.StartAsync(options.Port, new LatentExplorer(session, run)).ConfigureAwait(false);
        context.Output.WriteLine($"Explore {run.Folder} at {site.Address} (on this machine alone; Ctrl-C stops it).");
        await site.ServeAsync(context.Cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes the trained model of a run, its codes of the test images and its samples as files that other programs read.</summary>
    public virtual void Export(ExportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Session.Open(run, options);
        string folder = options.Out ?? run.PathOf("export");
        var lines = MnistVae.Export.Write(session, data.Test, options, folder, context.Cancellation);
        context.Output.WriteLine($"Written to {folder}:");
        lines.ToList().ForEach(line => context.Output.WriteLine($"  {line}"));
    }

    private static void Explain(Session session, DigitSet train, int batch, CommandContext context)
    {
        using var images = train.Load(session.Vae.Device, Rows.All(Math.Min(batch, train.Count)));
        context.Output.WriteLine(session.Svi.Explain(images).ToString());
        if (session.SwapDiff(images) is { } diff)
        {
            context.Output.WriteLine("What the swaps changed in the base model's ELBO:");
            context.Output.WriteLine(diff);
        }

        context.Output.WriteLine();
    }

    // What did best on the validation images where the run kept it, as the other verbs show it; training's own session stays as it is, and
    // where it is one of several processes, what it measures all would have to.
    private string? Show(TrainOptions options, DigitData data, RunFolder run, Session trained)
    {
        using var best = run.Training.HasBest || Group.Size > 1 ? Session.Open(run, options.Device, options.Threads) : null;
        var shown = best ?? trained;
        run.Write(Pictures.Samples, stream => stream.Write(Pictures.OfSamples(shown.Vae, seed: options.Seed)));
        run.Write(Pictures.Reconstructions, stream => stream.Write(Pictures.OfReconstructions(shown.Vae, data.Test, seed: options.Seed)));
        return RunReport.TryWrite(options, data, run, shown);
    }

    private static void Put(string path, byte[] sheet, string what, CommandContext context)
    {
        WholeFile.Write(path, stream => stream.Write(sheet));
        context.Output.WriteLine($"{what}: {path}");
    }

    private static void ThrowIfFailed(string? failure)
    {
        if (failure is not null)
        {
            throw new UserError(failure);
        }
    }
}
