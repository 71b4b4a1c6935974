using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace ProbVae;

/// <content>What outlives a process: the state to save and to load.</content>
public sealed partial class Svi<TData>
{
    private bool _disposed;

    /// <summary>The parameters that were found, by name.</summary>
    public TrainableParameters Parameters { get; }

    /// <summary>The optimizer, for learning-rate schedules.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; private set; }

    /// <summary>How many steps were taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>Writes parameters, buffers, the parameters' average, the optimizer's state, seed and step count.</summary>
    /// <param name="destination">A stream to write to.</param>
    public void Save(Stream destination)
    {
        _average?.RequireSwappedOut("A checkpoint cannot be written");
        Checkpoint.Write(destination, _model.Name, Tensors, Optimizer, Seed, StepCount);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; the next step continues the run bit for bit.</summary>
    /// <param name="source">A stream to read from.</param>
    /// <exception cref="CheckpointException">It is no checkpoint, one of another model, or cut off; nothing was changed.</exception>
    public void Load(Stream source)
    {
        _average?.RequireSwappedOut("A checkpoint cannot be loaded");
        (Seed, StepCount) = Checkpoint.Read(source, _model.Name, Tensors, Optimizer);
    }

    /// <summary>Frees the optimizer's state and the average; the parameters stay with their modules.</summary>
    public void Dispose()
    {
        _disposed = true;
        Optimizer.Dispose();
        _average?.Dispose();
    }

    private Dictionary<string, Tensor> Tensors => Parameters.Tensors().Concat(_average?.State ?? []).ToDictionary();
}
