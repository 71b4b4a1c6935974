using TorchSharp;
using EventWriter = TorchSharp.Modules.SummaryWriter;

namespace ProbVae;

/// <summary>
/// A fit as event files of TensorBoard, by TorchSharp's writer: the scalars <c>elbo</c>, one <c>terms/…</c> for each site, and
/// <c>gradient norm</c> and <c>validation</c> where they are measured, in nats by step.
/// </summary>
/// <param name="folder">The run's folder; it is made where it is not there.</param>
/// <param name="every">After how many steps each time. Range: at least 1.</param>
public sealed class TensorBoardLog(string folder, long every = 1) : IObserver<FitStep>
{
    private readonly EventWriter _writer = Made(folder, every);

    /// <inheritdoc/>
    public void OnNext(FitStep value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (step, at) = (value.Estimate, (int)value.Estimate.Number);
        if (value.Score is { } score)
        {
            _writer.add_scalar("validation", (float)score, at);
        }

        if (value.Number % every != 0)
        {
            return;
        }

        _writer.add_scalar("elbo", (float)step.Elbo, at);
        foreach (var term in step.Terms)
        {
            _writer.add_scalar($"terms/{term.Site}", (float)term.Value, at);
        }

        if (value.GradientNorm is { } norm)
        {
            _writer.add_scalar("gradient norm", (float)norm, at);
        }
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    private static EventWriter Made(string folder, long every)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        return torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
    }
}
