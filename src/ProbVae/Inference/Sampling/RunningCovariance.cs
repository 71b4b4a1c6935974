namespace ProbVae;

/// <summary>Variances, or the whole covariance, of positions as they come (Welford 1962).</summary>
/// <param name="dimension">How many numbers a position has.</param>
/// <param name="dense">Whether covariances are kept too.</param>
internal sealed class RunningCovariance(int dimension, bool dense)
{
    private readonly double[] _mean = new double[dimension];
    private readonly double[] _sum = new double[dense ? dimension * dimension : dimension];
    private long _count;

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

    /// <summary>Saves it, or goes back to what was saved.</summary>
    public void Keep(KeptState state)
    {
        _count = state.Value(_count);
        state.Values<double>(_mean);
        state.Values<double>(_sum);
    }

    /// <summary>The variances, or the covariance row by row, with n − 1.</summary>
    public double[] Sample() => Array.ConvertAll(_sum, sum => sum / (_count - 1));

    /// <summary>
    /// n / (n + 5) Σ + 10⁻³ · 5 / (n + 5) D, where Stan's reference manual (automatic parameter tuning) has the unit matrix for D. Here D is the
    /// diagonal of the metric before, which begins as the unit matrix: numbers whose standard deviation is far below 1 are not blurred for good.
    /// </summary>
    /// <param name="before">The metric before, of the same kind.</param>
    public double[] Regularized(double[] before)
    {
        var (share, rest) = (_count / (_count + 5.0), 5e-3 / (_count + 5.0));
        var covariance = Array.ConvertAll(Sample(), number => share * number);
        for (var i = 0; i < dimension; i++)
        {
            var place = dense ? (i * dimension) + i : i;
            covariance[place] += rest * before[place];
        }

        return covariance;
    }

    /// <summary>The unit matrix.</summary>
    public static double[] Unit(int dimension, bool dense)
    {
        var unit = new double[dense ? dimension * dimension : dimension];
        for (var i = 0; i < dimension; i++)
        {
            unit[dense ? i * (dimension + 1) : i] = 1;
        }

        return unit;
    }
}
