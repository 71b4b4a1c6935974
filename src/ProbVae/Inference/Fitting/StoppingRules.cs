using System.Globalization;

namespace ProbVae;

/// <summary>The ELBO has stopped changing.</summary>
internal sealed record RelativeChangeRule(double Tolerance, int Window, int Patience) : StoppingRule
{
    public double Tolerance { get; } = Positive(Tolerance, "tolerance");

    public int Window { get; } = Positive(Window, "window");

    public int Patience { get; } = Positive(Patience, "patience");

    public override Func<FitStep, string?> Start()
    {
        double? before = null;
        var (sum, count, settled) = (0.0, 0, 0);
        return step =>
        {
            if (before is null && count == 0)
            {
                step.Way?.Mark();
            }

            sum += step.Estimate.Elbo;
            if (++count < Window)
            {
                return null;
            }

            var mean = sum / Window;
            var change = before is { } old ? Math.Abs(mean - old) / Math.Max(Math.Abs(old), 1) : double.PositiveInfinity;
            settled = change < Tolerance ? settled + 1 : 0;
            (before, sum, count) = (mean, 0, 0);
            if (settled >= Patience && step.Way?.Farther(Tolerance * Math.Max(Math.Abs(mean), 1)) is var (times, gain))
            {
                // Steps this small change the ELBO little wherever they are taken.
                settled = 0;
                step.Way.Note = string.Create(CultureInfo.InvariantCulture, $"The ELBO stood still, but only because the steps are small: {times:N0} times as far along their way it is {gain:G3} nats higher. Raise the learning rate.");
            }
            else if (settled >= Patience)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"The ELBO has settled: its mean over {Window} steps changed by less than {Tolerance:G3} of itself {Patience} times in a row, at last by {change:G3}{(step.Way is null ? "" : ", and farther along the way of these steps it is no higher")}.");
            }

            if (settled == 0)
            {
                step.Way?.Mark();
            }

            return null;
        };
    }
}

/// <summary>The gradient is small.</summary>
internal sealed record GradientNormRule(double Below, int Window) : StoppingRule
{
    public double Below { get; } = Positive(Below, "below");

    public int Window { get; } = Positive(Window, "window");

    public override bool NeedsGradientNorm => true;

    public override Func<FitStep, string?> Start()
    {
        var norms = new Queue<double>();
        return step =>
        {
            norms.Enqueue(step.GradientNorm ?? double.PositiveInfinity);
            if (norms.Count > Window)
            {
                norms.Dequeue();
            }

            return norms.Count < Window || !(norms.Average() < Below) ? null : string.Create(CultureInfo.InvariantCulture,
                $"The gradient is small: its norm's mean over {Window} steps is {norms.Average():G4}, below {Below:G4}.");
        };
    }
}

/// <summary>A number of steps were taken.</summary>
internal sealed record StepsRule(long Count) : StoppingRule
{
    public long Count { get; } = Positive(Count, "count");

    public override Func<FitStep, string?> Start() => step => step.Number < Count ? null : string.Create(CultureInfo.InvariantCulture, $"{Count} steps were taken.");
}

/// <summary>Validation has not improved for some time.</summary>
internal sealed record NoImprovementRule(int Evaluations, double By) : StoppingRule
{
    public int Evaluations { get; } = Positive(Evaluations, "evaluations");

    public double By { get; } = By >= 0 ? By : throw new ArgumentOutOfRangeException("by", By, "A stopping rule's by must not be negative.");

    public override bool NeedsScore => true;

    public override Func<FitStep, string?> Start()
    {
        var (best, at, without) = (double.NegativeInfinity, 0L, 0);
        return step =>
        {
            if (step.Score is not { } score)
            {
                return null;
            }

            if (score > best + By)
            {
                (best, at, without) = (score, step.Number, 0);
                return null;
            }

            return ++without < Evaluations ? null : string.Create(CultureInfo.InvariantCulture,
                $"Validation has not improved for {Evaluations} measurements: the best score is {best:G6}, after step {at}.");
        };
    }
}
