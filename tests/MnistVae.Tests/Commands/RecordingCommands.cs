namespace MnistVae.Tests.Commands;

/// <summary>Notes what the command line asks for, in place of the work.</summary>
public sealed class RecordingCommands : VaeCommands
{
    public TrainOptions? Trained { get; private set; }

    public bool Resumed { get; private set; }

    public EvaluateOptions? Evaluated { get; private set; }

    public SampleOptions? Sampled { get; private set; }

    public ReconstructOptions? Reconstructed { get; private set; }

    public CompleteOptions? Completed { get; private set; }

    public ReportOptions? Reported { get; private set; }

    public ExploreOptions? Explored { get; private set; }

    public ExportOptions? Exported { get; private set; }

    public DigitData? Data { get; private set; }

    public RunFolder? Run { get; private set; }

    /// <summary>Runs in place of any work but training.</summary>
    public Action<CommandContext> OnAny { get; set; } = _ => { };

    /// <summary>Runs in place of training.</summary>
    public Action<CommandContext> OnTrain { get; set; } = _ => { };

    public override void Train(TrainOptions options, DigitData data, RunFolder run, bool resume, CommandContext context)
    {
        (Trained, Data, Run, Resumed) = (options, data, run, resume);
        OnTrain(context);
    }

    public override void Evaluate(EvaluateOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        (Evaluated, Data, Run) = (options, data, run);
        OnAny(context);
    }

    public override void Sample(SampleOptions options, RunFolder run, CommandContext context)
    {
        (Sampled, Run) = (options, run);
        OnAny(context);
    }

    public override void Reconstruct(ReconstructOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        (Reconstructed, Data, Run) = (options, data, run);
        OnAny(context);
    }

    public override void Complete(CompleteOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        (Completed, Data, Run) = (options, data, run);
        OnAny(context);
    }

    public override void Report(ReportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        (Reported, Data, Run) = (options, data, run);
        OnAny(context);
    }

    public override Task ExploreAsync(ExploreOptions options, RunFolder run, CommandContext context)
    {
        (Explored, Run) = (options, run);
        OnAny(context);
        return Task.CompletedTask;
    }

    public override void Export(ExportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        (Exported, Data, Run) = (options, data, run);
        OnAny(context);
    }
}
