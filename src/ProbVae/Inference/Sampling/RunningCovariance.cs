namespace ProbVae;

/// <summary>Variances, or the whole covariance, of positions as they come (Welford 1962), drawn towards a small multiple of the unit matrix.</summary>
/// <param name="dimension">How many numbers a position has.</param>
/// <param name="dense">Whether covariances are kept too.</param>
internal sealed class RunningCovariance(int dimension, bool dense)
{
    private readonly double[] _mean = new double[dimension];
    private readonly double[] _sum = new double[dense ? dimension * dimension : dimension];
    private long _count;

    /// <summary>What it has seen, for a checkpoint.</summary>
    public (long Count, double[] Mean, double[] Sum) State
    {
        get => (_count, _mean, _sum);
        set
        {
            _count = value.Count;
            value.Mean.CopyTo(_mean, 0);
            value.Sum.CopyTo(_sum, 0);
        }
    }

    public void Add(double[] position)
    {
        _count++;
        var before = new double[dimension];
        for (var i = 0; i < dimension; i++)
        {
            before[i] = position[i] - _mean[i];
            _mean[i] += before[i] / _count;
        }

        for (var i = 0; i < dimension; i++)
        {
            var after = position[i] - _mean[i];
            if (!dense)
            {
                _sum[i] += before[i] * after;
                continue;
            }

            for (var j = 0; j <= i; j++)
            {
                _sum[(i * dimension) + j] += after * before[j];
                _sum[(j * dimension) + i] = _sum[(i * dimension) + j];
            }
        }
    }

    /// <summary>
    /// n / (n + 5) Σ + 10⁻³ · 5 / (n + 5) I, as in Stan's reference manual (Hamiltonian Monte Carlo, automatic parameter tuning); the unit matrix
    /// of fewer than two positions.
    /// </summary>
    public double[] Regularized()
    {
        var (share, rest) = (_count / (_count + 5.0), 5e-3 / (_count + 5.0));
        var covariance = Array.ConvertAll(_sum, sum => _count < 2 ? 0 : share * sum / (_count - 1));
        for (var i = 0; i < dimension; i++)
        {
            covariance[dense ? (i * dimension) + i : i] += _count < 2 ? 1 : rest;
        }

        return covariance;
    }
}
