using MnistVae.Data;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>What a command works with besides its options.</summary>
/// <param name="Cancellation">Set by Ctrl-C; the work should keep what was learnt and then throw <see cref="OperationCanceledException"/>.</param>
public sealed record CommandContext(IAnsiConsole Console, CancellationToken Cancellation);

/// <summary>The work behind the verbs; each may throw <see cref="UserError"/>.</summary>
public interface IVaeCommands
{
    /// <summary>Trains from the beginning or, where <paramref name="resume"/> says so, from the run's checkpoint.</summary>
    void Train(TrainOptions options, DigitData data, RunFolder run, bool resume, CommandContext context);

    /// <summary>Measures the trained model of a run on the test images.</summary>
    void Evaluate(EvaluateOptions options, DigitData data, RunFolder run, CommandContext context);

    /// <summary>Draws new digits from the trained model of a run.</summary>
    void Sample(SampleOptions options, RunFolder run, CommandContext context);

    /// <summary>Puts test images over their reconstructions.</summary>
    void Reconstruct(ReconstructOptions options, DigitData data, RunFolder run, CommandContext context);

    /// <summary>Hides half of each test image and fills it in.</summary>
    void Complete(CompleteOptions options, DigitData data, RunFolder run, CommandContext context);

    /// <summary>Writes the page that shows a run.</summary>
    void Report(ReportOptions options, DigitData data, RunFolder run, CommandContext context);

    /// <summary>Serves a page to look at the trained model of a run with, until it is interrupted.</summary>
    Task ExploreAsync(ExploreOptions options, RunFolder run, CommandContext context);

    /// <summary>Writes the trained model of a run, its codes of the test images and its samples as files that other programs read.</summary>
    void Export(ExportOptions options, DigitData data, RunFolder run, CommandContext context);

    /// <summary>Trains the model of counts by draws from its prior and from a guide, and shows both beside the truth.</summary>
    void Count(CountOptions options, DigitData data, CommandContext context);
}
