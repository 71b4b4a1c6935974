using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ProbVae;

/// <summary>
/// A fit as metrics of .NET, which dotnet-counters and OpenTelemetry see under the name <see cref="Name"/>: the counter
/// <c>probvae.steps</c>, the gauge <c>probvae.elbo</c> (a step's estimate, nats) and the histogram <c>probvae.step.duration</c> (seconds
/// from one step's end to the next).
/// </summary>
public sealed class FitMeter : IObserver<FitStep>, IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "ProbVae";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _steps;
    private readonly Gauge<double> _elbo;
    private readonly Histogram<double> _duration;
    private readonly KeyValuePair<string, object?>[] _tags;
    private long? _before;

    /// <summary>Makes the instruments.</summary>
    /// <param name="run">What tells this fit from others, as the tag <c>run</c>; none unless given.</param>
    public FitMeter(string? run = null)
    {
        _tags = run is null ? [] : [new("run", run)];
        _steps = _meter.CreateCounter<long>("probvae.steps", "{step}", "Steps taken.");
        _elbo = _meter.CreateGauge<double>("probvae.elbo", "nat", "The last step's estimate of the ELBO.");
        _duration = _meter.CreateHistogram<double>("probvae.step.duration", "s", "Time from one step's end to the next one's.");
    }

    /// <inheritdoc/>
    public void OnNext(FitStep value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var now = Stopwatch.GetTimestamp();
        _steps.Add(1, _tags);
        _elbo.Record(value.Estimate.Elbo, _tags);
        if (_before is { } before)
        {
            _duration.Record(Stopwatch.GetElapsedTime(before, now).TotalSeconds, _tags);
        }

        _before = now;
    }

    /// <inheritdoc/>
    public void OnCompleted() => _before = null;

    /// <inheritdoc/>
    public void OnError(Exception error) => _before = null;

    /// <summary>Takes the instruments back.</summary>
    public void Dispose() => _meter.Dispose();
}
