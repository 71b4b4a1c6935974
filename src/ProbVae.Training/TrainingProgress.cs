namespace ProbVae.Training;

/// <summary>
/// Shows a <see cref="TrainingLoop{TData}"/> as it goes: a moving line on a terminal, a line every ten seconds elsewhere, and a line that stays
/// for each epoch, each validation and an early stop. Figures are in nats an element.
/// </summary>
/// <param name="line">Where it is shown.</param>
/// <param name="passes">Of all of the training: <see cref="TrainingLoop{TData}.LastPass"/>.</param>
/// <param name="perPass">Minibatches of a pass: <see cref="Minibatches{TData}.PerPass"/>.</param>
public sealed class TrainingProgress(StatusLine line, long passes, long perPass) : IDisposable
{
    private static readonly TimeSpan InPlace = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(10);

    private readonly StatusLine _line = line ?? throw new ArgumentNullException(nameof(line));
    private long? _shown;

    /// <summary>What the bound is called that the training is about.</summary>
    public string Bound { get; init; } = "ELBO";

    /// <summary>What the elements of the data are called.</summary>
    public string Elements { get; init; } = "elements";

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes what the training tells: what <see cref="TrainingLoop{TData}.Run"/> calls.</summary>
    /// <param name="happened">A step, an epoch, a validation, or an early stop.</param>
    public void Show(TrainingEvent happened)
    {
        switch (happened)
        {
            case StepTaken step when IsDue():
                _line.Show($"epoch {step.Pass}/{passes}   batch {step.InPass}/{perPass}   {Terms(step.SoFar)}   {Speed(step.SoFar)}");
                break;
            case PassEnded { Training: var means } pass:
                var test = pass.Test is null ? "" : FormattableString.Invariant($"   test {Bound} {pass.Test.Bound:F2}");
                _line.Keep(FormattableString.Invariant($"epoch {pass.Pass}/{passes}   {Terms(means)}{test}   {Speed(means)}   {means.Seconds:F1} s"));
                break;
            case Validated { Measured: var means } validated:
                var best = validated.IsBest ? "   best so far" : "";
                _line.Keep(FormattableString.Invariant($"step {validated.Step}   validation {Terms(means)}{best}   {validated.Took.TotalSeconds:F1} s"));
                break;
            case StoppedEarly stopped:
                _line.Keep($"step {stopped.Step}   stopped: {stopped.Validations} validations in a row were no better than that of step {stopped.Best.Step}, whose parameters are kept");
                break;
        }
    }

    /// <summary>Takes the moving line away.</summary>
    public void Dispose() => _line.Clear();

    // Elsewhere a short training has its epochs alone.
    private bool IsDue()
    {
        _shown ??= _line.InPlace ? Time.GetTimestamp() - Time.TimestampFrequency : Time.GetTimestamp();
        if (Time.GetElapsedTime(_shown.Value) < (_line.InPlace ? InPlace : Elsewhere))
        {
            return false;
        }

        _shown = Time.GetTimestamp();
        return true;
    }

    private string Terms(TermMeans means) => FormattableString.Invariant($"{Bound} {means.Bound:F2}   reconstruction {means.LogLikelihood:F2}   KL {means.Kl:F2}");

    private string Speed(TermMeans means) => FormattableString.Invariant($"{means.ElementsPerSecond:N0} {Elements}/s");
}
