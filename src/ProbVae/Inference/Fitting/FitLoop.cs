using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One fit: its history, its rules' state and the best parameters so far.</summary>
internal sealed class FitLoop
{
    private readonly Func<Action> _keepBuffers;
    private readonly Func<ParameterSnapshot> _snapshot;
    private readonly Func<double?> _gradientNorm;
    private readonly FitOptions _options;
    private readonly ParameterWay _way;
    private readonly long _maximum;
    private readonly ElboHistory _history = new();
    private readonly Queue<double> _recent = new();
    private readonly List<(StoppingRule Rule, Func<FitStep, string?> Watch)> _rules;
    private readonly bool _norms;
    private BestParameters? _best;
    private (StopReason Reason, string Why, StoppingRule? Rule)? _end;
    private long _steps;

    /// <summary>Begins a fit.</summary>
    /// <param name="keepBuffers">Keeps the running statistics until the result is called.</param>
    /// <param name="snapshot">Copies what the best score is to bring back.</param>
    /// <param name="gradientNorm">The last step's.</param>
    /// <param name="maximum">How many steps at most.</param>
    /// <param name="options">The fit's options.</param>
    /// <param name="way">The way that the parameters come.</param>
    public FitLoop(Func<Action> keepBuffers, Func<ParameterSnapshot> snapshot, Func<double?> gradientNorm, long maximum, FitOptions options, ParameterWay way)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1, "steps");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SmoothingWindow, 1, nameof(options.SmoothingWindow));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Validation?.Every ?? 1, 1, nameof(Validation.Every));
        if (options.Validation is null && options.Until.FirstOrDefault(rule => rule.NeedsScore) is { } blind)
        {
            throw new ArgumentException($"The rule {blind} looks at a validation score, and there is no Validation among the options; give one.", nameof(options));
        }

        (_keepBuffers, _snapshot, _gradientNorm, _maximum, _options, _way) = (keepBuffers, snapshot, gradientNorm, maximum, options, way);
        _rules = [.. options.Until.Select(rule => (rule, rule.Start()))];
        _norms = options.GradientNorms || options.Until.Any(rule => rule.NeedsGradientNorm);
    }

    /// <summary>Whether another step is to be taken.</summary>
    public bool GoesOn(CancellationToken cancellation)
    {
        if (_end is null && cancellation.IsCancellationRequested)
        {
            _end = (StopReason.Cancelled, $"The fit was cancelled after {_steps} steps.", null);
        }
        else if (_end is null && _steps == _maximum)
        {
            _end = (StopReason.MaximumSteps, $"The fit took all of its {_steps} steps{(_rules.Count == 0 ? "" : ", and no stopping rule was met: it may not have settled")}.{(_way.Note is { } note ? $" {note}" : "")}", null);
        }

        return _end is null;
    }

    /// <summary>Takes note of a step.</summary>
    public void After(SviStep estimate)
    {
        _steps++;
        _history.Add(estimate.Elbo);
        var norm = _norms ? _gradientNorm() : null;
        if (norm is { } number)
        {
            _history.AddGradientNorm(number);
        }

        double? score = _options.Validation is { } validation && _steps % validation.Every == 0 ? Measure(validation) : null;
        var step = new FitStep(_steps, estimate, Smoothed(estimate.Elbo), norm, score) { Way = _way, AtMost = _maximum == long.MaxValue ? null : _maximum };
        foreach (var (rule, watch) in _rules)
        {
            // Every rule sees every step; the first that is met is the one that is named.
            if (watch(step) is { } why)
            {
                _end ??= (StopReason.Rule, why, rule);
            }
        }

        _options.OnStep?.Invoke(step);
    }

    /// <summary>Measures what the last step left unmeasured, puts the best parameters back, and tells how it went.</summary>
    public FitResult Finish()
    {
        var (reason, why, rule) = _end ?? (StopReason.DataEnded, $"The data came to their end after {_steps} steps.", null);
        if (reason != StopReason.Cancelled && _options.Validation is { } validation && _steps > 0)
        {
            if (_steps % validation.Every != 0)
            {
                Measure(validation);
            }

            if (_options.RestoreBest && _best!.Step != _steps)
            {
                _best.Parameters.Restore();
            }
        }

        return new FitResult(reason, why, rule, _steps, _history, _best);
    }

    private double Measure(Validation validation)
    {
        using var scope = NewDisposeScope();
        // Measuring is no part of training: running statistics are left as they were.
        var restoreBuffers = _keepBuffers();
        double score;
        try
        {
            score = validation.Score();
        }
        finally
        {
            restoreBuffers();
        }

        if (double.IsNaN(score))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The validation score after step {_steps} is NaN; expected a number, the higher the better."));
        }

        _history.AddScore(_steps, score);
        if (_best is null)
        {
            _best = new(_steps, score, _snapshot());
        }
        else if (score > _best.Score)
        {
            _best.Parameters.Retake();
            _best = _best with { Step = _steps, Score = score };
        }

        return score;
    }

    private double Smoothed(double elbo)
    {
        _recent.Enqueue(elbo);
        if (_recent.Count > _options.SmoothingWindow)
        {
            _recent.Dequeue();
        }

        return _recent.Average();
    }
}
