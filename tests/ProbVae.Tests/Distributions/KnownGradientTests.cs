using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Distributions;

/// <summary>A gradient that a family knows is the one that torch finds in the graph of the plain formula, whatever is spread over what.</summary>
public sealed class KnownGradientTests
{
    private static readonly long[][] Shapes = [[], [3], [2, 1], [2, 3]];

    [Fact]
    public void Of_a_normals_density()
    {
        foreach (var (x, loc, scale) in from x in Shapes from loc in Shapes from scale in Shapes select (Real(1, x), Real(2, loc), Positive(3, scale)))
        {
            AssertSame([x, loc, scale], known => new Normal(loc, scale).Expand([2, 3]).ScaledScore(x, known));
        }
    }

    /// <summary>An event axis that the density itself lacks is counted as often as it is long.</summary>
    [Fact]
    public void Of_an_event()
    {
        var (x, loc, scale) = (Real(1, []), Real(2, []), Positive(3, [2, 1]));
        AssertSame([x, loc, scale], known => new Normal(loc, scale).Expand([2, 3]).ToEvent().ScaledScore(x, known));
    }

    [Fact]
    public void Of_a_bernoullis_mass()
    {
        foreach (var shape in Shapes)
        {
            var logits = Real(1, shape).mul(4).detach().requires_grad_();
            AssertSame([logits], known => Bernoulli.FromLogits(logits).Expand([2, 3]).ScaledScore(tensor([0.0, 1, 1]), known));
            AssertSame([logits], known => Bernoulli.FromLogits(logits, soft: true).Expand([2, 3]).ScaledScore(tensor([0.2, 0.7, 1]), known));
        }
    }

    /// <summary>The base's gradient is known, the determinant's is its graph's.</summary>
    [Fact]
    public void Of_a_transformed_density()
    {
        foreach (var (x, loc, scale) in from x in Shapes from loc in Shapes from scale in Shapes select (Real(1, x), Real(2, loc), Positive(3, scale)))
        {
            AssertSame([x, loc, scale], known => new TransformedDistribution(new Normal(loc, scale).Expand([2, 3]), new ExpTransform()).ScaledScore(x.exp().expand(2, 3), known));
        }

        // The base is asked for what it knows: a backward pass starts at its argument and not at a graph's result.
        var mean = Real(2, [3]);
        var density = new TransformedDistribution(new Normal(mean, 1), new ExpTransform()).ScaledScore(tensor([1.0, 2, 3]), known: true);
        Assert.Contains(density.Starts(1), start => ReferenceEquals(start.At, mean));
    }

    /// <summary>Where a family leaves the gradient to torch, it is asked for nothing.</summary>
    [Fact]
    public void Of_what_no_family_knows()
    {
        var (probs, soft, logits) = (Positive(1, [3]).div(4).detach().requires_grad_(), Positive(2, [3]).div(4).detach().requires_grad_(), Real(3, [3]));
        Assert.Null(Bernoulli.FromProbs(probs).ScaledScore(tensor([0.0, 1, 1]), known: true).Gradient);
        Assert.Null(Bernoulli.FromLogits(logits, soft: true).ScaledScore(soft, known: true).Gradient);
        Assert.Null(new Normal(logits, 1).ScaledScore(tensor([1f, 2, 3]), known: true).Gradient);
        AssertSame([soft, logits], known => Bernoulli.FromLogits(logits, soft: true).ScaledScore(soft, known));
    }

    [Fact]
    public void Of_the_divergence_of_normals()
    {
        foreach (var (locQ, scaleQ, locP, scaleP) in from a in Shapes from b in Shapes from c in Shapes from d in Shapes select (Real(1, a), Positive(2, b), Real(3, c), Positive(4, d)))
        {
            AssertSame([locQ, scaleQ, locP, scaleP], known => Divergence(new Normal(locQ, scaleQ), new Normal(locP, scaleP), known));
        }

        var (loc, scale) = (Real(1, [3]), Positive(2, [2, 1]));
        AssertSame([loc, scale], known => Divergence(new Normal(loc, scale), new Normal(0, 1), known));
        AssertSame([loc, scale], known => Divergence(new LogNormal(loc, scale), new LogNormal(0.3, 2), known));
    }

    [Fact]
    public void Of_the_divergence_from_a_half_normal()
    {
        foreach (var (loc, scale, scaleP) in from a in Shapes from b in Shapes from c in Shapes select (Real(1, a), Positive(2, b), Positive(3, c)))
        {
            AssertSame([loc, scale, scaleP], known => Divergence(new LogNormal(loc, scale), new HalfNormal(scaleP), known));
        }
    }

    /// <summary>A form that somebody registers in the place of one that knows its gradient is asked for its own.</summary>
    [Fact]
    public void Of_a_form_that_was_replaced()
    {
        var loc = Real(1, [3]);
        var registry = KlRegistry.Standard.With<Normal, Normal>((q, p) => q.Loc.mul(7));
        var divergence = registry.ByEvent(new Normal(loc, 1), new Normal(0, 1), known: true);
        Assert.Null(divergence.Gradient);
        Assert.Equal(loc.mul(7).sum().item<double>(), divergence.Values.sum().item<double>(), 1e-12);
    }

    [Fact]
    public void Of_a_difference()
    {
        foreach (var (x, loc, scale) in from x in Shapes from loc in Shapes from scale in Shapes select (Real(1, x), Real(2, loc), Positive(3, scale)))
        {
            AssertSame([x, loc, scale], known => known
                ? KnownGradient.Difference(new Normal(loc, scale).Expand([2, 3]).ScaledScore(x, known), new Laplace(0, scale).Expand([2, 3]).ScaledScore(x, known))
                : new Normal(loc, scale).Expand([2, 3]).ScaledScore(x).ToTensor().sub(new Laplace(0, scale).Expand([2, 3]).ScaledScore(x).ToTensor()));
        }
    }

    /// <summary>A whole step: the gradient of every parameter and the terms, with and without what families know.</summary>
    [Fact]
    public void Of_a_step()
    {
        foreach (var elbo in new[] { Elbo.MeanField(3), Elbo.Trace(3), Elbo.MeanField(2, vectorized: false) })
        {
            var known = Step(elbo);
            // A weight of 1 asks for each site's own loss, which is differentiated by its graph.
            var graph = Step(elbo.WithKlWeight(KlWeight.Constant(1)));
            Assert.Equal(graph.Loss, known.Loss, 1e-9 * Math.Abs(graph.Loss));
            Assert.All(graph.Gradients.Zip(known.Gradients), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    private static (double Loss, double[] Gradients) Step(Elbo elbo)
    {
        using var data = tensor([1.5, -0.3, 2.2]);
        var (loc, scale, noise) = (new Parameter(tensor(0.4)), new Parameter(tensor([-0.2, 0.1, 0.3])), new Parameter(tensor(0.2)));
        var model = Model.Given<Tensor>("rows")
            .Sample("m", new Normal(tensor(0.0), tensor(2.0)), out var m)
            .Plate("rows", total: 12)
            .Sample("z", s => new Normal(s[m], 1), out var z)
            .Observe("x", s => new Normal(s[z], noise.exp()), out _)
            .Observe("b", s => Bernoulli.FromLogits(s[z].mul(2)), s => s.gt(0).to(ScalarType.Float64), out _)
            .Build();
        var guide = Guide.For(model)
            .Sample(m, _ => new Normal(loc, scale[0].exp()))
            .Sample(z, d => new Normal(d.mul(loc), scale.exp()))
            .Build();
        using var svi = Svi.For(model, guide, elbo, parameters => optim.SGD(parameters, 0), seed: 3);
        var loss = svi.Step(data).Loss;
        return (loss, [.. new[] { loc, scale, noise }.SelectMany(parameter => parameter.grad!.reshape(-1).data<double>().ToArray())]);
    }

    private static ScaledTensor Divergence(Distribution q, Distribution p, bool known) => KlRegistry.Standard.ByEvent(q, p, known);

    private static Tensor Real(long stream, long[] shape) => Drawn(stream, shape).requires_grad_();

    private static Tensor Positive(long stream, long[] shape) => Drawn(stream, shape).mul(0.4).exp().requires_grad_();

    private static Tensor Drawn(long stream, long[] shape)
    {
        using var generator = new RandomKey(stream).NewGenerator();
        return randn(shape, ScalarType.Float64, generator: generator);
    }

    // The same numbers, and the same gradients of their sum.
    private static void AssertSame(Tensor[] leaves, Func<bool, ScaledTensor> quantity)
    {
        var (graph, known) = (quantity(false), quantity(true));
        Assert.False(known.Values.requires_grad && known.Gradient is not null);
        Assert.True(graph.ToTensor().sub(known.ToTensor()).abs().max().item<double>() < 1e-12);
        var expected = Gradients.Of(graph.ToTensor().sum(), leaves);
        Array.ForEach(leaves, leaf => leaf.grad = null);
        var starts = known.Starts(known.Factor);
        autograd.backward([.. starts.Select(start => start.At)], [.. starts.Select(start => start.Gradient)]);
        Assert.All(leaves.Zip(expected), pair =>
        {
            Assert.Equal(pair.Second.shape, pair.First.grad!.shape);
            Assert.True(pair.First.grad!.sub(pair.Second).abs().max().item<double>() < 1e-10);
        });
    }
}
