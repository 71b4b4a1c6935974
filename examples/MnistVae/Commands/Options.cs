using MnistVae.Data;

namespace MnistVae.Commands;

public enum Activation
{
    Relu,
    Elu,
    Tanh,
    Softplus,
}

public enum OptimizerKind
{
    Adam,
    RmsProp,
    Sgd,
}

/// <summary>The bound that is ascended.</summary>
public enum Objective
{
    /// <summary>The ELBO with its KL term in closed form where there is one.</summary>
    MeanField,

    /// <summary>The ELBO from the sampled trace.</summary>
    Trace,

    /// <summary>The importance weighted bound, with the particles as its draws.</summary>
    Iwae,
}

/// <summary>What latent variables there are, and what they and the pixels depend on.</summary>
public enum Structure
{
    /// <summary>p(z) p(x | z).</summary>
    Plain,

    /// <summary>p(z) p(x | z, y) with the label y.</summary>
    Conditional,

    /// <summary>p(z2) p(z1 | z2) p(x | z1).</summary>
    Hierarchical,
}

/// <summary>How the networks look at an image.</summary>
public enum Network
{
    Dense,
    Convolutional,
}

public enum Prior
{
    /// <summary>Normal(0, 1).</summary>
    Standard,

    /// <summary>Normal(1, 2).</summary>
    Shifted,
    Laplace,

    /// <summary>A learnt mixture of Normals.</summary>
    Mixture,

    /// <summary>The mixture of the guide's posteriors at learnt pseudo-images (Tomczak and Welling 2018).</summary>
    Vamp,
}

public enum Likelihood
{
    Bernoulli,
    Gaussian,
    Laplace,
    ContinuousBernoulli,
}

/// <summary>The scale of a pixel's Normal or Laplace distribution.</summary>
public enum Noise
{
    /// <summary>0.1.</summary>
    Fixed,

    /// <summary>One number, learnt.</summary>
    Learnt,

    /// <summary>A number for each pixel, learnt.</summary>
    PerPixel,
}

/// <summary>The shape of q(z | x).</summary>
public enum PosteriorKind
{
    /// <summary>Normal(loc(x), scale(x)).</summary>
    MeanField,

    /// <summary>The same sent through inverse autoregressive flows that see the image.</summary>
    Flow,
}

/// <summary>How the learning rate goes on from what it begins with.</summary>
public enum Schedule
{
    Constant,

    /// <summary>Down along half a cosine, and constant from there.</summary>
    Cosine,

    /// <summary>Multiplied with a factor every so many steps.</summary>
    Step,
}

public enum DeviceKind
{
    Cpu,
    Cuda,
}

/// <summary>All that decides a training run; kept in its run.json.</summary>
/// <param name="Data">The folder of the data as a full path, or null to look in the usual places.</param>
/// <param name="Hidden">Widths of the encoder's hidden layers; the decoder has them in reverse.</param>
/// <param name="Threads">Threads for torch; 0 leaves the number to torch.</param>
/// <param name="Steps">At most so many gradient steps, or null to let the epochs decide.</param>
/// <param name="ValidateEvery">Steps between two measurements of the validation images, or null for none.</param>
/// <param name="HoldOut">Training images, the last ones, that are kept from training as validation images; 0 for none.</param>
/// <param name="Flows">How many flows, where the posterior has flows.</param>
/// <param name="Noise">Where the likelihood has a scale.</param>
/// <param name="Components">Of the prior, where it is a mixture.</param>
/// <param name="Upper">Dimensions of the upper code, where there are two.</param>
/// <param name="KlWeight">What training multiplies the KL terms with; the reported ELBO is never weighted.</param>
/// <param name="KlWarmUp">Steps in which that weight grows from 0.</param>
/// <param name="Schedule">How the learning rate goes on.</param>
/// <param name="ScheduleSteps">Steps to the end of a cosine, or from one multiplication to the next; null where the rate is constant.</param>
/// <param name="ScheduleFactor">What a cosine ends with, or each multiplication's factor.</param>
/// <param name="ClipNorm">The greatest norm of the gradient of the loss an image, or null for any.</param>
/// <param name="Patience">Validations in a row without a better one that end training, or null to go on.</param>
/// <param name="CheckpointMinutes">How much time may pass between two checkpoints; 0 writes one after each step.</param>
/// <param name="Prefetch">Batches to make on another thread while a step runs; 0 makes each when its turn comes.</param>
public sealed record TrainOptions(
    string? Data,
    Binarization Binarize,
    int? Limit,
    int Latent,
    IReadOnlyList<int> Hidden,
    Activation Activation,
    Prior Prior,
    Likelihood Likelihood,
    Objective Objective,
    int Particles,
    OptimizerKind Optimizer,
    double LearningRate,
    int Epochs,
    int Batch,
    long Seed,
    DeviceKind Device,
    int Threads,
    int? Steps = null,
    int? ValidateEvery = null,
    int HoldOut = 0,
    PosteriorKind Posterior = PosteriorKind.MeanField,
    int Flows = 2,
    Structure Structure = Structure.Plain,
    Network Network = Network.Dense,
    Noise Noise = Noise.Fixed,
    int Components = 20,
    int Upper = 10,
    double KlWeight = 1,
    int KlWarmUp = 0,
    Schedule Schedule = Schedule.Constant,
    int? ScheduleSteps = null,
    double ScheduleFactor = 0.1,
    double? ClipNorm = null,
    int? Patience = null,
    double CheckpointMinutes = 5,
    int Prefetch = 0);

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Particles">Importance samples an image for the log-likelihood.</param>
/// <param name="Json">Whether the figures are printed as JSON and nothing else.</param>
public sealed record EvaluateOptions(string? Data, int? Limit, int Particles, int Batch, long Seed, DeviceKind Device, int Threads, bool Json = false);

/// <param name="Port">Of 127.0.0.1; 0 for any that is free.</param>
public sealed record ExploreOptions(int Port, DeviceKind Device, int Threads);

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Samples">Digits to draw from the prior.</param>
/// <param name="Out">The folder to write to.</param>
public sealed record ExportOptions(string? Data, int? Limit, int Samples, string Out, int Batch, long Seed, DeviceKind Device, int Threads);

/// <param name="Out">The picture to write.</param>
public sealed record SampleOptions(int Count, int Columns, string Out, long Seed, DeviceKind Device, int Threads);

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Out">The picture to write.</param>
public sealed record ReconstructOptions(string? Data, int Count, int Columns, string Out, long Seed, DeviceKind Device, int Threads);

/// <summary>Half of an image.</summary>
public enum ImageHalf
{
    Left,
    Right,
    Top,
    Bottom,
}

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Rounds">Turns between drawing a code and drawing the hidden half.</param>
/// <param name="Out">The picture to write.</param>
public sealed record CompleteOptions(string? Data, ImageHalf Hide, int Rounds, int Count, int Columns, string Out, long Seed, DeviceKind Device, int Threads);

/// <param name="Data">Another data folder than the run's, or null.</param>
public sealed record ReportOptions(string? Data, DeviceKind Device, int Threads);

/// <param name="Data">The folder of the data as a full path, or null to look in the usual places.</param>
/// <param name="Draws">Of the code, in each estimate of log p(x).</param>
public sealed record CountOptions(string? Data, int? Limit, int Draws, int Steps, long Seed, int Threads);
