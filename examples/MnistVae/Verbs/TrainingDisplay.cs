using Spectre.Console;

namespace MnistVae;

/// <summary>Shows training as it goes: two moving lines on a terminal, plain lines now and then elsewhere.</summary>
public sealed class TrainingDisplay
{
    private const int BarWidth = 24;

    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly IAnsiConsole console;
    private readonly TimeProvider time;
    private readonly LiveDisplayContext? live;
    private readonly string bound;
    private long lastShown;

    private TrainingDisplay(IAnsiConsole console, TimeProvider time, string bound, LiveDisplayContext? live)
    {
        (this.console, this.time, this.bound, this.live) = (console, time, bound, live);
        lastShown = time.GetTimestamp();
    }

    /// <summary>Whether the console is a terminal with a person before it.</summary>
    public static bool CanMove(IAnsiConsole console) => console.Profile.Capabilities is { Ansi: true, Interactive: true }
        && console.Profile.Out.IsTerminal && Environment.GetEnvironmentVariable("CI") is null;

    /// <summary>Trains under a display, which is taken down whatever happens.</summary>
    /// <param name="bound">What the bound is called that the run is about.</param>
    public static void Run(IAnsiConsole console, bool moves, TimeProvider time, Action<TrainingDisplay> train, string bound = "ELBO")
    {
        if (moves)
        {
            console.Live(new Text("Starting ...")).AutoClear(true).Start(context => train(new TrainingDisplay(console, time, bound, context)));
        }
        else
        {
            train(new TrainingDisplay(console, time, bound, null));
        }
    }

    /// <summary>Takes what training tells. A step is shown now and then; the other events get a line that stays.</summary>
    /// <param name="epochs">Of all of the training.</param>
    /// <param name="batches">In an epoch.</param>
    public void Show(TrainingEvent happened, long epochs, long batches)
    {
        switch (happened)
        {
            case StepTaken step when time.GetElapsedTime(lastShown) >= (live is null ? PlainInterval : LiveInterval):
                lastShown = time.GetTimestamp();
                Move($"epoch {step.Pass}/{epochs}   batch {step.InPass}/{batches}", $"{Terms(step.SoFar)}   {Speed(step.SoFar)}", step.InPass / (double)batches);
                break;
            case PassEnded { Training: var means } pass:
                string test = pass.Test is { Bound: var elbo } ? FormattableString.Invariant($"   test {bound} {elbo,8:F2}") : "";
                console.WriteLine($"epoch {pass.Pass}/{epochs}   {Terms(means)}{test}   {Speed(means)}   {Seconds(means.Seconds)}");
                break;
            case Validated { Measured: var means } validated:
                string best = validated.IsBest ? "   best so far" : "";
                console.WriteLine($"step {validated.Step}   validation {Terms(means)}{best}   {Seconds(validated.Took.TotalSeconds)}");
                break;
            case StoppedEarly stopped:
                console.WriteLine(
                    $"step {stopped.Step}   stopped: {stopped.Validations} validations in a row were no better than that of step {stopped.Best.Step}, whose parameters are kept");
                break;
        }
    }

    private void Move(string place, string figures, double done)
    {
        if (live is null)
        {
            console.WriteLine($"{place}   {figures}");
        }
        else
        {
            live.UpdateTarget(new Markup($"{Bar(done)}  {Markup.Escape(place)}\n{Markup.Escape(figures)}"));
        }
    }

    private string Terms(TermMeans means) =>
        FormattableString.Invariant($"{bound} {means.Bound:F2}   reconstruction {means.LogLikelihood:F2}   KL {means.Kl:F2}");

    private static string Speed(TermMeans means) => FormattableString.Invariant($"{means.ElementsPerSecond:N0} images/s");

    private static string Seconds(double seconds) => FormattableString.Invariant($"{seconds:F1} s");

    private string Bar(double share)
    {
        char piece = console.Profile.Capabilities.Unicode ? '━' : '=';
        int done = (int)(BarWidth * share);
        return $"[green]{new string(piece, done)}[/][grey]{new string(piece, BarWidth - done)}[/]";
    }
}
