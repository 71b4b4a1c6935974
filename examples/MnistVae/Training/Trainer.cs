using System.Diagnostics;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>
/// Steps on the training images. A checkpoint is written after each pass, after each validation, when interrupted, and so often that
/// no more than some minutes can be lost; the one that did best on the validation images is kept apart.
/// </summary>
public sealed class Trainer
{
    private readonly TrainOptions options;
    private readonly RunFolder run;
    private readonly Session session;
    private readonly Batches train;
    private readonly Batches? validation;
    private readonly Batches test;
    private readonly CheckpointFile file;
    private EpochSums sums = new();
    private BestSoFar? best;
    private int misses;

    // Whether what belongs to the last step, measurements and their rows, is still to be done.
    private bool isOpen;

    /// <param name="time">The clock for checkpoints; the system's unless given.</param>
    public Trainer(TrainOptions options, DigitData data, RunFolder run, Session session, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(run);
        (this.options, this.run, this.session) = (options, run, session);
        train = new Batches(data.Train, options.Binarize, options.Seed);
        validation = options.ValidateEvery is null || data.Validation is null ? null : new Batches(data.Validation, options.Binarize, options.Seed);
        test = new Batches(data.Test, options.Binarize, options.Seed);
        file = new CheckpointFile(run.PathOf(Checkpoint.Name), TimeSpan.FromMinutes(options.CheckpointMinutes), time);
    }

    private long Step => session.Svi.StepCount;

    private int PerEpoch => train.PerEpoch(options.Batch);

    private long LastStep => Math.Min((long)options.Epochs * PerEpoch, options.Steps ?? long.MaxValue);

    private int LastEpoch => (int)((LastStep + PerEpoch - 1) / PerEpoch);

    private bool LostPatience => misses >= options.Patience;

    private bool IsOver => Step >= LastStep || LostPatience;

    private TrainingState State => new(sums, best, misses, isOpen);

    /// <summary>Takes up a run where its checkpoint left it, or at its beginning where it was killed before the first.</summary>
    public void Resume()
    {
        if (run.Has(Checkpoint.Name))
        {
            (sums, best, misses, isOpen) = Checkpoint.Load(run, session.Svi);
        }

        // A row is written before the checkpoint that includes it, so there may be one too many, and never one too few.
        var settled = isOpen ? Step - 1 : Step;
        run.History.TruncateTo(settled / PerEpoch);
        if (validation is not null)
        {
            run.Validations.TruncateTo(settled);
        }
    }

    /// <summary>Trains until the last step or until patience is lost; an interrupt keeps what was learnt and is thrown on.</summary>
    public void Train(TrainingDisplay display, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(display);
        try
        {
            if (isOpen)
            {
                Settle(display, cancellation);
            }

            TakeSteps(display, cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
        catch (ModelException failure) when (Step > 0 || failure is NonFiniteException)
        {
            // What fitted the first step and does not fit this one is what training made of it.
            var kept = file.Exists ? "the last checkpoint is unchanged" : "no checkpoint was written yet";
            throw new UserError($"Training stopped at step {Step}: {failure.Problems[0]} Try a smaller --learning-rate or --clip-norm; {kept}.", failure);
        }

        if (LostPatience && Step < LastStep)
        {
            display.StoppedEarly(Step, misses, best!.Step);
        }
    }

    private void TakeSteps(TrainingDisplay display, CancellationToken cancellation)
    {
        var feed = new BatchFeed(train, options.Batch, session.Vae.Device, options.Prefetch);
        using var batches = feed.From(Step, LastStep).GetEnumerator();
        while (!IsOver)
        {
            cancellation.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            batches.MoveNext();
            using var images = batches.Current;
            var step = session.Svi.Step(images);
            sums = sums.Add(step, session.BoundOf(step), (int)images.Count, train.Count, Stopwatch.GetElapsedTime(started).TotalSeconds);
            isOpen = true;
            display.Update(sums.ToStep((int)((Step - 1) / PerEpoch) + 1, LastEpoch, (int)((Step - 1) % PerEpoch) + 1, PerEpoch));
            Settle(display, cancellation);
        }
    }

    // Measures all that belongs to a step before anything of it is noted, so that an interrupt leaves either all of it or nothing.
    private void Settle(TrainingDisplay display, CancellationToken cancellation)
    {
        var measured = Step % PerEpoch == 0 ? session.Measure(test, options.Batch, train.Count, cancellation) : null;
        var validated = validation is not null && (Step % options.ValidateEvery == 0 || Step == LastStep) ? Measure(validation, cancellation) : null;
        if (measured is not null)
        {
            EndEpoch(measured, display);
        }

        if (validated is not null)
        {
            Note(validated, display);
        }

        isOpen = false;
        if (measured is not null || validated is not null || IsOver || file.IsDue)
        {
            Save();
        }
    }

    private void EndEpoch(EpochSums measured, TrainingDisplay display)
    {
        var row = sums.ToRow((int)(Step / PerEpoch), measured.Elbo / measured.Images);
        sums = new EpochSums();
        run.History.Append(row);
        display.EpochDone(row, LastEpoch);
    }

    private ValidationRow Measure(Batches images, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        return session.Measure(images, options.Batch, train.Count, cancellation).ToValidation(Step, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private void Note(ValidationRow row, TrainingDisplay display)
    {
        var isBest = best is null || row.Elbo > best.Elbo;
        run.Validations.Append(row);
        (best, misses) = isBest ? (new BestSoFar(Step, row.Elbo), 0) : (best, misses + 1);
        if (isBest)
        {
            Checkpoint.Save(run, session.Svi, State with { IsOpen = false }, Checkpoint.BestName);
        }

        display.Validated(row, isBest);
    }

    private void Save()
    {
        try
        {
            file.Write(stream => Checkpoint.Write(stream, session.Svi, State));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(file.Path, error);
        }
    }
}
