using System.Diagnostics;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>
/// Passes over the training images, with a checkpoint after each pass, after each validation and when interrupted; the checkpoint
/// that did best on the validation images is kept apart.
/// </summary>
public sealed class Trainer
{
    private readonly TrainOptions options;
    private readonly RunFolder run;
    private readonly Session session;
    private readonly Batches train;
    private readonly Batches? validation;
    private readonly Batches test;
    private EpochSums sums = new();
    private BestSoFar? best;

    public Trainer(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        (this.options, this.run, this.session) = (options, run, session);
        train = new Batches(data.Train, options.Binarize, options.Seed);
        validation = options.ValidateEvery is null || data.Validation is null ? null : new Batches(data.Validation, options.Binarize, options.Seed);
        test = new Batches(data.Test, options.Binarize, options.Seed);
    }

    private long Step => session.Svi.StepCount;

    private int PerEpoch => train.PerEpoch(options.Batch);

    private long LastStep => Math.Min((long)options.Epochs * PerEpoch, options.Steps ?? long.MaxValue);

    private int LastEpoch => (int)((LastStep + PerEpoch - 1) / PerEpoch);

    private TrainingState State => new(sums, best);

    /// <summary>Takes up a run where its checkpoint left it.</summary>
    public void Resume()
    {
        (sums, best) = Checkpoint.Load(run, session.Svi);
        run.History.TruncateTo(Step / PerEpoch);
        if (validation is not null)
        {
            run.Validations.TruncateTo(Step);
        }
    }

    /// <summary>Trains until the last step; an interrupt keeps what was learnt and is thrown on.</summary>
    public void Train(TrainingDisplay display, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(display);
        try
        {
            while (Step < LastStep)
            {
                TrainEpoch((int)(Step / PerEpoch) + 1, display, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            Checkpoint.Save(run, session.Svi, State);
            throw;
        }
        catch (ModelException failure)
        {
            throw new UserError($"Training stopped at step {Step}: {failure.Problems[0]} Try a smaller --learning-rate; the last checkpoint is unchanged.", failure);
        }
    }

    private void TrainEpoch(int epoch, TrainingDisplay display, CancellationToken cancellation)
    {
        var done = (int)(Step % PerEpoch);
        foreach (var chosen in train.Shuffled(epoch, options.Batch).Skip(done))
        {
            cancellation.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            using var images = train.Load(chosen, epoch, session.Vae.Device);
            var step = session.Svi.Step(images);
            sums = sums.Add(step, session.BoundOf(step), chosen.Length, train.Count, Stopwatch.GetElapsedTime(started).TotalSeconds);
            display.Update(sums.ToStep(epoch, LastEpoch, ++done, PerEpoch));
            if (done == PerEpoch)
            {
                EndEpoch(epoch, display, cancellation);
            }

            // A measurement that an interrupt cuts short is not made up for: the next one is near.
            if (validation is not null && (Step % options.ValidateEvery == 0 || Step == LastStep))
            {
                Validate(validation, display, cancellation);
            }

            if (Step == LastStep)
            {
                Checkpoint.Save(run, session.Svi, State);
                return;
            }
        }
    }

    private void EndEpoch(int epoch, TrainingDisplay display, CancellationToken cancellation)
    {
        var measured = session.Measure(test, options.Batch, train.Count, cancellation);
        var row = sums.ToRow(epoch, measured.Elbo / measured.Images);
        sums = new EpochSums();
        Checkpoint.Save(run, session.Svi, State);
        run.History.Append(row);
        display.EpochDone(row, LastEpoch);
    }

    private void Validate(Batches images, TrainingDisplay display, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var row = session.Measure(images, options.Batch, train.Count, cancellation)
            .ToValidation(Step, Stopwatch.GetElapsedTime(started).TotalSeconds);
        var isBest = best is null || row.Elbo > best.Elbo;
        if (isBest)
        {
            best = new BestSoFar(Step, row.Elbo);
            Checkpoint.Save(run, session.Svi, State, Checkpoint.BestName);
        }

        Checkpoint.Save(run, session.Svi, State);
        run.Validations.Append(row);
        display.Validated(row, isBest);
    }
}
