using static TorchSharp.torch;

namespace MnistVae;

/// <summary>A run's model with its inference, as the run's options describe them.</summary>
public sealed class Session : IDisposable
{
    private readonly TrainOptions options;

    /// <param name="options">The run's options.</param>
    /// <param name="images">How many training images the run has.</param>
    /// <param name="device">Where to compute now.</param>
    /// <param name="threads">Threads for torch; 0 leaves the number to torch.</param>
    public Session(TrainOptions options, int images, DeviceKind device, int threads)
    {
        if (device == DeviceKind.Cuda && !cuda.is_available())
        {
            throw new UserError("--device is cuda, but torch finds no CUDA device on this machine; leave --device out to compute on the CPU.");
        }

        if (threads > 0)
        {
            set_num_threads(threads);
        }

        this.options = options;
        Vae = new Vae(options with { Device = device }, images);
        Elbo = ElboOf(options);
        Svi = ProbVae.Svi.For(Vae.Generative, Vae.Recognition, Elbo, parameters => options.Optimizer switch
        {
            OptimizerKind.Rmsprop => optim.RMSProp(parameters, options.LearningRate),
            OptimizerKind.Sgd => optim.SGD(parameters, options.LearningRate / images),
            _ => optim.Adam(parameters, options.LearningRate),
        }, options.Seed).Schedule(ScheduleOf(options));
        if (options.ClipNorm is { } norm)
        {
            Svi.ClipGradients(maxNorm: norm * images);
        }
    }

    public Vae Vae { get; }

    /// <summary>What is ascended.</summary>
    public Elbo Elbo { get; }

    public Svi<ImageBatch> Svi { get; }

    /// <summary>The trained model of a run: its best checkpoint where it has one, else the last.</summary>
    public static Session Open(RunFolder run, DeviceKind device, int threads)
    {
        var session = new Session(run.Record.Options, run.Record.Data.TrainCount, device, threads);
        run.Training.LoadBest(session.Svi);
        return session;
    }

    /// <inheritdoc cref="Open(RunFolder, DeviceKind, int)"/>
    public static Session Open(RunFolder run, RunOptions options) => Open(run, options.Device, options.Threads);

    /// <summary>The bound that the run is about, in nats over the whole data: the ELBO, whatever weight its KL terms have in training, or Iwae's.</summary>
    public double BoundOf(SviStep step) => options.WeightedBound is null ? step.Elbo : -step.Loss;

    /// <summary>What the swaps changed in the base model's derived ELBO, line by line; null where nothing was swapped.</summary>
    public string? SwapDiff(ImageBatch batch) => ProbVae.Reports.SwapDiff.Of(Vae.Base, Vae.Generative, Vae.Recognition, Elbo, batch);

    public void Dispose()
    {
        Svi.Dispose();
        Vae.Dispose();
    }

    private static Elbo ElboOf(TrainOptions options)
    {
        var elbo = options.Objective switch
        {
            Objective.Trace => Elbo.Trace(options.Particles),
            Objective.Iwae => Elbo.Iwae(options.Particles),
            _ => Elbo.MeanField(options.Particles),
        };
        var (weight, steps) = (options.KlWeight, options.KlWarmUp);
        return (weight, steps) == (1, 0) ? elbo : elbo.WithKlWeight(steps == 0 ? KlWeight.Constant(weight) : KlWeight.Linear(0, weight, steps));
    }

    // A function of the step alone, so that a resumed run goes on at the very rate.
    private static LearningRateSchedule? ScheduleOf(TrainOptions options) => (options.Schedule, options.ScheduleSteps) switch
    {
        (Schedule.Cosine, { } steps) => LearningRateSchedule.Cosine(steps, options.ScheduleFactor),
        (Schedule.Step, { } steps) => new LearningRateSchedule(step => Math.Pow(options.ScheduleFactor, step / steps)),
        _ => null,
    };
}
