using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>One transform and a way to draw points of its domain: a row of <see cref="TransformCases"/>. Every property runs over the rows.</summary>
/// <param name="Name">The row's name in test reports.</param>
/// <param name="Make">Makes the transform for a type of numbers.</param>
/// <param name="Element">The shape of one element of the domain; for transforms by number one axis of them.</param>
/// <param name="Tolerance">How far a round trip in float64 may miss, relative to 1 + |x|.</param>
internal sealed record TransformCase(string Name, Func<ScalarType, Transform> Make, Shape Element, double Tolerance = 1e-8)
{
    public Transform Double() => Make(ScalarType.Float64);

    /// <summary>Points of the domain: unconstrained normal numbers, mapped into it.</summary>
    public Tensor Draw(RandomKey key, Shape batch, ScalarType dtype = ScalarType.Float64, double scale = 1)
    {
        var domain = Make(dtype).Domain;
        var intoDomain = domain.FromUnconstrained!;
        using var generator = key.NewGenerator();
        var free = randn(intoDomain.InverseShape(batch + Element).ToArray(), ScalarType.Float64, generator: generator).mul(scale).to(dtype);
        return intoDomain.Forward(free);
    }

    public override string ToString() => Name;
}
