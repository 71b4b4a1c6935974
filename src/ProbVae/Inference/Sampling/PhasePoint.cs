namespace ProbVae;

/// <summary>A place in unconstrained space with its log density and gradient, and the momentum that a chain has there.</summary>
/// <param name="position">The unconstrained numbers.</param>
internal sealed class PhasePoint(double[] position)
{
    public double[] Position => position;

    /// <summary>log p(x, u), with the bijections' change of volume, up to a constant; negative infinity where it has none.</summary>
    public double LogDensity { get; set; } = double.NegativeInfinity;

    /// <summary>Its gradient in the position.</summary>
    public double[] Gradient { get; } = new double[position.Length];

    public double[] Momentum { get; set; } = [];

    /// <summary>M⁻¹ momentum.</summary>
    public double[] Velocity { get; private set; } = [];

    /// <summary>The Hamiltonian: −log density + ½ pᵀ M⁻¹ p; infinite where it is not a number.</summary>
    public double Energy
    {
        get
        {
            var energy = (0.5 * Dot(Momentum, Velocity)) - LogDensity;
            return double.IsNaN(energy) ? double.PositiveInfinity : energy;
        }
    }

    /// <summary>Whether a chain can start here.</summary>
    public bool IsFinite => double.IsFinite(LogDensity) && Array.TrueForAll(Gradient, double.IsFinite);

    /// <summary>The same place with another momentum.</summary>
    public PhasePoint With(double[] momentum, Metric metric)
    {
        var point = new PhasePoint(position) { LogDensity = LogDensity };
        Gradient.CopyTo(point.Gradient.AsSpan());
        point.SetMomentum(momentum, metric);
        return point;
    }

    /// <summary>Saves place, density and gradient, or overwrites them with what was saved.</summary>
    public void Keep(KeptState state)
    {
        state.Values<double>(position);
        LogDensity = state.Value(LogDensity);
        state.Values<double>(Gradient);
    }

    /// <summary>The first half of a leapfrog step: half a kick, then the move. The density at the result is still to be found.</summary>
    /// <param name="step">The step's length; negative to go back in time.</param>
    /// <param name="metric">The metric.</param>
    public PhasePoint Move(double step, Metric metric)
    {
        var kicked = Kicked(Momentum, Gradient, step / 2);
        var velocity = metric.Velocity(kicked);
        var to = new double[position.Length];
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = position[i] + (step * velocity[i]);
        }

        return new(to) { Momentum = kicked };
    }

    /// <summary>The second half, once the density is known.</summary>
    public void Arrive(double step, Metric metric) => SetMomentum(Kicked(Momentum, Gradient, step / 2), metric);

    public static double Dot(double[] x, double[] y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    private void SetMomentum(double[] momentum, Metric metric) => (Momentum, Velocity) = (momentum, metric.Velocity(momentum));

    private static double[] Kicked(double[] momentum, double[] gradient, double step)
    {
        var kicked = new double[momentum.Length];
        for (var i = 0; i < kicked.Length; i++)
        {
            kicked[i] = momentum[i] + (step * gradient[i]);
        }

        return kicked;
    }
}
