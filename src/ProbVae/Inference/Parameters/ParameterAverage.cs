using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A running average of the parameters over steps, which often does better than the last step's: with equal weights
/// (Polyak and Juditsky 1992), or exponentially forgetting. The modules' buffers are not averaged.
/// </summary>
public sealed class ParameterAverage : IDisposable
{
    private readonly TrainableParameters _parameters;
    private readonly Dictionary<string, Tensor> _averages;
    private readonly Tensor _count = zeros([1], ScalarType.Int64).DetachFromDisposeScope();
    private readonly double? _decay;
    private readonly long _from;

    internal ParameterAverage(TrainableParameters parameters, double? decay, long from)
    {
        if (decay is not (null or (>= 0 and < 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "The decay of a parameter average must be at least 0 and less than 1; leave it out to weigh all steps equally.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(from);
        using var scope = NewDisposeScope();
        (_parameters, _decay, _from) = (parameters, decay, from);
        _averages = parameters.ByName.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>How many steps it averages over so far.</summary>
    public long Count => _count.item<long>();

    /// <summary>Whether the parameters hold the average at present.</summary>
    public bool IsSwappedIn { get; private set; }

    /// <summary>The averages by the parameters' names.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _averages;

    /// <summary>What a checkpoint holds of it.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> State => _averages
        .Select(entry => KeyValuePair.Create($"average of {entry.Key}", entry.Value)).Append(KeyValuePair.Create("average's count", _count));

    /// <summary>Puts the average into the parameters until the result is disposed, which brings them back bit for bit.</summary>
    /// <returns>Brings the parameters back when disposed.</returns>
    /// <exception cref="InvalidOperationException">It is swapped in already, or no step has been averaged yet.</exception>
    public IDisposable SwapIn()
    {
        if (IsSwappedIn || Count == 0)
        {
            throw new InvalidOperationException(IsSwappedIn ? "The average is swapped in already; dispose what SwapIn returned first." : "There is no average yet; take a step first.");
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var before = _parameters.ByName.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
        Copy(_averages);
        IsSwappedIn = true;
        return new Swap(() =>
        {
            Copy(before);
            IsSwappedIn = false;
            foreach (var copy in before.Values)
            {
                copy.Dispose();
            }
        });
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        _count.Dispose();
        foreach (var average in _averages.Values)
        {
            average.Dispose();
        }
    }

    /// <summary>Takes up the parameters after a step.</summary>
    internal void Update(long step)
    {
        if (step < _from)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var count = _count.add_(1).item<long>();
        var weight = count == 1 ? 1 : _decay is { } decay ? 1 - decay : 1.0 / count;
        foreach (var (name, average) in _averages)
        {
            var parameter = _parameters.ByName[name].detach();
            _ = weight == 1 ? average.copy_(parameter) : average.add_(parameter.sub(average), weight);
        }
    }

    /// <summary>Refuses what would mistake the average for the parameters.</summary>
    internal void RequireSwappedOut(string what)
    {
        if (IsSwappedIn)
        {
            throw new InvalidOperationException($"{what} while the parameters hold their average; dispose what SwapIn returned first.");
        }
    }

    private void Copy(Dictionary<string, Tensor> values)
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in _parameters.ByName)
        {
            parameter.copy_(values[name]);
        }
    }

    private sealed class Swap(Action back) : IDisposable
    {
        private Action? _back = back;

        public void Dispose()
        {
            _back?.Invoke();
            _back = null;
        }
    }
}
