namespace ProbVae.Training;

/// <summary>How a model and its guide are evaluated.</summary>
/// <param name="Draws">K, the importance samples of a row for log p(x). Range: at least 1; 21 for a Pareto k̂.</param>
/// <param name="MomentDraws">Draws for the moments of codes that have none in closed form. Range: at least 2.</param>
/// <param name="Memory">How many bytes the runs of one batch of importance samples may take.</param>
public sealed record EvaluationOptions(int Draws = 100, int MomentDraws = 32, long Memory = Evidence.DefaultMemory)
{
    /// <summary>The latent variables whose codes are looked at; unless given, each continuous one that stands in the plate of the rows.</summary>
    public IReadOnlyList<Latent>? Codes { get; init; }

    internal void ThrowIfImpossible()
    {
        if (Draws < 1 || MomentDraws < 2 || Memory < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(EvaluationOptions), $"EvaluationOptions: {Draws} draws, {MomentDraws} moment draws and a memory of {Memory} bytes were given; draws and memory must be at least 1, moment draws at least 2.");
        }
    }
}
