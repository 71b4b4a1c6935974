namespace MnistVae;

/// <summary>What stands between two layers.</summary>
public enum Activation { Relu, Elu, Tanh, Softplus }

/// <summary>What takes the gradient steps.</summary>
public enum OptimizerKind { Adam, Rmsprop, Sgd }

/// <summary>The bound that is ascended: the ELBO with its KL term in closed form, or from the sampled trace, or the importance weighted bound.</summary>
public enum Objective { MeanField, Trace, Iwae }

/// <summary>What latent variables there are: p(z) p(x | z), or p(z) p(x | z, y) with the label y, or p(z2) p(z1 | z2) p(x | z1).</summary>
public enum Structure { Plain, Conditional, Hierarchical }

/// <summary>How the networks look at an image.</summary>
public enum Network { Dense, Convolutional }

/// <summary>p(z): Normal(0, 1), Normal(1, 2), Laplace(0, 1), or a learnt mixture, of Normals or of posteriors at learnt pseudo-images.</summary>
public enum Prior { Standard, Shifted, Laplace, Mixture, Vamp }

/// <summary>p(x | z) of a pixel.</summary>
public enum Likelihood { Bernoulli, Gaussian, Laplace, ContinuousBernoulli }

/// <summary>The scale of a pixel's Normal or Laplace distribution: 0.1, or one number learnt, or one for each pixel.</summary>
public enum Noise { Fixed, Learnt, PerPixel }

/// <summary>q(z | x): Normal(loc(x), scale(x)), or the same sent through inverse autoregressive flows that see the image.</summary>
public enum PosteriorKind { MeanField, Flow }

/// <summary>The learning rate: as it is, or down along half a cosine, or multiplied with a factor every so many steps.</summary>
public enum Schedule { Constant, Cosine, Step }

/// <summary>Where torch computes.</summary>
public enum DeviceKind { Cpu, Cuda }

/// <summary>All that decides a training run; kept in its run.json.</summary>
public sealed record TrainOptions
{
    // Where the steps alone decide.
    internal const int MostEpochs = 100_000;
    private const int Most = 100_000_000;

    // What it learns from.
    [Option("Folder with mnist/ and binarized_mnist/ (or the idx files themselves); otherwise PROBVAE_DATA, the cache, a download, or digits drawn by the program.", Kind = "DIR", MayChange = true)]
    public string? Data { get; init; }
    [Option("Pixels as zeros and ones drawn anew each epoch, drawn once and for all, or left grey.")]
    public Binarization Binarize { get; init; }
    [Option("At most so many training and test images, evenly spaced, for a quick run.", 1, 1_000_000)]
    public int? Limit { get; init; }
    [Option("Training images, the last ones, to keep as validation images where the data has none.", 0, 1_000_000)]
    public int HoldOut { get; init; }

    // The model and its guide.
    [Option("One code an image; one code and the label; or two codes, one above the other.", Name = "model")]
    public Structure Structure { get; init; }
    [Option("Linear layers alone, or convolutions next to the image.")]
    public Network Network { get; init; }
    [Option("Dimensions of the latent code.", 1, 4096)]
    public int Latent { get; init; } = 10;
    [Option("Dimensions of the upper code, with --model hierarchical.", 1, 4096)]
    public int Upper { get; init; } = 10;
    [Option("Widths of the encoder's hidden layers; the decoder has them in reverse.", 1, 16_384)]
    public IReadOnlyList<int> Hidden { get; init; } = [200];
    [Option("Between the layers.")]
    public Activation Activation { get; init; }
    [Option("Of the latent code: Normal(0, 1), Normal(1, 2), Laplace(0, 1), a learnt mixture of Normals, or one of posteriors at learnt pseudo-images.")]
    public Prior Prior { get; init; }
    [Option("Of the prior, with --prior mixture or vamp.", 1, 10_000)]
    public int Components { get; init; } = 20;
    [Option("Of a pixel, given the code.")]
    public Likelihood Likelihood { get; init; }
    [Option("Scale of a pixel, with --likelihood gaussian or laplace: 0.1, one number learnt, or one learnt for each pixel.")]
    public Noise Noise { get; init; }
    [Option("Of the code, given the image: a Normal, or a Normal through inverse autoregressive flows.", Name = "guide")]
    public PosteriorKind Posterior { get; init; }
    [Option("How many flows, with --guide flow.", 1, 64)]
    public int Flows { get; init; } = 2;

    // How it learns, and for how long.
    [Option("The ELBO with its KL term in closed form, or from the sampled trace, or the importance weighted bound over the particles.")]
    public Objective Objective { get; init; }
    [Option("Samples of the code for each image and step.", 1, 1000)]
    public int Particles { get; init; } = 1;
    [Option("What training multiplies the KL terms with; the ELBO that is shown is never weighted.", 0, 1000)]
    public double KlWeight { get; init; } = 1;
    [Option("Steps in which that weight grows from 0.", 0, Most)]
    public int KlWarmUp { get; init; }
    [Option("Takes the gradient steps.")]
    public OptimizerKind Optimizer { get; init; }
    [Option("Size of a gradient step.", 1e-8, 10)]
    public double LearningRate { get; init; } = 0.01;
    [Option("The learning rate: as it is; down along a cosine to --schedule-factor of it; or multiplied with --schedule-factor again and again.")]
    public Schedule Schedule { get; init; }
    [Option("Steps to the end of the cosine, or from one multiplication to the next.", 1, Most)]
    public int? ScheduleSteps { get; init; }
    [Option("Of the learning rate, with --schedule cosine or step.", 0, 1)]
    public double ScheduleFactor { get; init; } = 0.1;
    [Option("Greatest norm of the gradient of the loss an image; a longer one is shortened to it.", 1e-8, 1e12)]
    public double? ClipNorm { get; init; }
    [Option("Passes over the training images.", 1, MostEpochs, MayChange = true)]
    public int Epochs { get; init; } = 5;
    [Option("At most so many gradient steps; without --epochs they alone decide.", 1, Most, MayChange = true)]
    public int? Steps { get; init; }
    [Option("Images in a gradient step.", 1, 65_536)]
    public int Batch { get; init; } = 128;
    [Option("Steps between two measurements of the validation images; the best checkpoint is kept.", 1, Most)]
    public int? ValidateEvery { get; init; }
    [Option("Ends training after so many validations in a row that were no better than the best; needs --validate-every.", 1, 1_000_000, MayChange = true)]
    public int? Patience { get; init; }

    // How the run is carried out, without a say in what it computes but for the seed.
    [Option("Time between two checkpoints at most, which is what a kill can lose; 0 writes one after each step.", 0, 1440, MayChange = true)]
    public double CheckpointMinutes { get; init; } = 5;
    [Option("Batches to make on another thread while a step runs; the results are the same.", 0, 64, MayChange = true)]
    public int Prefetch { get; init; }
    [Option("Decides shuffling, starting weights and all samples.")]
    public long Seed { get; init; }
    [Option("Where torch computes.", MayChange = true)]
    public DeviceKind Device { get; init; }
    [Option("Threads for torch; 0 leaves the number to torch. More than one pays for large networks on an idle machine.", 0, 1024, MayChange = true)]
    public int Threads { get; init; } = 1;

    /// <summary>The importance weighted bound that such a run ascends; null where it ascends the ELBO.</summary>
    internal string? WeightedBound => Objective == Objective.Iwae ? $"L_{Particles}" : null;
}
