namespace MnistVae;

/// <summary>The training of a run: the library's loop over its images, with rows in its histories and a display.</summary>
public sealed class Trainer
{
    private readonly RunFolder run;
    private readonly Session session;
    private readonly TrainingLoop<ImageBatch> loop;
    private readonly long perEpoch;
    private readonly string bound;

    /// <param name="time">The clock for checkpoints; the system's unless given.</param>
    public Trainer(TrainOptions options, DigitData data, RunFolder run, Session session, TimeProvider? time = null)
    {
        (this.run, this.session) = (run, session);
        var device = session.Vae.Device;
        var train = data.Train.ToLearn(options.Batch, device, new RandomKey(options.Seed).Fold("images"), options.Prefetch, session.Svi.Group);
        (perEpoch, bound) = (train.PerPass, options.WeightedBound ?? "ELBO");
        var validates = options.ValidateEvery is not null && data.Validation is not null;
        loop = TrainingLoop.For(session.Svi, train, run.Training, new()
        {
            Passes = options.Epochs,
            Steps = options.Steps,
            Validation = validates ? Measured(data.Validation!) : null,
            ValidateEvery = options.ValidateEvery ?? 1,
            Patience = validates ? options.Patience : null,
            Test = Measured(data.Test),
            CheckpointEvery = TimeSpan.FromMinutes(options.CheckpointMinutes),
            Bound = session.BoundOf,
            Time = time ?? TimeProvider.System,
        });

        Minibatches<ImageBatch> Measured(DigitSet images) => images.InOrder(Math.Min(options.Batch, data.Train.Count), device, session.Svi.Group);
    }

    /// <summary>Takes up a run where its checkpoint left it, or at its beginning where it was killed before the first.</summary>
    public void Resume()
    {
        loop.Resume();
        run.History.TruncateTo(loop.SettledStep / perEpoch);
        if (run.Has(RunFolder.ValidationName))
        {
            run.Validations.TruncateTo(loop.SettledStep);
        }
    }

    /// <summary>What shows the training.</summary>
    public TrainingProgress ShowOn(StatusLine line) => new(line, loop.LastPass, perEpoch) { Bound = bound, Elements = "images" };

    /// <summary>Trains until the last step or until patience is lost; an interrupt keeps what was learnt and is thrown on.</summary>
    /// <param name="told">Called as training goes, when the histories have their rows.</param>
    public void Train(Action<TrainingEvent> told, CancellationToken cancellation)
    {
        try
        {
            loop.Run(happened => Note(happened, told), cancellation);
        }
        catch (ModelException failure) when (session.Svi.StepCount > 0 || failure is NonFiniteException)
        {
            // What fitted the first step and does not fit this one is what training made of it.
            var kept = run.Training.HasLast ? "the last checkpoint is unchanged" : "no checkpoint was written yet";
            throw new UserError($"Training stopped at step {session.Svi.StepCount}: {failure.Problems[0]} Try a smaller --learning-rate or --clip-norm; {kept}.", failure);
        }
    }

    private void Note(TrainingEvent happened, Action<TrainingEvent> told)
    {
        if (happened is PassEnded { Training: var pass, Test: var test } ended)
        {
            run.History.Append(new(
                (int)ended.Pass, pass.Bound, pass.LogLikelihood, pass.Kl, test?.Bound, test?.LogLikelihood, test?.Kl,
                pass.GradientNorm, pass.ElementsPerSecond, pass.Seconds));
        }
        else if (happened is Validated { Measured: var means } validated)
        {
            run.Validations.Append(new(validated.Step, means.Bound, means.LogLikelihood, means.Kl, validated.Took.TotalSeconds));
        }

        told(happened);
    }
}
