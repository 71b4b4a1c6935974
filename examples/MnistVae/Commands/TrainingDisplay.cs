using System.Globalization;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Commands;

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
        this.console = console;
        this.time = time;
        this.bound = bound;
        this.live = live;
        lastShown = time.GetTimestamp();
    }

    /// <summary>Whether the console is a terminal with a person before it.</summary>
    public static bool CanMove(IAnsiConsole console)
    {
        ArgumentNullException.ThrowIfNull(console);
        var capabilities = console.Profile.Capabilities;
        return capabilities.Ansi && capabilities.Interactive && console.Profile.Out.IsTerminal && Environment.GetEnvironmentVariable("CI") is null;
    }

    /// <summary>Trains under a display, which is taken down whatever happens.</summary>
    /// <param name="bound">What the bound is called that the run is about.</param>
    public static void Run(IAnsiConsole console, string bound, Action<TrainingDisplay> train) => Run(console, CanMove(console), TimeProvider.System, train, bound);

    public static void Run(IAnsiConsole console, bool moves, TimeProvider time, Action<TrainingDisplay> train, string bound = "ELBO")
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(train);
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
        if (live is null)
        {
            console.WriteLine($"{Place(step)}   {Figures(step)}");
        }
        else
        {
            live.UpdateTarget(new Markup($"{Bar(step)}  {Markup.Escape(Place(step))}\n{Markup.Escape(Figures(step))}"));
        }
    }

    /// <summary>Notes a finished epoch in a line that stays.</summary>
    public void EpochDone(EpochRow row, int epochs)
    {
        ArgumentNullException.ThrowIfNull(row);
        string test = row.TestElbo is { } elbo ? string.Create(CultureInfo.InvariantCulture, $"   test {bound} {elbo,8:F2}") : string.Empty;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {row.Epoch}/{epochs}   {Terms(row.Elbo, row.Reconstruction, row.Kl)}{test}   {row.ImagesPerSecond:N0} images/s   {row.Seconds:F1} s"));
    }

    /// <summary>Notes a measurement of the validation images in a line that stays.</summary>
    public void Validated(ValidationRow row, bool isBest)
    {
        ArgumentNullException.ThrowIfNull(row);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {row.Step}   validation {Terms(row.Elbo, row.Reconstruction, row.Kl)}{(isBest ? "   best so far" : "")}   {row.Seconds:F1} s"));
    }

    /// <summary>Notes that training ended because the validation images had not become better for long, in a line that stays.</summary>
    /// <param name="validations">How many in a row were no better than the best.</param>
    public void StoppedEarly(long step, int validations, long best)
    {
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {step}   stopped: {validations} validations in a row were no better than that of step {best}, whose parameters are kept"));
    }

    private static string Place(TrainingStep step) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {step.Epoch}/{step.Epochs}   batch {step.Batch}/{step.Batches}");

    private string Figures(TrainingStep step) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Terms(step.Elbo, step.Reconstruction, step.Kl)}   {step.ImagesPerSecond:N0} images/s");

    private string Terms(double elbo, double reconstruction, double kl) =>
        string.Create(CultureInfo.InvariantCulture, $"{bound} {elbo:F2}   reconstruction {reconstruction:F2}   KL {kl:F2}");

    private string Bar(TrainingStep step)
    {
        char piece = console.Profile.Capabilities.Unicode ? '━' : '=';
        int done = Math.Clamp(BarWidth * step.Batch / Math.Max(step.Batches, 1), 0, BarWidth);
        return $"[green]{new string(piece, done)}[/][grey]{new string(piece, BarWidth - done)}[/]";
    }
}
