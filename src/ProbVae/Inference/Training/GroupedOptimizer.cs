using static TorchSharp.torch.optim;

namespace ProbVae;

/// <summary>An optimizer to be, whose parameter groups are made from the parameters' names.</summary>
public sealed class GroupedOptimizer
{
    private readonly Func<TrainableParameters, Optimizer> _make;

    /// <summary>Says how the optimizer is made.</summary>
    /// <param name="make">Makes it from the parameters that were found.</param>
    public GroupedOptimizer(Func<TrainableParameters, Optimizer> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        _make = make;
    }

    internal Optimizer Of(TrainableParameters parameters) => _make(parameters);
}
