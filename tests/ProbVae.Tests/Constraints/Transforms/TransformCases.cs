using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>All transforms.</summary>
internal static class TransformCases
{
    private static readonly RandomKey Key = new(2024);

    private static readonly TransformCase[] All =
    [
        new("identity", _ => new IdentityTransform(), [2]),
        new("identity of vectors", _ => new IdentityTransform(Support.RealVector), [3]),
        new("affine", _ => new AffineTransform(1.5, -0.25), [2]),
        new("affine by element", dtype => new AffineTransform(tensor(new[] { 1.0, -2 }, dtype), tensor(new[] { 0.5, 3 }, dtype)), [2]),
        new("exp", _ => new ExpTransform(), [2]),
        new("log", _ => new LogTransform(), [2]),
        new("power 2", _ => new PowerTransform(2), [2]),
        new("power -0.5", _ => new PowerTransform(-0.5), [2]),
        new("sigmoid", _ => new SigmoidTransform(), [2]),
        new("softplus", _ => new SoftplusTransform(), [2]),
        new("tanh", _ => new TanhTransform(), [2]),
        new("greater than 3", _ => new Interval(3, double.PositiveInfinity, lowerIncluded: false).FromUnconstrained!, [2]),
        new("below 3", _ => new Interval(double.NegativeInfinity, 3).FromUnconstrained!, [2]),
        new("interval", _ => new Interval(-2, 5).FromUnconstrained!, [2]),
        new("interval by element", dtype => new Interval(tensor(new[] { 0.0, 1 }, dtype), tensor(new[] { 0.5, 4 }, dtype)).FromUnconstrained!, [2]),
        new("circular", _ => Support.Circular.FromUnconstrained!, [2]),
        new("stick breaking", _ => new StickBreakingTransform(), [4]),
        new("ordered", _ => new OrderedTransform(), [4]),
        new("lower Cholesky", _ => new LowerCholeskyTransform(), [6]),
        new("correlation Cholesky", _ => new CorrelationCholeskyTransform(), [6], 1e-7),
        new("positive definite from Cholesky", _ => new PositiveDefiniteTransform(), [3, 3], 1e-7),
        new("positive definite", _ => Support.PositiveDefinite.FromUnconstrained!, [6], 1e-7),
        new("permute", _ => new PermuteTransform(2, 0, 3, 1), [4]),
        new("compose of numbers", _ => new ComposeTransform(new AffineTransform(0.5, 2), new TanhTransform()), [2]),
        new("compose of numbers and vectors", _ => new ComposeTransform(new AffineTransform(0.5, 0.7), new StickBreakingTransform()), [3]),
        new("compose ending in numbers", _ => new ComposeTransform(new OrderedTransform(), new SoftplusTransform(), new PowerTransform(0.5)), [3]),
        new("independent", _ => new IndependentTransform(new SoftplusTransform(), 1), [3]),
        new("independent vectors", _ => new IndependentTransform(new StickBreakingTransform(), 1), [2, 3]),
        new("inverse of exp", _ => new InverseTransform(new ExpTransform()), [2]),
        new("inverse of stick breaking", _ => new InverseTransform(new StickBreakingTransform()), [4]),
        new("inverse of ordered", _ => new InverseTransform(new OrderedTransform()), [3]),
        new("inverse of correlation Cholesky", _ => new InverseTransform(new CorrelationCholeskyTransform()), [3, 3], 1e-7),
        new("inverse of lower Cholesky", _ => new InverseTransform(new LowerCholeskyTransform()), [3, 3]),
        Flow("inverse autoregressive", () => new InverseAutoregressiveFlow(3, [8, 8], Key)),
        Flow("masked autoregressive", () => new MaskedAutoregressiveFlow(3, [8, 8], Key)),
        Flow("affine coupling", () => new AffineCoupling(3, [8], Key)),
        Flow("affine coupling, second half kept", () => new AffineCoupling(3, [8], Key, keepsSecond: true)),
        Flow("spline coupling", () => new SplineCoupling(3, [8], Key, bins: 5, bound: 2)),
        Flow("inverse autoregressive with context", () => new InverseAutoregressiveFlow(3, [8], Key, context: 2), 2),
        Flow("masked autoregressive with context", () => new MaskedAutoregressiveFlow(3, [8], Key, context: 2), 2),
        Flow("affine coupling with context", () => new AffineCoupling(3, [8], Key, context: 2), 2),
        Flow("spline coupling with context", () => new SplineCoupling(3, [8], Key, context: 2, keepsSecond: true), 2),
        new("chain of flows", dtype => new ComposeTransform(
            Ready(new InverseAutoregressiveFlow(3, [8], Key), dtype), PermuteTransform.Reversed(3), Ready(new SplineCoupling(3, [8], Key), dtype)), [3], 1e-7),
    ];

    public static TheoryData<string> Names => [.. All.Select(row => row.Name)];

    /// <summary>Those whose arguments are numbers or vectors, and not matrices.</summary>
    public static TheoryData<string> NamesOverVectors => [.. All.Where(row => row.Double().Domain.EventRank < 2 || row.Name == "independent vectors").Select(row => row.Name)];

    /// <summary>Those whose values at arguments of ±100 are numbers of float32: all but L Lᵀ of e^100.</summary>
    public static TheoryData<string> NamesOfWideRange => [.. All.Where(row => row.Name != "positive definite").Select(row => row.Name)];

    public static TransformCase ByName(string name) => All.Single(row => row.Name == name);

    /// <summary>Moves every weight of a flow away from where it starts, and the flow to a type of numbers.</summary>
    public static Flow Ready(Flow flow, ScalarType dtype)
    {
        using var noGrad = no_grad();
        flow.Network.to(dtype);
        using var generator = Key.Fold("weights").NewGenerator();
        foreach (var (_, parameter) in flow.Network.named_parameters())
        {
            parameter.add_(randn(parameter.shape, ScalarType.Float64, generator: generator).mul(0.3).to(dtype));
        }

        return flow;
    }

    private static TransformCase Flow(string name, Func<Flow> make, int context = 0) => new(name, dtype =>
    {
        var flow = Ready(make(), dtype);
        return context == 0 ? flow : flow.Given(linspace(-1, 1, context, dtype));
    }, [3], 1e-7);
}
