
namespace ProbVae.Tests.Inference;

/// <summary>The mean of a history and its standard error.</summary>
public sealed class ElboHistoryTests
{
    [Fact]
    public void TheErrorIsThatOfBatchMeansByHand()
    {
        // Nine steps: three batches of three, with means 2, 5 and 11; s² = 21, so the error is √(21 / 3).
        var history = Of([1, 2, 3, 4, 5, 6, 10, 11, 12]);
        var smoothed = history.Smoothed(last: 9);
        Assert.Equal(6, smoothed.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(7), smoothed.StandardError, 1e-12);
        Assert.Equal((5, 9), (history.Smoothed().Steps, history.Smoothed(last: 1000).Steps));
        Assert.Equal(8.8, history.Smoothed().Mean, 1e-12);
    }

    [Fact]
    public void AShortHistoryHasNoError()
    {
        Assert.True(double.IsNaN(Of([1, 2, 3]).Smoothed(last: 3).StandardError));
        Assert.Equal(2, Of([1, 2, 3]).Smoothed(last: 3).Mean);
        Assert.False(double.IsNaN(Of([1, 2, 3, 4]).Smoothed(last: 4).StandardError));
        Assert.Throws<InvalidOperationException>(() => new ElboHistory().Smoothed());
        Assert.Throws<ArgumentOutOfRangeException>(() => Of([1]).Smoothed(last: 0));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.7)]
    [InlineData(-0.5)]
    public void TheErrorCoversTheMeanOfACorrelatedSeries(double correlation)
    {
        // x_t = ρ x_{t−1} + ε_t has mean 0; 2,000 steps are 45 batches of 44, so the 95 % quantile is Student's of 44 degrees.
        const int Series = 600, Length = 2000;
        const double Quantile = 2.0154;
        var (covered, coveredIfIndependent) = (0, 0);
        for (var series = 0; series < Series; series++)
        {
            var values = Autoregressive(correlation, Length, new RandomKey(11).Fold(series));
            var smoothed = Of(values).Smoothed(last: Length);
            var (mean, error) = Inferences.Mean(values);
            covered += Math.Abs(smoothed.Mean) <= Quantile * smoothed.StandardError ? 1 : 0;
            coveredIfIndependent += Math.Abs(mean) <= 1.96 * error ? 1 : 0;
        }

        // The bias of batch means at ρ = 0.7 is 6 % of the variance (1 % of coverage); 4 binomial standard errors are 3.6 %.
        Assert.InRange(covered / (double)Series, 0.95 - 0.046, 0.95 + 0.036);
        if (correlation > 0)
        {
            // Were the steps taken for independent, the error would be 2.4 times too small: the test would see it.
            Assert.True(coveredIfIndependent / (double)Series < 0.7, $"independent: {coveredIfIndependent}");
        }
    }

    private static ElboHistory Of(IEnumerable<double> values)
    {
        var history = new ElboHistory();
        foreach (var value in values)
        {
            history.Add(value);
        }

        return history;
    }

    private static double[] Autoregressive(double correlation, int length, RandomKey key)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var noise = Inferences.Numbers(new Normal(0, 1).Expand(new Shape([length])).Sample(key));
        var values = new double[length];
        var before = noise[0] / Math.Sqrt(1 - (correlation * correlation));
        for (var t = 0; t < length; t++)
        {
            before = t == 0 ? before : (correlation * before) + noise[t];
            values[t] = before;
        }

        return values;
    }
}
