using System.Diagnostics;
using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>Passes over the training images, with a checkpoint after each and when interrupted.</summary>
public sealed class Trainer
{
    private readonly TrainOptions options;
    private readonly RunFolder run;
    private readonly Session session;
    private readonly Batches train;
    private readonly Batches test;
    private EpochSums sums = new();

    public Trainer(TrainOptions options, DigitData data, RunFolder run, Session session)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        (this.options, this.run, this.session) = (options, run, session);
        train = new Batches(data.Train, options.Binarize, options.Seed);
        test = new Batches(data.Test, options.Binarize, options.Seed);
    }

    private int PerEpoch => train.PerEpoch(options.Batch);

    /// <summary>Takes up a run where its checkpoint left it.</summary>
    public void Resume()
    {
        sums = Checkpoint.Load(run, session.Svi);
        run.History.TruncateTo((int)(session.Svi.StepCount / PerEpoch));
    }

    /// <summary>Trains until the last epoch; an interrupt keeps what was learnt and is thrown on.</summary>
    public void Train(TrainingDisplay display, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(display);
        try
        {
            for (var epoch = (int)(session.Svi.StepCount / PerEpoch) + 1; epoch <= options.Epochs; epoch++)
            {
                TrainEpoch(epoch, display, cancellation);
                var row = sums.ToRow(epoch, TestElbo(cancellation));
                sums = new EpochSums();
                Checkpoint.Save(run, session.Svi, sums);
                run.History.Append(row);
                display.EpochDone(row, options.Epochs);
            }
        }
        catch (OperationCanceledException)
        {
            Checkpoint.Save(run, session.Svi, sums);
            throw;
        }
        catch (ModelException failure)
        {
            throw new UserError($"Training stopped at step {session.Svi.StepCount}: {failure.Problems[0]} Try a smaller --learning-rate; the checkpoint of the last whole epoch is unchanged.", failure);
        }
    }

    private void TrainEpoch(int epoch, TrainingDisplay display, CancellationToken cancellation)
    {
        var done = (int)(session.Svi.StepCount % PerEpoch);
        foreach (var chosen in train.Shuffled(epoch, options.Batch).Skip(done))
        {
            cancellation.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            using var images = train.Tensor(chosen, epoch, session.Vae.Device);
            var step = session.Svi.Step(images);
            sums = sums.Add(step, chosen.Length, train.Count, Stopwatch.GetElapsedTime(started).TotalSeconds);
            display.Update(sums.ToStep(epoch, options.Epochs, ++done, PerEpoch));
        }
    }

    private double TestElbo(CancellationToken cancellation)
    {
        var measured = session.Measure(test, options.Batch, train.Count, cancellation);
        return measured.Elbo / measured.Images;
    }
}
