using System.Diagnostics;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>
/// Training that outlives its process: steps in passes over the data, with a checkpoint after each pass, after each validation, when it is
/// cancelled, and so often that no more than some minutes can be lost. What is resumed goes on bit for bit, its means, its best and its
/// patience included.
/// </summary>
/// <remarks><see cref="Svi{TData}.Fit(TData, long, FitOptions?, CancellationToken)"/> is for what ends with its process: its rules and its best live in memory.</remarks>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class TrainingLoop<TData>
{
    private readonly Svi<TData> _svi;
    private readonly Minibatches<TData> _data;
    private readonly TrainingFolder _folder;
    private readonly TrainingOptions<TData> _options;
    private readonly HashSet<Minibatches<TData>> _scaled = [];
    private CheckpointFile? _last;
    private CheckpointFile? _best;
    private TrainingState _state;
    private bool _hasBegun;

    internal TrainingLoop(Svi<TData> svi, Minibatches<TData> data, TrainingFolder folder, TrainingOptions<TData> options)
    {
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfImpossible();
        (_svi, _data, _folder, _options) = (svi, data, folder, options);
        _state = new(data.Elements, data.PerPass, TermMeans.None);
    }

    /// <summary>Gradient steps that all of the training takes, unless patience is lost.</summary>
    public long LastStep => Math.Min(_options.Passes <= long.MaxValue / _data.PerPass ? _options.Passes.Value * _data.PerPass : long.MaxValue, _options.Steps ?? long.MaxValue);

    /// <summary>Passes that all of the training takes; the last may be cut short.</summary>
    public long LastPass => 1 + ((LastStep - 1) / _data.PerPass);

    /// <summary>The best measurement of the validation data so far; null before the first.</summary>
    public BestSoFar? Best => _state.Best;

    /// <summary>
    /// The last step whose measurements are all told. What a program writes when it is told may be ahead of the checkpoint by one, and is
    /// never behind it: after <see cref="Resume"/> it drops what lies after this step, as that is told again.
    /// </summary>
    public long SettledStep => _state.IsOpen ? Step - 1 : Step;

    private long Step => _svi.StepCount;

    private bool HasLostPatience => _state.Misses >= _options.Patience;

    private bool IsOver => Step >= LastStep || HasLostPatience;

    /// <summary>Takes the training up where its checkpoint left it; without one it begins at its beginning.</summary>
    /// <returns>Whether there was a checkpoint.</returns>
    /// <exception cref="CheckpointException">It is one of another model or other minibatches, or damaged.</exception>
    /// <exception cref="FolderInUseException">Another training is at work in the folder.</exception>
    public bool Resume()
    {
        if (!_folder.HasLast)
        {
            return false;
        }

        _folder.ThrowIfInUse();
        var state = _folder.Load(_svi);
        if ((state.Elements, state.PerPass) != (_data.Elements, _data.PerPass))
        {
            throw new CheckpointException($"The training in {_folder.Path} goes over {state.Elements} elements in {state.PerPass} minibatches a pass, and the data given now has {_data.Elements} in {_data.PerPass}; give the same, or train in another folder.");
        }

        (_state, _hasBegun) = (state, true);
        return true;
    }

    /// <summary>Trains until the last step, or until patience is lost.</summary>
    /// <param name="told">Called after each step, pass and validation, before the checkpoint that includes it.</param>
    /// <param name="cancellation">Asked between steps and within measurements; what was learnt is then kept, and the exception thrown.</param>
    /// <returns>Gradient steps taken in all.</returns>
    /// <exception cref="InvalidOperationException">The inference took steps before that are not of this training, or a validation's bound is NaN.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled; <see cref="Resume"/> goes on.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit, or a number is no longer finite; the last checkpoint is unchanged.</exception>
    /// <exception cref="FolderInUseException">Another training is at work in the folder.</exception>
    /// <exception cref="FileNotWrittenException">A checkpoint could not be written; the one before is unchanged.</exception>
    public long Run(Action<TrainingEvent>? told = null, CancellationToken cancellation = default)
    {
        told ??= _ => { };
        _hasBegun = _hasBegun || Step == 0
            ? true
            : throw new InvalidOperationException($"The inference had taken steps before this training ({Step}), which counts from 0; give a new Svi, or call Resume() where the folder has its checkpoint.");
        using var turn = _folder.Take();
        // Not before: a checkpoint's file removes what was left unfinished beside it, which until now may have been another training's.
        (_last, _best) = (new(_folder.Last, _options.CheckpointEvery, _options.Time), new(_folder.Best, TimeSpan.Zero));
        if (Step == 0)
        {
            // What an earlier training left would be taken for this one's.
            File.Delete(_folder.Best);
            File.Delete(_folder.Last);
        }

        try
        {
            if (_state.IsOpen)
            {
                Tell(told);
                Settle(told, cancellation);
            }

            TakeSteps(told, cancellation);
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }

        if (HasLostPatience && Step < LastStep)
        {
            told(new StoppedEarly(Step, _state.Misses, _state.Best!));
        }

        return Step;
    }

    private void TakeSteps(Action<TrainingEvent> told, CancellationToken cancellation)
    {
        using var minibatches = _data.Between(Step, LastStep).GetEnumerator();
        while (!IsOver)
        {
            TakeStep(minibatches, cancellation);
            Tell(told);
            Settle(told, cancellation);
        }
    }

    private void Tell(Action<TrainingEvent> told) => told(new StepTaken(Step, ((Step - 1) / _data.PerPass) + 1, ((Step - 1) % _data.PerPass) + 1, _state.Pass));

    private void TakeStep(IEnumerator<TData> minibatches, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        minibatches.MoveNext();
        var minibatch = minibatches.Current;
        // What this thread makes goes with the scope; what another made does not.
        using var made = _data.Ahead > 0 ? minibatch as IDisposable : null;
        if (_scaled.Add(_data))
        {
            TermMeans.RequireScale(_svi, minibatch, _data.SizeOf(minibatch), _data.Elements);
        }

        var measuresNorm = _options.GradientNormEvery is { } every && Step % _data.PerPass % every == 0;
        var size = _svi.Group.Agreed(_data.SizeOf(minibatch), cancellation);
        var step = _svi.Step(minibatch);
        var pass = _state.Pass.With(
            step, _options.Bound(step), size, _data.Elements, Stopwatch.GetElapsedTime(started).TotalSeconds, measuresNorm ? _svi.GradientNorm : null);
        _state = _state with { Pass = pass, IsOpen = true };
    }

    // Measures all that belongs to a step before anything of it is told, and takes note when all is told, so that an interrupt leaves all of it or nothing.
    private void Settle(Action<TrainingEvent> told, CancellationToken cancellation)
    {
        var endsPass = Step % _data.PerPass == 0;
        var test = endsPass && _options.Test is { } tests ? Measure(tests, cancellation) : null;
        var started = Stopwatch.GetTimestamp();
        var validation = _options.Validation is { } held && (Step % _options.ValidateEvery == 0 || Step == LastStep) ? Measure(held, cancellation) : null;
        var took = Stopwatch.GetElapsedTime(started);
        if (validation is not null && double.IsNaN(validation.Bound))
        {
            throw new InvalidOperationException($"The bound of the validation data after step {Step} is NaN; expected a number, the higher the better.");
        }

        var settled = _state with { IsOpen = false };
        if (endsPass)
        {
            told(new PassEnded(Step, Step / _data.PerPass, settled.Pass, test));
            settled = settled with { Pass = TermMeans.None };
        }

        if (validation is not null)
        {
            var isBest = settled.Best is null || validation.Bound > settled.Best.Bound;
            settled = isBest ? settled with { Best = new(Step, validation.Bound), Misses = 0 } : settled with { Misses = settled.Misses + 1 };
            told(new Validated(Step, validation, isBest, took));
            if (isBest)
            {
                Write(_best!, settled);
            }
        }

        _state = settled;
        if (endsPass || validation is not null || IsOver || _last!.IsDue)
        {
            Save();
        }
    }

    private TermMeans Measure(Minibatches<TData> data, CancellationToken cancellation) => TermMeans.Measure(_svi, data, _data.Elements, _options.Bound, isScaled: !_scaled.Add(data), cancellation);

    private void Save() => Write(_last!, _state);

    private void Write(CheckpointFile file, TrainingState state) =>
        FileNotWrittenException.Guard(file.Path, () => file.Write(stream => TrainingFolder.Write(stream, _svi, state)));
}
