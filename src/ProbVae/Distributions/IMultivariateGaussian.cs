using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What a divergence needs of a normal distribution over vectors, however its covariance Σ is given.</summary>
internal interface IMultivariateGaussian
{
    /// <summary>Mean μ.</summary>
    Tensor Loc { get; }

    /// <summary>Whether the distribution's own type keeps the digits of what follows.</summary>
    bool IsEveryday { get; }

    /// <summary>½ log |Σ|.</summary>
    Tensor HalfLogDeterminant { get; }

    /// <summary>Matrices whose rows' outer products sum to Σ.</summary>
    IReadOnlyList<Tensor> RootRows { get; }

    /// <summary>xᵀ Σ⁻¹ x of each row x of a matrix.</summary>
    /// <param name="rows">Of shape batch + (rows, D).</param>
    /// <returns>Of shape batch + (rows).</returns>
    Tensor SquaredNorm(Tensor rows);
}
