namespace MnistVae.Reports;

/// <summary>What a curve shows.</summary>
public enum CurveTerm
{
    /// <summary>Reconstruction minus KL.</summary>
    Elbo,

    /// <summary>L_K, where a run ascended it.</summary>
    WeightedBound,

    Reconstruction,
    Kl,
    GradientNorm,
    Speed,
}
