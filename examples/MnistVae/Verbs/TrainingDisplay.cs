using Spectre.Console;

namespace MnistVae;

/// <summary>Where training stands; terms are in nats an image, averaged over the epoch so far.</summary>
/// <param name="Batch">Batches done in this epoch.</param>
public readonly record struct TrainingStep(int Epoch, int Epochs, int Batch, int Batches, double Elbo, double Reconstruction, double Kl, double ImagesPerSecond);

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

    /// <summary>Takes the state after a batch; cheap enough to be called after each.</summary>
    public void Update(TrainingStep step)
    {
        if (time.GetElapsedTime(lastShown) < (live is null ? PlainInterval : LiveInterval))
        {
            return;
        }

        lastShown = time.GetTimestamp();
        string place = $"epoch {step.Epoch}/{step.Epochs}   batch {step.Batch}/{step.Batches}";
        string figures = FormattableString.Invariant($"{Terms(step.Elbo, step.Reconstruction, step.Kl)}   {step.ImagesPerSecond:N0} images/s");
        if (live is null)
        {
            console.WriteLine($"{place}   {figures}");
        }
        else
        {
            live.UpdateTarget(new Markup($"{Bar(step)}  {Markup.Escape(place)}\n{Markup.Escape(figures)}"));
        }
    }

    /// <summary>Notes a finished epoch in a line that stays.</summary>
    public void EpochDone(EpochRow row, int epochs)
    {
        string test = row.TestElbo is { } elbo ? FormattableString.Invariant($"   test {bound} {elbo,8:F2}") : "";
        console.WriteLine(FormattableString.Invariant(
            $"epoch {row.Epoch}/{epochs}   {Terms(row.Elbo, row.Reconstruction, row.Kl)}{test}   {row.ImagesPerSecond:N0} images/s   {row.Seconds:F1} s"));
    }

    /// <summary>Notes a measurement of the validation images in a line that stays.</summary>
    public void Validated(ValidationRow row, bool isBest) => console.WriteLine(FormattableString.Invariant(
        $"step {row.Step}   validation {Terms(row.Elbo, row.Reconstruction, row.Kl)}{(isBest ? "   best so far" : "")}   {row.Seconds:F1} s"));

    /// <summary>Notes that training ended because the validation images had not become better for long, in a line that stays.</summary>
    /// <param name="validations">How many in a row were no better than the best.</param>
    public void StoppedEarly(long step, int validations, long best) => console.WriteLine(
        $"step {step}   stopped: {validations} validations in a row were no better than that of step {best}, whose parameters are kept");

    private string Terms(double elbo, double reconstruction, double kl) =>
        FormattableString.Invariant($"{bound} {elbo:F2}   reconstruction {reconstruction:F2}   KL {kl:F2}");

    private string Bar(TrainingStep step)
    {
        char piece = console.Profile.Capabilities.Unicode ? '━' : '=';
        int done = Math.Clamp(BarWidth * step.Batch / Math.Max(step.Batches, 1), 0, BarWidth);
        return $"[green]{new string(piece, done)}[/][grey]{new string(piece, BarWidth - done)}[/]";
    }
}
