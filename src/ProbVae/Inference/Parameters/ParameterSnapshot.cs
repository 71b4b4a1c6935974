using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A copy of parameters and buffers at one moment, to go back to.</summary>
public sealed class ParameterSnapshot : IDisposable
{
    private readonly IReadOnlyDictionary<string, Tensor> _originals;
    private readonly Dictionary<string, Tensor> _copies;

    /// <summary>Copies tensors by name.</summary>
    internal ParameterSnapshot(IReadOnlyDictionary<string, Tensor> originals)
    {
        using var scope = NewDisposeScope();
        _originals = originals;
        _copies = originals.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Parameters and buffers as they were, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _copies;

    /// <summary>Copies parameters and buffers as they are now.</summary>
    /// <param name="parameters">The parameters.</param>
    public static ParameterSnapshot Of(TrainableParameters parameters) => new(parameters.Tensors());

    /// <summary>Puts parameters and buffers back, bit for bit; the optimizer's state stays as it is.</summary>
    public void Restore() => ParameterFiles.Overwrite(_originals, _copies);

    /// <summary>The copies' names and shapes.</summary>
    public override string ToString() => $"snapshot of {Loops.Some([.. _copies.Select(entry => $"{entry.Key} {new Shape(entry.Value.shape)}")])}";

    /// <summary>Takes the copy again, in the same memory.</summary>
    internal void Retake()
    {
        using var noGrad = no_grad();
        foreach (var (name, original) in _originals)
        {
            _copies[name].copy_(original);
        }
    }

    /// <summary>Frees the copies.</summary>
    public void Dispose()
    {
        foreach (var copy in _copies.Values)
        {
            copy.Dispose();
        }
    }
}
