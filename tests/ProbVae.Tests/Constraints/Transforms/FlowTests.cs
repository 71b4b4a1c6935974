using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>Flows as networks: their masks, their contexts, their training.</summary>
public sealed class FlowTests
{
    private static readonly RandomKey Key = new(5);

    private static readonly Dictionary<string, Func<int, Flow>> Kinds = new()
    {
        ["inverse autoregressive"] = context => new InverseAutoregressiveFlow(3, [8], Key, context),
        ["masked autoregressive"] = context => new MaskedAutoregressiveFlow(3, [8], Key, context),
        ["affine coupling"] = context => new AffineCoupling(3, [8], Key, context),
        ["spline coupling"] = context => new SplineCoupling(3, [8], Key, context),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(5, 0)]
    [InlineData(1, 2)]
    [InlineData(4, 3)]
    public void Outputs_of_MADE_see_the_context_and_earlier_elements_alone(int dimension, int context)
    {
        const int outputs = 2;
        using var made = new Made(dimension, outputs, [16, 16], Key, context);
        var jacobian = Jacobian(made, dimension + context);
        for (var output = 0; output < outputs * dimension; output++)
        {
            for (var input = 0; input < dimension + context; input++)
            {
                var sees = input >= dimension || input < output % dimension;
                Assert.Equal(sees, jacobian[output][input] != 0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_flow_inverts_whatever_its_weights_are(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            using var flow = Kinds[name](0);
            flow.Network.to(ScalarType.Float64);
            using var generator = Key.Fold(seed).NewGenerator();
            using var noGrad = no_grad();
            foreach (var (_, parameter) in flow.Network.named_parameters())
            {
                parameter.copy_(randn(parameter.shape, ScalarType.Float64, generator: generator).mul(0.7));
            }

            var x = randn([20, 3], ScalarType.Float64, generator: generator);
            var (y, determinant) = flow.ForwardWithLogDeterminant(x);
            var (back, same) = flow.InverseWithLogDeterminant(y);
            Assert.True(back.sub(x).abs().max().item<double>() < 1e-7);
            Assert.True(determinant.sub(same).abs().max().item<double>() < 1e-7);
            Assert.True(determinant.sub(flow.LogDeterminant(x, y)).abs().max().item<double>() < 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_are_trained_and_masks_are_kept(string name)
    {
        using var flow = Kinds[name](0);
        var parameters = flow.Network.named_parameters().Select(pair => pair.name).Order().ToArray();
        Assert.Equal(["layers.0.bias", "layers.0.weight", "layers.2.bias", "layers.2.weight"], parameters);
        Assert.Equal(["layers.0.mask", "layers.2.mask"], flow.Network.named_buffers().Select(pair => pair.name).Order());
        var x = randn([6, 3], generator: Key.NewGenerator());
        flow.Inverse(flow.Forward(x)).sum().add(flow.LogDeterminant(x, flow.Forward(x)).sum()).backward();
        Assert.All(flow.Network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void A_captured_chain_of_flows_is_found_for_training()
    {
        using var flow = new InverseAutoregressiveFlow(2, [4], Key);
        var chain = new ComposeTransform(flow, PermuteTransform.Reversed(2));
        var model = Model.Given<Tensor>("captured").Sample("z", _ => new Normal(chain.Forward(zeros(2)), 1).ToEvent(), out _).Build();
        var names = TrainableParameters.Of([], model).ByName.Keys;
        Assert.Equal(4, names.Count());
        Assert.All(names, name => Assert.Contains("network", name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_flow_that_starts_from_the_same_key_starts_the_same()
    {
        using var first = new MaskedAutoregressiveFlow(3, [8], Key);
        using var second = new MaskedAutoregressiveFlow(3, [8], Key);
        using var other = new MaskedAutoregressiveFlow(3, [8], Key.Fold(1));
        var x = ones(3);
        Assert.True(first.Forward(x).Equals(second.Forward(x)));
        Assert.False(first.Forward(x).Equals(other.Forward(x)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_context_moves_the_transform_and_broadcasts(string name)
    {
        using var flow = TransformCases.Ready(Kinds[name](2), ScalarType.Float64);
        var x = zeros([3], ScalarType.Float64);
        var contexts = tensor(new[,] { { 1.0, -1 }, { 0.5, 2 } });
        var given = flow.Given(contexts);
        var y = given.Forward(x);
        Assert.Equal(new Shape([2, 3]), new Shape(y.shape));
        Assert.Equal(new Shape([2, 3]), given.ForwardShape([3]));
        Assert.True(y[0].sub(y[1]).abs().sum().item<double>() > 1e-3);
        Assert.True(y[1].sub(flow.Given(contexts[1]).Forward(x)).abs().max().item<double>() < 1e-12);
    }

    /// <summary>Image, density and gradients of a posterior of two flows, against the papers' formulas on torch.</summary>
    [Fact]
    public void Two_inverse_autoregressive_flows_have_the_plain_formulas_density()
    {
        using Flow first = TransformCases.Ready(new InverseAutoregressiveFlow(3, [8], Key, 2), ScalarType.Float64), second = TransformCases.Ready(new InverseAutoregressiveFlow(3, [8], Key.Fold(1), 2), ScalarType.Float64);
        using var generator = Key.NewGenerator();
        Tensor Leaf(params long[] shape) => randn(shape, ScalarType.Float64, generator: generator).requires_grad_();
        var (context, loc, logScale) = (Leaf(4, 2), Leaf(4, 3), Leaf(4, 3));
        Tensor[] leaves = [context, loc, logScale, .. first.Network.parameters(), .. second.Network.parameters()];

        var q = new TransformedDistribution(new Normal(loc, logScale.exp()), first.Given(context), PermuteTransform.Reversed(3), second.Given(context));
        var drawn = q.Sample(Key);
        var density = q.LogProb(drawn);

        var noise = new Normal(zeros(4, 3, dtype: ScalarType.Float64), 1).Sample(Key);
        var (z, plain) = (loc + logScale.exp() * noise, (-0.5 * noise.square() - logScale - 0.5 * Math.Log(2 * Math.PI)).sum(-1));
        foreach (var flow in new[] { first, second })
        {
            z = flow == first ? z : z.index_select(-1, tensor([2L, 1, 0]));
            var numbers = flow.Network.call(cat([z, context], -1)).chunk(2, -1);
            var gate = (numbers[1] + 2).sigmoid();
            z = gate * z + (1 - gate) * numbers[0];
            plain -= gate.log().sum(-1);
        }

        Assert.True(drawn.sub(z).abs().max().item<double>() < 1e-12);
        Assert.True(density.sub(plain).abs().max().item<double>() < 1e-12);
        var weights = linspace(1, 2, 4, ScalarType.Float64);
        Assert.All(Gradients.Of(density.mul(weights).sum().add(drawn.square().sum()), leaves).Zip(Gradients.Of(plain.mul(weights).sum().add(z.square().sum()), leaves)),
            pair => Assert.True(pair.First.sub(pair.Second).abs().max().item<double>() < 1e-10));
    }

    /// <summary>A permutation has no part in the determinant, be it alone.</summary>
    [Fact]
    public void A_density_behind_a_permutation_is_that_of_the_origin()
    {
        var (scale, value) = (tensor([1.0, 2, 3]), tensor(new[,] { { 0.3, -1, 2 }, { 1, 0, -0.5 } }));
        foreach (var order in new long[][] { [2, 0, 1], [2, 1, 0] })
        {
            var permuted = new TransformedDistribution(new Normal(0, scale).ToEvent(), new PermuteTransform(order));
            var plain = new Normal(0, scale.index_select(0, tensor(order))).ToEvent();
            Assert.True(permuted.LogProb(value).sub(plain.LogProb(value)).abs().max().item<double>() < 1e-15);
        }
    }

    /// <summary>What no step changes, no step copies; files and other machines get it all the same.</summary>
    [Fact]
    public void Masks_are_buffers_of_which_no_step_keeps_a_copy()
    {
        using var flow = new InverseAutoregressiveFlow(2, [4], Key);
        using var statistics = nn.BatchNorm1d(2);
        var model = Model.Given<Tensor>("m").Sample("z", _ => new Normal(statistics.call(flow.Forward(zeros(3, 2))), 1).ToEvent(2), out _).Build();
        var parameters = TrainableParameters.Of([], model);
        Assert.Equal(5, parameters.Buffers.Count);
        using var scope = NewDisposeScope();
        parameters.CopyBuffers();
        Assert.Equal(3, scope.DisposablesCount);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_wrong_context_or_length_is_refused_in_words(string name)
    {
        using var plain = Kinds[name](0);
        using var conditional = Kinds[name](2);
        Refused("as context it takes none; received shape (2)", () => plain.Given(ones(2)).Forward(ones(3)));
        Refused("as context it takes vectors of 2 numbers, by flow.Given(context); received none", () => conditional.Forward(ones(3)));
        Refused("received shape (5)", () => conditional.Given(ones(5)).Forward(ones(3)));
        Refused("do not broadcast in their first axes", () => conditional.Given(ones(4, 2)).Forward(ones(3, 3)));
        Refused("vectors of 3 numbers, received shape (7, 4)", () => plain.Forward(ones(7, 4)));
    }

    [Fact]
    public void Couplings_need_two_elements_and_splines_two_bins()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AffineCoupling(1, [4], Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SplineCoupling(2, [4], Key, bins: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SplineCoupling(2, [4], Key, bound: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Made(0, 2, [4], Key));
    }

    [Fact]
    public void A_spline_of_zeros_is_the_identity_and_so_are_its_tails()
    {
        var x = linspace(-6, 6, 41, ScalarType.Float64);
        var flat = new RationalQuadraticSpline(zeros([41, 3 * 8 - 1], ScalarType.Float64), 8, 5);
        var (y, slope) = flat.Forward(x);
        Assert.True(y.sub(x).abs().max().item<double>() < 1e-12);
        Assert.True(slope.abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void A_spline_rises_through_its_knots_without_a_jump_in_slope()
    {
        var numbers = randn([3 * 6 - 1], ScalarType.Float64, generator: Key.NewGenerator());
        // Between neighbours the curve's slope is the mean of its ends', up to their distance: a jump at a knot would stay on a finer grid.
        Assert.True(SlopeMismatch(numbers, 8001) < 0.4 * SlopeMismatch(numbers, 2001));
        var (x, y, logSlope, spline) = Curve(numbers, 2001);
        var (back, sameSlope) = spline.Inverse(y);
        Assert.True(back.sub(x).abs().max().item<double>() < 1e-10);
        Assert.True(sameSlope.sub(logSlope).abs().max().item<double>() < 1e-8);
    }

    private static double SlopeMismatch(Tensor numbers, int points)
    {
        var (x, y, logSlope, _) = Curve(numbers, points);
        var (steps, slope) = (Steps(y), logSlope.exp());
        Assert.True(steps.gt(0).all().ToBoolean());
        var mean = slope.narrow(0, 1, points - 1).add(slope.narrow(0, 0, points - 1)).div(2);
        return steps.div(Steps(x)).sub(mean).abs().max().item<double>();
    }

    private static Tensor Steps(Tensor points) => points.narrow(0, 1, points.shape[0] - 1).sub(points.narrow(0, 0, points.shape[0] - 1));

    private static (Tensor X, Tensor Y, Tensor LogSlope, RationalQuadraticSpline Spline) Curve(Tensor numbers, int points)
    {
        var x = linspace(-4, 4, points, ScalarType.Float64);
        var spline = new RationalQuadraticSpline(numbers.expand(points, numbers.shape[0]), 6, 3);
        var (y, logSlope) = spline.Forward(x);
        return (x, y, logSlope, spline);
    }

    private static double[][] Jacobian(Made made, int inputs)
    {
        var rows = new List<double[]>();
        var input = randn([inputs], generator: Key.NewGenerator()).requires_grad_(true);
        var outputs = made.call(input);
        for (var output = 0; output < outputs.shape[0]; output++)
        {
            input.grad?.zero_();
            made.call(input)[output].backward();
            rows.Add([.. input.grad!.data<float>().ToArray().Select(number => (double)number)]);
        }

        return [.. rows];
    }

    private static void Refused(string sentence, Func<object> action) =>
        Assert.Contains(sentence, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}
