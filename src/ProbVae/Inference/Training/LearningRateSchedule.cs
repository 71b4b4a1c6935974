using System.Globalization;

namespace ProbVae;

/// <summary>
/// What the learning rates are multiplied with, as a function of the step alone. It has no state of its own: a run that a
/// checkpoint continues goes on at the very rate.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly Func<long, double> _factor;

    /// <summary>A schedule of one's own.</summary>
    /// <param name="factor">The factor at a step, counted from 0. Range: finite and not negative.</param>
    public LearningRateSchedule(Func<long, double> factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor;
    }

    /// <summary>The factor at a step.</summary>
    /// <param name="step">How many steps were taken before it.</param>
    /// <exception cref="InvalidOperationException">The schedule gave a number that is negative, infinite or NaN.</exception>
    public double At(long step)
    {
        var factor = _factor(step);
        return factor >= 0 && double.IsFinite(factor) ? factor
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The learning-rate schedule gave the factor {factor} at step {step}; expected a finite number that is not negative."));
    }

    /// <summary>A straight line from 1 to <paramref name="end"/>, which is kept from then on.</summary>
    /// <param name="steps">How many steps it takes. Range: at least 1.</param>
    /// <param name="end">The factor at the end.</param>
    public static LearningRateSchedule Linear(long steps, double end = 0) => Along(steps, share => 1 + ((end - 1) * share));

    /// <summary>Half a cosine from 1 to <paramref name="end"/>, which is kept from then on (Loshchilov and Hutter 2017).</summary>
    /// <param name="steps">How many steps it takes. Range: at least 1.</param>
    /// <param name="end">The factor at the end.</param>
    public static LearningRateSchedule Cosine(long steps, double end = 0) => Along(steps, share => end + ((1 - end) * (1 + Math.Cos(Math.PI * share)) / 2));

    /// <summary>Geometrically from 1 to <paramref name="end"/>, which is kept from then on.</summary>
    /// <param name="steps">How many steps it takes. Range: at least 1.</param>
    /// <param name="end">The factor at the end. Range: positive.</param>
    public static LearningRateSchedule Exponential(long steps, double end)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(end);
        return Along(steps, share => Math.Pow(end, share));
    }

    /// <summary>Multiplied with <paramref name="factor"/> at each milestone.</summary>
    /// <param name="factor">The factor of each.</param>
    /// <param name="milestones">The steps from which on it applies.</param>
    public static LearningRateSchedule Steps(double factor, params long[] milestones)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        long[] kept = [.. milestones];
        return new(step => Math.Pow(factor, kept.Count(milestone => step >= milestone)));
    }

    /// <summary>The same, with a factor that rises in a line from 1 / <paramref name="steps"/> to 1 over the first steps.</summary>
    /// <param name="steps">How many steps that takes. Range: at least 1.</param>
    public LearningRateSchedule WarmedUp(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new(step => Math.Min(1, (step + 1.0) / steps) * At(step));
    }

    private static LearningRateSchedule Along(long steps, Func<double, double> factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new(step => factor(Math.Min(1, (double)step / steps)));
    }
}
