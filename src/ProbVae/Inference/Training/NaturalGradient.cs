using System.Globalization;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;
using SGD = TorchSharp.Modules.SGD;

namespace ProbVae;

/// <summary>
/// Natural gradient descent for <see cref="AutoNormal{TData}"/> and <see cref="AutoMultivariateNormal{TData}"/>: each step is measured in the
/// guide's own standard deviations, so that neither the units nor the correlations of the latent variables matter. With
/// <see cref="Elbo.StickingTheLanding"/>, whose noise vanishes near a normal posterior, some hundred steps are enough.
/// </summary>
/// <remarks>
/// Amari 1998, Natural Gradient Works Efficiently in Learning; for the Cholesky factor L of the covariance Tan 2021, Analytic Natural
/// Gradient Updates for Cholesky Factor in Gaussian Variational Approximation. With gradients g to the location m and G to L the step is
/// m ← m − r L Lᵀ g and L ← L − r L ⌊Lᵀ G⌋, where ⌊·⌋ keeps the lower triangle and halves its diagonal; scales are changed by their
/// logarithms and stay positive. Steps are safeguarded: none is longer than the reach, and no scale grows in one by more than e^(r/2), which
/// is what it would do where the log density does not bend (by e^(r reach/4) for a reach above 2).
/// </remarks>
public sealed class NaturalGradient : SGD
{
    private readonly IReadOnlyList<Family> _families;
    private readonly double _reach;

    private NaturalGradient(TrainableParameters found, IReadOnlyList<Family> families, double rate, double momentum, double reach)
        : base(found.ByName.Values, rate, momentum) => (_families, _reach) = (families, reach);

    /// <summary>The optimizer, for <see cref="Svi{TData}"/>.</summary>
    /// <param name="rate">The learning rate r: near the optimum, the share of the way to it that a step takes. Range: 0 &lt; r ≤ 1.</param>
    /// <param name="momentum">Momentum. Range: [0, 1).</param>
    /// <param name="reach">The longest natural gradients of location and factor, in standard deviations; longer ones are shortened. Range: positive.</param>
    /// <returns>What <see cref="Svi{TData}"/> takes; it refuses parameters that are not those of the two families.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static GroupedOptimizer Descent(double rate = 0.5, double momentum = 0, double reach = 2)
    {
        Require(rate is > 0 and <= 1, rate, nameof(rate), "greater than 0 and at most 1");
        Require(momentum is >= 0 and < 1, momentum, nameof(momentum), "at least 0 and less than 1");
        Require(reach > 0, reach, nameof(reach), "positive");
        return new(found => new NaturalGradient(found, Families(found), rate, momentum, reach));
    }

    /// <summary>Takes a step along the natural gradient.</summary>
    /// <param name="closure">None: the gradients are there.</param>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            foreach (var family in _families)
            {
                family.Precondition(_reach);
            }
        }

        return base.step(closure!);
    }

    /// <summary>What to change where steps lead to numbers that are not finite.</summary>
    internal const string Advice = "NaturalGradient came there by its own steps: take shorter ones, NaturalGradient.Descent(rate: 0.1, reach: 0.5), estimate each from more draws, Elbo.StickingTheLanding(particles: 64), or start near the posterior (init:, scale:).";

    private static void Require(bool holds, double number, string name, string range)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, number.ToString(CultureInfo.InvariantCulture), $"NaturalGradient: {name} must be {range}.");
        }
    }

    // The families are known by the names that automatic guides give to their parameters.
    private static List<Family> Families(TrainableParameters found)
    {
        var families = new List<Family>();
        var foreign = new List<string>();
        foreach (var group in found.ByName.GroupBy(entry => entry.Key[..(entry.Key.LastIndexOf('.') + 1)], entry => entry.Key))
        {
            Parameter? Named(string name) => found.ByName.GetValueOrDefault(group.Key + name);
            if (Named("loc") is { } loc && Named("logScale") is { } logScale && group.Count() == (Named("lower") is null ? 2 : 3))
            {
                families.Add(new(loc, logScale, Named("lower")));
            }
            else
            {
                foreign.AddRange(group);
            }
        }

        return foreign.Count == 0 ? families : throw new ArgumentException(
            "NaturalGradient knows the geometry of AutoNormal and AutoMultivariateNormal alone, and " +
            $"{string.Join(", ", foreign)} {(foreign.Count == 1 ? "is no parameter" : "are no parameters")} of theirs; use optim.Adam.");
    }

    private sealed record Family(Parameter Loc, Parameter LogScale, Parameter? Lower)
    {
        // Puts the natural gradient in the gradient's place.
        public void Precondition(double reach)
        {
            var scale = LogScale.exp();
            var unit = Lower is null ? null : Lower.tril(-1).add(eye(Loc.shape[0], dtype: Loc.dtype, device: Loc.device));
            var factor = unit?.mul(scale.unsqueeze(-1));
            if (Loc.grad is { } toLoc)
            {
                toLoc.copy_(factor is null ? scale.mul(Within(reach, scale.mul(toLoc))) : factor.matmul(Within(reach, factor.t().matmul(toLoc))));
            }

            // A frozen half of the factor leaves no gradient to L.
            if (LogScale.grad is not { } toScale)
            {
                return;
            }

            if (factor is null || Lower?.grad is not { } toLower)
            {
                toScale.copy_(Within(reach, toScale.mul(0.5)).clamp_min(-Growth(reach)));
                return;
            }

            // L = diag(s) (I + A): from gradients to log s and A to those of L, and the change of L back to that of log s and A.
            var below = toLower.tril(-1).div(scale.unsqueeze(-1));
            var onDiagonal = toScale.sub(below.mul(factor).sum(dim: -1)).div(scale);
            var triangle = factor.t().matmul(below.add(onDiagonal.diag())).tril();
            var white = Within(reach, triangle.sub(triangle.diagonal().mul(0.5).diag()));
            var held = white.sub(white.diagonal().clamp_max(-Growth(reach)).add(Growth(reach)).diag());
            var change = factor.matmul(held).div(scale.unsqueeze(-1));
            toScale.copy_(change.diagonal());
            toLower.copy_(change.sub(unit!.mul(toScale.unsqueeze(-1))).tril(-1));
        }

        // Where the log density bends downwards or not at all, a scale's natural gradient is at least −½; what asks for faster growth is
        // noise of far draws, or a place where it bends upwards, and a scale that follows throws the next draws farther.
        private static double Growth(double reach) => Math.Max(0.5, reach / 4);

        private static Tensor Within(double reach, Tensor white)
        {
            var length = white.to(ScalarType.Float64).square().sum().sqrt();
            return white.mul(length.reciprocal().mul(reach).clamp_max(1).to(white.dtype));
        }
    }
}
