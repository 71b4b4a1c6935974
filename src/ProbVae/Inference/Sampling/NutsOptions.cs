namespace ProbVae;

/// <summary>Which covariances of the unconstrained numbers a chain's mass matrix is adapted to.</summary>
public enum MassMatrix
{
    /// <summary>The variance of each number.</summary>
    Diagonal,

    /// <summary>All covariances: for numbers that correlate strongly, where there are at most some hundreds.</summary>
    Dense,
}

/// <summary>What the No-U-Turn sampler is told beside model, data and lengths.</summary>
public sealed record NutsOptions
{
    /// <summary>The mean acceptance that the step size is adapted to, δ; nearer to 1, steps are shorter and divergences fewer. Range: between 0 and 1.</summary>
    public double TargetAcceptance { get; init; } = 0.8;

    /// <summary>How often a trajectory may double: it has at most 2 to this power gradients. Range: 1 to 20.</summary>
    public int MaxDepth { get; init; } = 10;

    /// <summary>What the mass matrix is adapted to.</summary>
    public MassMatrix MassMatrix { get; init; } = MassMatrix.Diagonal;

    /// <summary>
    /// Where all chains start. Unless given, each starts at the best of ten prior draws of its own, or at a draw of the guide that was given.
    /// </summary>
    public InitTo? Init { get; init; }

    /// <summary>Whether chains are a leading axis where the program takes one; otherwise they are evaluated one after another.</summary>
    public bool Vectorized { get; init; } = true;

    /// <summary>Who is told after each iteration of each chain, in the sampler's thread or wherever it takes the report.</summary>
    public IProgress<NutsIteration>? Progress { get; init; }

    /// <summary>
    /// A file that chains are kept in: when <see cref="CheckpointEvery"/> has passed, at cancellation, and at the end. Where it exists, the same call
    /// goes on from there bit for bit, and to more draws too. None unless given.
    /// </summary>
    public string? Checkpoint { get; init; }

    /// <summary>How much time may pass between two checkpoints; 0 writes one after each iteration. Range: not negative.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    internal void ThrowIfImpossible()
    {
        if (CheckpointEvery < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(CheckpointEvery), CheckpointEvery, "NutsOptions.CheckpointEvery must not be negative; 5 minutes are usual.");
        }

        if (Checkpoint is not null && string.IsNullOrWhiteSpace(Checkpoint))
        {
            throw new ArgumentException("NutsOptions.Checkpoint must name a file; leave it null for none.", nameof(Checkpoint));
        }

        if (!(TargetAcceptance is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(TargetAcceptance), TargetAcceptance, "NutsOptions.TargetAcceptance must lie between 0 and 1; 0.8 is usual, and 0.95 or 0.99 where trajectories diverge.");
        }

        if (MaxDepth is < 1 or > 20)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDepth), MaxDepth, "NutsOptions.MaxDepth must lie between 1 and 20; 10 is usual.");
        }
    }
}

/// <summary>An iteration of one chain.</summary>
/// <param name="Chain">Which chain, counted from 0.</param>
/// <param name="Iteration">Which of its iterations, counted from 1, the warmup's first.</param>
/// <param name="Of">How many it is to have.</param>
/// <param name="IsWarmup">Whether its position is not kept.</param>
/// <param name="StepSize">The step size that it took.</param>
/// <param name="Acceptance">The mean acceptance over its points.</param>
/// <param name="Gradients">How many gradients it took.</param>
/// <param name="Diverged">Whether its energy diverged.</param>
public readonly record struct NutsIteration(int Chain, int Iteration, int Of, bool IsWarmup, double StepSize, double Acceptance, int Gradients, bool Diverged);
