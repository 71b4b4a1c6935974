using System.Diagnostics;
using System.Globalization;

namespace ProbVae;

/// <summary>
/// A line that tells how far a fit is: share, steps, steps a second, time left, smoothed ELBO. On a terminal it is written anew a few
/// times a second; into a file or a pipe, a line goes at each tenth of the fit.
/// </summary>
public sealed class ProgressLine : IObserver<FitStep>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    private readonly StatusLine _line;
    private readonly Stopwatch _time = new();
    private TimeSpan _told;
    private FitStep? _last;
    private long _taken;

    /// <summary>A line on standard error, so that what a program prints stays apart.</summary>
    public ProgressLine() => _line = new StatusLine();

    /// <summary>A line elsewhere.</summary>
    /// <param name="writer">Where it is written; the caller keeps it.</param>
    /// <param name="inPlace">Whether the line is written over, as a terminal can.</param>
    public ProgressLine(TextWriter writer, bool inPlace) => _line = new StatusLine(writer, inPlace);

    /// <inheritdoc/>
    public void OnNext(FitStep value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _time.Start();
        var previous = _last;
        (_last, _taken) = (value, _taken + 1);
        if (_line.InPlace ? _time.Elapsed - _told < Pause && _taken > 1 : Tenth(value) == (previous is null || previous.Start != value.Start ? 0 : Tenth(previous)))
        {
            return;
        }

        _told = _time.Elapsed;
        _line.Show(Text(value));
    }

    /// <inheritdoc/>
    public void OnCompleted() => End("");

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        End($" Ended by {error.GetType().Name}.");
    }

    private static long Tenth(FitStep step) => step.AtMost is { } steps ? 10 * step.Number / steps : step.Number / 1000;

    private string Text(FitStep step)
    {
        var rate = _taken / Math.Max(_time.Elapsed.TotalSeconds, 1e-9);
        var start = step.Start > 0 ? $"start {step.Start + 1}, " : "";
        var share = step.AtMost is { } steps
            ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * step.Number / steps:F0} %, step {step.Number} of {steps}, {TimeSpan.FromSeconds(Math.Round((steps - step.Number) / rate)):c} left")
            : string.Create(CultureInfo.InvariantCulture, $"step {step.Number}");
        return string.Create(CultureInfo.InvariantCulture, $"{start}{share}, {rate:G3} steps/s, ELBO {step.SmoothedElbo:G6}");
    }

    private void End(string why)
    {
        if (_last is null)
        {
            return;
        }

        if (_line.InPlace)
        {
            _line.Keep($"{Text(_last)}{why}");
        }
        else if (why.Length > 0)
        {
            _line.Keep(why.TrimStart());
        }

        (_last, _taken, _told) = (null, 0, TimeSpan.Zero);
        _time.Reset();
    }
}
