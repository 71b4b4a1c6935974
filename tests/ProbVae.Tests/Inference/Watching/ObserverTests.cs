using System.Diagnostics.Metrics;

namespace ProbVae.Tests.Inference;

/// <summary>Who looks on as a fit goes: observers, a progress line, a meter, TensorBoard's files.</summary>
public sealed class ObserverTests : IDisposable
{
    private readonly Conjugate _conjugate = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    [Fact]
    public void AnObserverIsToldOfEveryStepAndOfTheEnd()
    {
        var watch = new Recorder();
        using var svi = _conjugate.Svi();
        svi.Fit(_conjugate.Data, steps: 7, new FitOptions { Observers = [watch] });
        Assert.Equal(["1 of 7", "2 of 7", "3 of 7", "4 of 7", "5 of 7", "6 of 7", "7 of 7", "end"], watch.Told);
        watch.Told.Clear();
        svi.Fit(Enumerable.Repeat(_conjugate.Data, 2), options: new FitOptions { Observers = [watch] });
        Assert.Equal(["1 of ", "2 of ", "end"], watch.Told);
    }

    [Fact]
    public void AnObserverIsToldWhatEndedAFit()
    {
        var watch = new Recorder();
        using var svi = _conjugate.Svi();
        Assert.Throws<InvalidOperationException>(() => svi.Fit(_conjugate.Data, steps: 7, new FitOptions
        {
            Observers = [watch],
            OnStep = step => _ = step.Number == 2 ? throw new InvalidOperationException("enough") : 0,
        }));
        Assert.Equal(["1 of 7", "enough"], watch.Told);
    }

    [Fact]
    public void AnObserverSeesSeveralStartsAndOneEnd()
    {
        var watch = new Recorder();
        using var svi = _conjugate.Svi();
        svi.Fit(_conjugate.Data, steps: 2, new FitOptions { Observers = [watch], Starts = 2 });
        Assert.Equal(["1 of 2", "2 of 2", "start 1: 1 of 2", "start 1: 2 of 2", "end"], watch.Told);
    }

    [Fact]
    public void AProgressLineGoesIntoAFileAtEachTenth()
    {
        var text = new StringWriter();
        using var svi = _conjugate.Svi();
        svi.Fit(_conjugate.Data, steps: 40, new FitOptions { Observers = [new ProgressLine(text, inPlace: false)] });
        var lines = text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, lines.Length);
        Assert.Matches(@"^10 %, step 4 of 40, \d\d:\d\d:\d\d left, \S+ steps/s, ELBO -\S+$", lines[0]);
        Assert.StartsWith("100 %, step 40 of 40, 00:00:00 left, ", lines[9], StringComparison.Ordinal);
    }

    [Fact]
    public void AProgressLineOnATerminalIsWrittenOver()
    {
        var text = new StringWriter();
        using var svi = _conjugate.Svi();
        svi.Fit(_conjugate.Data, steps: 40, new FitOptions { Observers = [new ProgressLine(text, inPlace: true)] });
        var states = text.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("2 %, step 1 of 40, ", states[0], StringComparison.Ordinal);
        Assert.StartsWith("100 %, step 40 of 40, ", states[^1], StringComparison.Ordinal);
        Assert.EndsWith(Environment.NewLine, states[^1], StringComparison.Ordinal);
        Assert.Equal(1, text.ToString().Count(character => character == '\n'));
    }

    [Fact]
    public void AMeterCountsStepsAndTellsTheElbo()
    {
        var (steps, elbos, durations) = (0L, new List<double>(), 0);
        using var listener = new MeterListener { InstrumentPublished = (instrument, listening) => { if (instrument.Meter.Name == FitMeter.Name) { listening.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => steps += IsOurs(tags) ? count : 0);
        listener.SetMeasurementEventCallback<double>((instrument, number, tags, _) =>
        {
            if (IsOurs(tags) && instrument.Name == "probvae.elbo")
            {
                elbos.Add(number);
            }
            else if (IsOurs(tags))
            {
                durations += number >= 0 ? 1 : 0;
            }
        });
        listener.Start();
        using var svi = _conjugate.Svi();
        using var meter = new FitMeter("metered");
        var fit = svi.Fit(_conjugate.Data, steps: 5, new FitOptions { Observers = [meter] });
        Assert.Equal(5, steps);
        Assert.Equal(fit.History.Elbos, elbos);
        Assert.Equal(4, durations);

        static bool IsOurs(ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags.Length == 1 && Equals(tags[0].Value, "metered");
    }

    [Fact]
    public void TensorBoardsFileHasTheScalars()
    {
        using var svi = _conjugate.Svi();
        svi.Fit(_conjugate.Data, steps: 4, new FitOptions { Observers = [new TensorBoardLog(_folder.FullName, every: 2)] });
        var file = Assert.Single(_folder.GetFiles("*tfevents*"));
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file.FullName));
        Assert.Equal(2, text.Split("elbo").Length - 1);
        Assert.Contains("terms/", text, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Recorder : IObserver<FitStep>
    {
        public List<string> Told { get; } = [];

        public void OnNext(FitStep value) => Told.Add($"{(value.Start > 0 ? $"start {value.Start}: " : "")}{value.Number} of {value.AtMost}");

        public void OnCompleted() => Told.Add("end");

        public void OnError(Exception error) => Told.Add(error.Message);
    }
}
