using MnistVae.Data;

namespace MnistVae.Commands;

public enum Activation
{
    Relu,
    Elu,
    Tanh,
}

public enum OptimizerKind
{
    Adam,
    RmsProp,
    Sgd,
}

/// <summary>How the ELBO's KL term is had: in closed form, or from the sampled trace.</summary>
public enum Objective
{
    MeanField,
    Trace,
}

public enum Prior
{
    Standard,
    Laplace,
}

public enum Likelihood
{
    Bernoulli,
    Gaussian,
    Laplace,
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
    int Threads);

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Particles">Importance samples an image for the log-likelihood.</param>
public sealed record EvaluateOptions(string? Data, int? Limit, int Particles, int Batch, long Seed, DeviceKind Device, int Threads);

/// <param name="Out">The picture to write.</param>
public sealed record SampleOptions(int Count, int Columns, string Out, long Seed, DeviceKind Device, int Threads);

/// <param name="Data">Another data folder than the run's, or null.</param>
/// <param name="Out">The picture to write.</param>
public sealed record ReconstructOptions(string? Data, int Count, int Columns, string Out, long Seed, DeviceKind Device, int Threads);
