using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>What a transformed distribution adds to its base.</summary>
public sealed class TransformedDistributionTests
{
    private static readonly RandomKey Key = new(31);

    [Fact]
    public void Exp_of_a_normal_is_a_log_normal()
    {
        var transformed = new TransformedDistribution(new Normal(0.5, 2), new ExpTransform());
        var x = tensor([0.1f, 1f, 7f]);
        var error = transformed.LogProb(x).sub(new LogNormal(0.5, 2).LogProb(x)).abs().max().item<float>();
        Assert.True(error < 1e-5);
        Assert.Equal("TransformedNormal", transformed.Family);
    }

    [Fact]
    public void Scoring_a_fresh_draw_needs_no_inverse()
    {
        var counting = new Counting();
        var transformed = new TransformedDistribution(Normal.Standard(3), counting, new ExpTransform());
        var draw = transformed.Sample(Key, 5);
        var fresh = transformed.LogProb(draw);
        Assert.Equal(0, counting.Inverses);
        var copied = transformed.LogProb(draw.clone());
        Assert.Equal(1, counting.Inverses);
        Assert.True(fresh.sub(copied).abs().max().item<float>() < 1e-4);
        transformed.Sample(Key, 5);
        transformed.LogProb(draw);
        Assert.Equal(2, counting.Inverses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Drawing_and_scoring_the_draw_run_a_flow_once(int contextLength)
    {
        using var flow = new InverseAutoregressiveFlow(3, [8], Key, contextLength);
        var runs = 0;
        flow.Network.register_forward_hook((_, _, output) =>
        {
            runs++;
            return output;
        });
        Transform transform = contextLength == 0 ? flow : flow.Given(new Normal(0, 1).Sample(Key.Fold("context"), 5, contextLength));
        var transformed = new TransformedDistribution(Normal.Standard(3), PermuteTransform.Reversed(3), transform, new ExpTransform());
        var draw = transformed.Sample(Key, 5);
        transformed.LogProb(draw).sum().backward();
        Assert.Equal(1, runs);

        // The same score and slopes as in steps, where each transform gives the image and then the determinant.
        var parameter = flow.Network.parameters().First();
        var slopes = parameter.grad!.clone();
        parameter.grad = null;
        var x = transformed.Transforms.Reverse().Aggregate(draw.detach(), (value, step) => step.Inverse(value)).detach();
        var score = Normal.Standard(3).LogProb(x);
        foreach (var step in transformed.Transforms)
        {
            var y = step.Forward(x);
            var determinant = step.LogDeterminant(x, y);
            (x, score) = (y, score.sub(step.Domain.EventRank == 0 ? determinant.sum(-1) : determinant));
        }

        score.sum().backward();
        Assert.True(score.sub(transformed.LogProb(draw)).abs().max().item<float>() < 1e-4);
        Assert.True(slopes.abs().max().item<float>() > 1e-3);
        Assert.True(parameter.grad!.sub(slopes).abs().max().item<float>() < 1e-4 * (1 + slopes.abs().max().item<float>()));
    }

    [Fact]
    public void A_draw_without_gradients_does_not_cut_those_of_its_score()
    {
        var shift = tensor(0.5, requires_grad: true);
        var transformed = new TransformedDistribution(new Normal(tensor(0.0), 1), new AffineTransform(shift, 2));
        Tensor draw;
        using (no_grad())
        {
            draw = transformed.Sample(Key);
        }

        transformed.LogProb(draw).backward();
        Assert.Equal((draw.item<double>() - 0.5) / 4, shift.grad!.item<double>(), 1e-12);
    }

    [Fact]
    public void A_draw_whose_origin_was_disposed_of_is_inverted()
    {
        var transformed = new TransformedDistribution(new Normal(0, 1), new ExpTransform());
        Tensor draw;
        using (var scope = NewDisposeScope())
        {
            draw = transformed.Sample(Key, 4).MoveToOuterDisposeScope();
        }

        Assert.True(transformed.LogProb(draw).isfinite().all().ToBoolean());
    }

    [Fact]
    public void The_event_has_as_many_axes_as_the_transforms_read()
    {
        var simplex = new TransformedDistribution(new Normal(zeros(4, 3), 1), new StickBreakingTransform());
        Assert.Equal(new Shape([4]), simplex.BatchShape);
        Assert.Equal(new Shape([4]), simplex.EventShape);
        Assert.Equal(new Shape([7, 4]), new Shape(simplex.LogProb(simplex.Sample(Key, 7)).shape));

        var matrix = new TransformedDistribution(Normal.Standard(2, 5), new ExpTransform());
        Assert.Equal(new Shape([2, 5]), matrix.EventShape);
        Assert.Equal(new Shape([7]), new Shape(matrix.LogProb(matrix.Sample(Key, 7)).shape));

        var error = Assert.Throws<ArgumentException>(() => new TransformedDistribution(new Normal(0, 1), new StickBreakingTransform()));
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void Without_transforms_it_is_its_base()
    {
        var transformed = new TransformedDistribution(new Exponential(tensor(2.0)));
        Assert.Equal(new Exponential(1).Support.ToString(), transformed.Support.ToString());
        Assert.Equal(Math.Log(2) - 3, transformed.LogProb(tensor(1.5)).item<double>(), 1e-12);
        Assert.Throws<ArgumentException>(() => transformed.LogProb(tensor(-1.5)));
    }

    /// <summary>Five numbers to a simplex of six, and those to a triangle of 3 × 3, whose rows and columns are one element.</summary>
    [Fact]
    public void Each_transform_reads_the_axes_that_the_one_before_it_made()
    {
        var (loc, stick, triangle) = (tensor([0.1, -0.4, 0.3, 0.9, -1]), new StickBreakingTransform(), new LowerCholeskyTransform());
        var transformed = new TransformedDistribution(new Normal(loc, 0.5), stick, triangle);
        Assert.Equal((Shape.Scalar, new Shape([3, 3])), (transformed.BatchShape, transformed.EventShape));
        Assert.Equal(new Shape([4, 3, 3]), new Shape(transformed.Sample(Key, 4).shape));

        var x = tensor([0.5, 0.25, -0.75, 0, 1]);
        var simplex = stick.Forward(x);
        var matrix = triangle.Forward(simplex);
        var expected = new Normal(loc, 0.5).LogProb(x).sum().sub(stick.LogDeterminant(x, simplex)).sub(triangle.LogDeterminant(simplex, matrix));
        Assert.Equal(expected.item<double>(), transformed.LogProb(matrix).item<double>(), 1e-10);

        // There and back again: the first takes the vector to a matrix, the second the matrix to the vector.
        var back = new TransformedDistribution(new Normal(tensor([0.5, -1, 2]), 1), triangle, new InverseTransform(triangle));
        var value = tensor([1.0, 0.25, -0.5]);
        Assert.Equal((Shape.Scalar, new Shape([3])), (back.BatchShape, back.EventShape));
        Assert.Equal(new Normal(tensor([0.5, -1, 2]), 1).ToEvent().LogProb(value).item<double>(), back.LogProb(value).item<double>(), 1e-12);

        var error = Assert.Throws<ArgumentException>(() => new TransformedDistribution(Normal.Standard(3), new InverseTransform(triangle)));
        Assert.StartsWith("TransformedDistribution: the transforms read 2 axes as one element, and Normal batch () event (3) has 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_exist_through_affine_transforms_alone()
    {
        var unit = eye(2, dtype: ScalarType.Float64);
        var affine = new TransformedDistribution(MultivariateNormal.FromScaleTril(tensor([1.0, 2.0]), unit.mul(3)), new AffineTransform(10, -2));
        Assert.Equal([8.0, 6.0], affine.Mean.data<double>().ToArray());
        Assert.Equal([8.0, 6.0], affine.Mode.data<double>().ToArray());
        Assert.Equal(36, affine.Variance[0].item<double>(), 1e-9);
        Assert.Equal(MultivariateNormal.FromScaleTril(tensor([8.0, 6.0]), unit.mul(6)).Entropy.item<double>(), affine.Entropy.item<double>(), 1e-9);

        var sigmoid = new TransformedDistribution(new Normal(0, 1), new SigmoidTransform());
        var error = Assert.Throws<NotSupportedException>(() => sigmoid.Mean);
        Assert.Equal("TransformedNormal: the mean has no closed form through SigmoidTransform; average over draws of Sample.", error.Message);
        Assert.Throws<NotSupportedException>(() => sigmoid.Entropy);
        // Those who ask whether there is one get an answer and no exception.
        Assert.Null(sigmoid.EntropyOrNull);
        Assert.Null(sigmoid.ModeOrNull);
    }

    [Fact]
    public void A_value_that_no_value_of_the_base_gives_is_refused()
    {
        var shifted = new TransformedDistribution(new Exponential(1), new AffineTransform(3, 1));
        Assert.Equal(-0.5, shifted.LogProb(tensor(3.5f)).item<float>(), 1e-6);
        var error = Assert.Throws<ArgumentException>(() => shifted.LogProb(tensor([3.5f, 2.5f])));
        Assert.StartsWith("TransformedExponential: a value comes from outside the base's support.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bases_that_do_not_fit_are_refused()
    {
        Assert.Contains("Bernoulli has no density", Assert.Throws<ArgumentException>(() => new TransformedDistribution(Bernoulli.FromLogits(0), new ExpTransform())).Message, StringComparison.Ordinal);
        Assert.Contains("Delta has no density", Assert.Throws<ArgumentException>(() => new TransformedDistribution(new Delta(0), new ExpTransform())).Message, StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(() => new TransformedDistribution(new Normal(0, 1), new LogTransform()));
        Assert.Contains("a value of Normal is a real number, and LogTransform takes a real number > 0", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A probability that has rounded to 0 keeps its density: the value's own tensor is read, which has its logarithms.</summary>
    [Fact]
    public void A_value_that_knows_its_logarithms_is_inverted_by_them()
    {
        var (stick, normal, x) = (new StickBreakingTransform(), new Normal(zeros(2), 100), tensor([-200f, 1f]));
        var simplex = stick.Forward(x);
        Assert.Equal(0, simplex[0].item<float>());
        var expected = normal.LogProb(x).sum().sub(stick.LogDeterminant(x, simplex));
        Assert.Equal(expected.item<float>(), new TransformedDistribution(normal, stick).LogProb(simplex).item<float>(), 1e-3f);
    }

    [Fact]
    public void Nothing_in_place_of_a_base_or_of_transforms_is_refused_by_name()
    {
        Assert.Throws<ArgumentNullException>("baseDistribution", () => new TransformedDistribution(null!, new ExpTransform()));
        Assert.Throws<ArgumentNullException>("transforms", () => new TransformedDistribution(new Normal(0, 1), null!));
    }

    [Fact]
    public void An_argument_of_the_base_outside_its_range_is_refused()
    {
        var transformed = new TransformedDistribution(new Normal(0, tensor([1f, -1f])), new ExpTransform());
        Assert.Contains("scale must be a real number > 0; received -1 at (1)", Assert.Throws<ArgumentException>(() => transformed.Sample(Key)).Message, StringComparison.Ordinal);
        var bounds = new TransformedDistribution(new Uniform(tensor([0.0, 2.0]), 1), new AffineTransform(0, 1));
        Assert.Contains("low must be less than high", Assert.Throws<ArgumentException>(() => bounds.Sample(Key)).Message, StringComparison.Ordinal);
    }

    /// <summary>x + 1, and how often it was inverted.</summary>
    private sealed class Counting : Transform
    {
        public int Inverses { get; private set; }

        public override Support Codomain => Support.Real;

        public override Tensor Forward(Tensor x) => x.add(1);

        public override Tensor Inverse(Tensor y)
        {
            Inverses++;
            return y.sub(1);
        }

        public override Tensor LogDeterminant(Tensor x, Tensor y) => zeros_like(x);
    }
}
