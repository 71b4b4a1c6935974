using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae;

/// <summary>
/// What the score function takes off a draw's cost: a number that does not depend on that draw, so that the gradient keeps its
/// mean and loses variance (Williams 1992; Mnih and Gregor 2014, Neural Variational Inference and Learning). One that learns
/// belongs to the first inference that takes a step with it; another inference needs a baseline of its own.
/// </summary>
public abstract class Baseline
{
    private object? _inference;

    private protected Baseline()
    {
    }

    /// <summary>The mean cost of the other particles of the step (Kool, van Hoof and Welling 2019, Buy 4 REINFORCE Samples); nothing is kept.</summary>
    public static Baseline LeaveOneOut { get; } = new LeaveOneOutBaseline();

    /// <summary>A decaying average of each site's costs in the steps before.</summary>
    /// <param name="decay">What an older average counts for at each step. Range: 0 to less than 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is out of its range.</exception>
    public static Baseline DecayingAverage(double decay = 0.9) => decay is >= 0 and < 1 ? new DecayingAverageBaseline(decay)
        : throw new ArgumentOutOfRangeException(nameof(decay), FormattableString.Invariant($"Baseline.DecayingAverage: the decay is {decay}; give a number from 0 to less than 1."));

    /// <summary>A network that learns to predict a site's cost from observations, by squared error, with the inference's optimizer.</summary>
    /// <param name="network">From the observations' values, side by side as one last axis, to an axis of 1.</param>
    /// <param name="inputs">What it sees; each in plates that the latent variable stands in too. At least one.</param>
    /// <exception cref="ArgumentException">There is no input.</exception>
    public static Baseline Network(Module<Tensor, Tensor> network, params Observed[] inputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Length > 0 ? new NetworkBaseline(network, inputs)
            : throw new ArgumentException("Baseline.Network: no input was given; name the observations that the network sees.", nameof(inputs));
    }

    /// <summary>What is trained and saved with the inference.</summary>
    internal virtual IReadOnlyList<(string Name, Module Module)> Modules(string name) => [];

    /// <summary>The baseline of one site's costs in one estimate.</summary>
    internal abstract BaselineValue At(BaselineCase costs);

    /// <summary>Refuses a second inference: it would learn from the first one's costs without anyone's saying so.</summary>
    private protected void Claim(BaselineCase costs)
    {
        var owner = Interlocked.CompareExchange(ref _inference, costs.Inference, null);
        if (owner is not null && owner != costs.Inference)
        {
            throw new ModelException($"Site '{costs.Site.Name}': its {this} already learns in another inference; give each inference an objective with a baseline of its own.");
        }
    }
}

/// <summary>What a baseline is asked for.</summary>
/// <param name="Site">The guide's site.</param>
/// <param name="Cost">The cost of each draw and element.</param>
/// <param name="Model">The model's trace.</param>
/// <param name="Axes">Brings sites to the same axes.</param>
/// <param name="Inference">Which inference takes the step.</param>
internal sealed record BaselineCase(LatentSite Site, Tensor Cost, Trace Model, PlateAxes Axes, object Inference);

/// <summary>A baseline's answer.</summary>
/// <param name="Value">What is taken off; broadcasts with the cost.</param>
/// <param name="Descended">Losses of its own.</param>
/// <param name="Learn">What it keeps of these costs, once the step has its gradient.</param>
internal sealed record BaselineValue(Tensor Value, IReadOnlyList<ScaledTensor> Descended, Action Learn);
