namespace ProbVae;

/// <content>How the parameters follow their gradients.</content>
public sealed partial class Svi<TData>
{
    private GradientClipping? _clipping;
    private LearningRateSchedule? _schedule;
    private ParameterAverage? _average;
    private double? _gradientNorm;
    private bool _freezes;
    private FusedUpdate? _update;

    /// <summary>The names of the parameters that steps leave as they are.</summary>
    public IReadOnlyList<string> FrozenParameters => [.. Parameters.ByName.Where(entry => !entry.Value.requires_grad).Select(entry => entry.Key)];

    /// <summary>
    /// The Euclidean norm of the last step's gradient of the loss (which is scaled to the whole data), before clipping; null
    /// before the first step. It is computed when it is asked for.
    /// </summary>
    public double? GradientNorm => _gradientNorm ??= GradientClipping.Norm(Parameters);

    /// <summary>
    /// Leaves parameters as they are from the next step on: no gradient is computed for them, and neither they nor the
    /// optimizer's state of them change. Running statistics are no parameters; put their module into evaluation mode.
    /// </summary>
    /// <param name="which">A name, the beginning of names (<c>"decoder."</c>), a module or a parameter.</param>
    /// <exception cref="ArgumentException">It matches no parameter; the message lists those that exist.</exception>
    public Svi<TData> Freeze(ParameterSelection which)
    {
        ArgumentNullException.ThrowIfNull(which);
        foreach (var name in which.In(Parameters))
        {
            var parameter = Parameters.ByName[name];
            parameter.requires_grad_(false);
            parameter.grad = null;
        }

        _freezes = true;
        return this;
    }

    /// <summary>Trains parameters again that <see cref="Freeze"/> left alone.</summary>
    /// <param name="which">A name, the beginning of names (<c>"decoder."</c>), a module or a parameter.</param>
    /// <exception cref="ArgumentException">It matches no parameter; the message lists those that exist.</exception>
    public Svi<TData> Unfreeze(ParameterSelection which)
    {
        ArgumentNullException.ThrowIfNull(which);
        foreach (var name in which.In(Parameters))
        {
            Parameters.ByName[name].requires_grad_(true);
        }

        RequireOptimized(Optimizer);
        // The next step measures again: what could not be trained was no problem while it was frozen.
        (_layout, _trained, _triedShapes, _reached) = (null, false, false, false);
        return this;
    }

    /// <summary>Bounds the gradient of each step: its elements first, then its norm. Without a bound the gradient is as it comes.</summary>
    /// <param name="maxNorm">The greatest Euclidean norm of all gradients together, of the loss scaled to the whole data. Range: positive.</param>
    /// <param name="maxValue">The greatest magnitude of an element. Range: positive.</param>
    public Svi<TData> ClipGradients(double maxNorm = double.PositiveInfinity, double maxValue = double.PositiveInfinity)
    {
        if (!(maxNorm > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "The bound on a gradient's norm must be positive.");
        }

        if (!(maxValue > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(maxValue), maxValue, "The bound on a gradient's elements must be positive.");
        }

        _clipping = double.IsFinite(maxNorm) || double.IsFinite(maxValue) ? new(maxNorm, maxValue) : null;
        return this;
    }

    /// <summary>Multiplies every group's initial learning rate with a function of <see cref="StepCount"/>, before each step.</summary>
    /// <param name="schedule">The factor by step; null for none, which leaves the rates where they are.</param>
    public Svi<TData> Schedule(LearningRateSchedule? schedule)
    {
        _schedule = schedule;
        return this;
    }

    /// <summary>Keeps a running average of the parameters from now on; <see cref="Save"/> and <see cref="Load"/> include it.</summary>
    /// <param name="decay">What a step's average keeps of the one before; without it all steps weigh the same. Range: [0, 1).</param>
    /// <param name="from">The first <see cref="StepCount"/> to average from. Range: not negative.</param>
    /// <returns>The average, to swap in for an evaluation; this object disposes it.</returns>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public ParameterAverage AverageParameters(double? decay = null, long from = 0) => _average = _average is null ? new(Parameters, decay, from)
        : throw new InvalidOperationException("The parameters are being averaged already; an inference keeps one average.");

    // Between the gradient and the next step: bounds, rates, the optimizer's own rule, the average.
    private void Update()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _average?.RequireSwappedOut("A step cannot be taken");
        if (_freezes && Parameters.ByName.Values.All(parameter => !parameter.requires_grad))
        {
            throw new InvalidOperationException("Every parameter is frozen, so the step would train nothing; unfreeze some of them.");
        }

        _gradientNorm = _clipping?.Apply(Parameters);
        if (_schedule is not null)
        {
            var factor = _schedule.At(StepCount);
            foreach (var group in Optimizer.ParamGroups)
            {
                group.LearningRate = group.InitialLearningRate * factor;
            }
        }

        (_update ??= new(Optimizer)).Step();
        _average?.Update(StepCount);
    }
}
