namespace ProbVae;

/// <summary>
/// The generalized Pareto distribution of what exceeds a threshold, with shape k and scale σ: P(X &gt; x) = (1 + k x / σ)^(−1/k).
/// </summary>
/// <param name="Shape">k; moments of order 1/k and above do not exist.</param>
/// <param name="Scale">σ &gt; 0.</param>
internal sealed record GeneralizedPareto(double Shape, double Scale)
{
    /// <summary>The fit of Zhang and Stephens (2009), A New and Efficient Estimation Method for the Generalized Pareto Distribution.</summary>
    /// <param name="exceedances">At least 5 numbers above 0, in increasing order.</param>
    public static GeneralizedPareto Fit(ReadOnlySpan<double> exceedances)
    {
        // The profile likelihood of θ = −k / σ on a grid of their prior's quantiles; its mean under the grid's weights is the estimate.
        var (n, points) = (exceedances.Length, 30 + (int)Math.Sqrt(exceedances.Length));
        var (greatest, quartile) = (exceedances[^1], exceedances[(int)((n / 4.0) + 0.5) - 1]);
        var (thetas, logLikelihoods) = (new double[points], new double[points]);
        for (var j = 0; j < points; j++)
        {
            thetas[j] = (1 / greatest) + ((1 - Math.Sqrt(points / (j + 0.5))) / (3 * quartile));
            var shape = MeanLog(exceedances, thetas[j]);
            logLikelihoods[j] = n * (Math.Log(-thetas[j] / shape) - shape - 1);
        }

        var highest = logLikelihoods.Where(double.IsFinite).Max();
        var (total, theta) = (0.0, 0.0);
        for (var j = 0; j < points; j++)
        {
            var weight = double.IsFinite(logLikelihoods[j]) ? Math.Exp(logLikelihoods[j] - highest) : 0;
            (total, theta) = (total + weight, theta + (weight * thetas[j]));
        }

        theta /= total;
        var k = MeanLog(exceedances, theta);
        return new(k, -k / theta);
    }

    /// <summary>The shape drawn towards 1/2 by as much as 10 observations are worth, as importance weights are judged by it (Vehtari et al. 2024).</summary>
    /// <param name="observations">How many numbers the fit was made from.</param>
    public GeneralizedPareto DrawnToOneHalf(int observations) => this with { Shape = ((observations * Shape) + 5) / (observations + 10) };

    /// <summary>The number that is not exceeded with probability p.</summary>
    /// <param name="p">Range: 0 to 1.</param>
    public double Quantile(double p) => Shape == 0 ? -Scale * LogOnePlus(-p) : Scale / Shape * ExpMinusOne(-Shape * LogOnePlus(-p));

    private static double MeanLog(ReadOnlySpan<double> exceedances, double theta)
    {
        var sum = 0.0;
        foreach (var exceedance in exceedances)
        {
            sum += LogOnePlus(-theta * exceedance);
        }

        return sum / exceedances.Length;
    }

    // Kahan's forms: exact near 0, where the plain ones lose all digits.
    private static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    private static double ExpMinusOne(double x)
    {
        var power = Math.Exp(x);
        return power == 1 ? x : power - 1 == -1 ? -1 : double.IsInfinity(power) ? power : (power - 1) * (x / Math.Log(power));
    }
}
