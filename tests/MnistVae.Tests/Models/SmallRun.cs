namespace MnistVae.Tests.Models;

/// <summary>A run of an untrained small model, in a folder of its own.</summary>
public sealed class SmallRun : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SmallRun(TrainOptions options)
    {
        Options = options;
        Run = RunFolder.Create(folder.At("run"), RunRecord.Start(options, SmallDigits.Data(options.Binarize).Source), overwrite: false);
        Session = SmallDigits.Session(options);
    }

    public TrainOptions Options { get; }

    public RunFolder Run { get; }

    public Session Session { get; }

    public string At(string name) => folder.At(name);

    public void Dispose()
    {
        Session.Dispose();
        folder.Dispose();
    }
}
