namespace ProbVae;

/// <summary>The inverse mass matrix M⁻¹ of a chain: near the posterior's covariance, the space looks round to it.</summary>
internal abstract class Metric
{
    /// <summary>M⁻¹ p.</summary>
    public abstract double[] Velocity(double[] momentum);

    /// <summary>A momentum from Normal(0, M).</summary>
    public abstract double[] Momentum(KeyedNumbers random);

    /// <summary>The metric of a covariance: variances alone, or a whole matrix row by row.</summary>
    /// <param name="covariance">n variances, or n² covariances.</param>
    /// <param name="dimension">n.</param>
    public static Metric Of(double[] covariance, int dimension) =>
        covariance.Length == dimension ? new DiagonalMetric(covariance) : new DenseMetric(covariance, dimension);
}

/// <summary>A metric of variances.</summary>
internal sealed class DiagonalMetric(double[] variances) : Metric
{
    public override double[] Velocity(double[] momentum)
    {
        var velocity = new double[momentum.Length];
        for (var i = 0; i < velocity.Length; i++)
        {
            velocity[i] = variances[i] * momentum[i];
        }

        return velocity;
    }

    public override double[] Momentum(KeyedNumbers random) => Array.ConvertAll(variances, variance => random.Normal() / Math.Sqrt(variance));
}

/// <summary>A metric with all covariances.</summary>
internal sealed class DenseMetric : Metric
{
    private readonly double[] _covariance;
    private readonly double[] _factor;
    private readonly int _n;

    /// <summary>A symmetric positive definite matrix, row by row.</summary>
    public DenseMetric(double[] covariance, int n) => (_covariance, _factor, _n) = (covariance, Cholesky(covariance, n), n);

    public override double[] Velocity(double[] momentum)
    {
        var velocity = new double[_n];
        for (var i = 0; i < _n; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < _n; j++)
            {
                sum += _covariance[(i * _n) + j] * momentum[j];
            }

            velocity[i] = sum;
        }

        return velocity;
    }

    // M⁻¹ = L Lᵀ, so L⁻ᵀ z has the covariance M.
    public override double[] Momentum(KeyedNumbers random)
    {
        var momentum = new double[_n];
        for (var i = 0; i < _n; i++)
        {
            momentum[i] = random.Normal();
        }

        for (var i = _n - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < _n; j++)
            {
                momentum[i] -= _factor[(j * _n) + i] * momentum[j];
            }

            momentum[i] /= _factor[(i * _n) + i];
        }

        return momentum;
    }

    private static double[] Cholesky(double[] matrix, int n)
    {
        var factor = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var rest = matrix[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    rest -= factor[(i * n) + k] * factor[(j * n) + k];
                }

                factor[(i * n) + j] = i > j ? rest / factor[(j * n) + j]
                    : rest > 0 ? Math.Sqrt(rest)
                    : throw new ModelException($"Nuts: the covariance that the dense mass matrix was adapted to is not positive definite at number {i}: too few draws were made for it. Use MassMatrix.Diagonal, or a longer warmup.");
            }
        }

        return factor;
    }
}
