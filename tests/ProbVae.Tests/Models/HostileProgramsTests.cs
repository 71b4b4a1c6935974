using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>
/// A thousand programs whose lambdas ask torch for what it refuses: shapes, types, devices, tensors that are gone, graphs that are
/// gone. Each ends in an exception or trains; none ends the process, shows frames of C++ or leaves the inference unusable.
/// </summary>
public sealed class HostileProgramsTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Hostile = new()
    {
        ["a product of matrices that do not fit"] = x => ones(3, 4).matmul(ones(5, 6)).sum() + x.sum(),
        ["a product with a vector that does not fit"] = x => ones(3, 4).matmul(x),
        ["a batched product that does not fit"] = x => ones(2, 3, 4).matmul(ones(5, 4, 3)).sum() + x.sum(),
        ["mm of vectors"] = x => x.mm(x),
        ["bmm of matrices"] = x => ones(2, 2).bmm(ones(2, 2)) + x.sum(),
        ["dot of other lengths"] = x => ones(3).dot(ones(4)) + x.sum(),
        ["a sum of shapes that do not broadcast"] = x => x + ones(17, 19),
        ["a reshape of another size"] = x => x.reshape(1234567),
        ["a view of what is not contiguous"] = x => ones(3, 4).t().view(12).sum() + x.sum(),
        ["an expansion of an axis"] = x => ones(3).expand(4).sum() + x.sum(),
        ["an axis that is not there"] = x => x.sum(9),
        ["a squeeze of an axis that is not there"] = x => x.squeeze(9),
        ["a transposition of axes that are not there"] = x => x.transpose(7, 8),
        ["a permutation of too many axes"] = x => x.permute(0, 1, 2, 3, 4, 5),
        ["a concatenation of other shapes"] = x => cat([ones(2, 3), ones(4, 5)], 0).sum() + x.sum(),
        ["a concatenation of nothing"] = x => cat([], 0) + x,
        ["a stack of other shapes"] = x => stack([ones(2), ones(3)]).sum() + x.sum(),
        ["a split by wrong sizes"] = x => ones(5).split([1L, 1L])[0].sum() + x.sum(),
        ["a chunk of none"] = x => ones(5).chunk(0)[0].sum() + x.sum(),
        ["a narrow beyond the end"] = x => ones(3).narrow(0, 2, 5).sum() + x.sum(),
        ["an index beyond the end"] = x => ones(3)[7] + x,
        ["a selection beyond the end"] = x => ones(3).index_select(0, tensor(new long[] { 9 })).sum() + x.sum(),
        ["a gather beyond the end"] = x => ones(3).gather(0, tensor(new long[] { 9 })).sum() + x.sum(),
        ["a scatter beyond the end"] = x => ones(3).scatter(0, tensor(new long[] { 9 }), ones(1)).sum() + x.sum(),
        ["a lookup of no such row"] = x => nn.Embedding(3, 2).call(tensor(new long[] { 9 })).sum() + x.sum(),
        ["one-hot of a negative number"] = x => nn.functional.one_hot(tensor(new long[] { -2 })).sum() + x.sum(),
        ["the greatest beyond the number"] = x => ones(3).topk(7, 0).values.sum() + x.sum(),
        ["a running maximum along no axis"] = x => x.cummax(5).values.sum(),
        ["a running minimum along no axis"] = x => x.cummin(-9).values.sum(),
        ["a running sum along no axis"] = x => x.cumsum(5),
        ["a Cholesky factor of no square"] = x => linalg.cholesky(ones(2, 3)).sum() + x.sum(),
        ["a Cholesky factor of what is not positive definite"] = x => linalg.cholesky(ones(2, 2).neg()).sum() + x.sum(),
        ["an inverse of a singular matrix"] = x => linalg.inv(zeros(2, 2)).sum() + x.sum(),
        ["a solution that does not fit"] = x => linalg.solve(ones(2, 2), ones(3)).sum() + x.sum(),
        ["a linear layer of another width"] = x => nn.functional.linear(ones(2, 3), ones(4, 5)).sum() + x.sum(),
        ["a convolution of a vector"] = x => nn.functional.conv2d(ones(3), ones(1, 1, 3, 3)).sum() + x.sum(),
        ["a sum over letters that do not fit"] = x => einsum("ij,jk->ik", ones(2, 3), ones(4, 5)).sum() + x.sum(),
        ["a normalization over other axes"] = x => nn.functional.layer_norm(ones(2, 3), [4]).sum() + x.sum(),
        ["a tensor of negative size"] = x => zeros(-3).sum() + x,
        ["a tensor of more memory than there is"] = x => zeros(1L << 55).sum() + x,
        ["random numbers of an empty range"] = x => randint(5, 2, [3]).sum() + x.sum(),
        ["another floating-point type in a product"] = x => ones(3, 4).matmul(ones(4, 3, ScalarType.Float64)).sum() + x.sum(),
        ["a product of truths"] = x => ones(2, 2, ScalarType.Bool).matmul(ones(2, 2, ScalarType.Bool)).sum() + x.sum(),
        ["a difference of truths"] = x => ones(2, ScalarType.Bool).sub(ones(2, ScalarType.Bool)).sum() + x.sum(),
        ["a mean of whole numbers"] = x => ones(2, ScalarType.Int64).mean() + x.sum(),
        ["a complex number"] = x => x * ones(1, ScalarType.ComplexFloat32),
        ["a device that is not there"] = x => x.to(CUDA),
        ["no memory at all"] = x => x.to(META),
        ["one that has no memory in a sum"] = x => x + ones(1, device: META),
        ["a tensor that is gone"] = x => x + Gone(),
        ["itself, after its end"] = x => After(x, x.Dispose),
        ["a graph that is gone"] = x => After(x.sum(), () => Backward(x)),
        ["a gradient without a graph"] = x => autograd.grad([ones(1)], [ones(1)])[0] + x,
        ["a gradient in what is not used"] = x => autograd.grad([x.sum() + Leaf()], [Leaf()])[0] + x,
        ["a change of a leaf in its place"] = x => Leaf().add_(1) + x,
        ["a change of what backward needs"] = x => Overwritten(x),
        ["a gradient that is switched off"] = x => x.exp().requires_grad_(false),
        ["a number of what is many"] = x => ones(3).item<float>() * x,
        ["a number of another type"] = x => (float)ones(1).item<long>() * x,
        ["an exception of its own"] = _ => throw new FormatException("of its own"),
        ["nothing"] = _ => null!,
    };

    // Where the lambda stands: in a prior, a likelihood, a guide, a value that is computed, a program, a swapped prior.
    private static readonly Dictionary<string, Func<Func<Tensor, Tensor>, Parameter, Elbo, Svi<Tensor>>> Places = new()
    {
        ["prior"] = (hostile, loc, elbo) => Inference(loc, elbo, m => m.Sample("w", s => new Normal(hostile(loc), 1), out _), null),
        ["likelihood"] = (hostile, loc, elbo) => Inference(loc, elbo, null, z => new Normal(hostile(z), 1)),
        ["scale of the likelihood"] = (hostile, loc, elbo) => Inference(loc, elbo, null, z => new Normal(z, hostile(z).exp())),
        ["logits"] = (hostile, loc, elbo) => Inference(loc, elbo, null, z => Bernoulli.FromLogits(hostile(z), soft: true)),
        ["guide"] = (hostile, loc, elbo) => Guided(loc, elbo, hostile),
        ["program"] = (hostile, loc, elbo) => Programmed(loc, elbo, hostile),
    };

    public static TheoryData<string> Names => [.. Hostile.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void EachEndsInAnExceptionOrTrains(string name)
    {
        var runs = 0;
        foreach (var (place, make) in Places)
        {
            foreach (var elbo in new[] { Elbo.MeanField(1), Elbo.MeanField(3), Elbo.Trace(2, vectorized: false) })
            {
                using var scope = NewDisposeScope();
                var loc = new Parameter(tensor(0.5f));
                Try($"{name}, in the {place}, {elbo.Particles} particles", () => make(Hostile[name], loc, elbo).Step(ones(4)));
                runs++;
            }
        }

        Assert.Equal(18, runs);
        Assert.Equal(2.0, ones(2).sum().item<float>());
    }

    /// <summary>The suite's thousand: the names above, in each place, under each objective.</summary>
    [Fact]
    public void ThereAreAThousand() => Assert.True(Hostile.Count * Places.Count * 3 > 1000, $"{Hostile.Count * Places.Count * 3} programs");

    // No frames of C++ in a sentence of ours; what the user's own code throws is the user's.
    private static void Try(string program, Action run)
    {
        var failure = Record.Exception(run);
        if (failure is ModelException)
        {
            Assert.False(failure.Message.Contains("frame #", StringComparison.Ordinal), $"{program}: {failure.Message}");
        }
        else
        {
            Assert.False(failure is System.Runtime.InteropServices.ExternalException, $"{program}: {failure?.GetType().Name}: {failure?.Message}");
        }
    }

    private static Svi<Tensor> Inference(Parameter loc, Elbo elbo, Func<ModelBuilder<Tensor>, ModelBuilder<Tensor>>? more, Func<Tensor, Distribution>? likelihood)
    {
        var start = Model.Given<Tensor>("hostile");
        var model = (more is null ? start : more(start))
            .Sample("z", new Normal(0, 1), out var z)
            .Plate("rows", total: 4)
            .Observe("x", s => likelihood?.Invoke(s[z]) ?? new Normal(s[z], 1), out _)
            .Build();
        return ProbVae.Svi.For(model, more is null ? Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build() : Guide.AutoNormal(model, ones(4)), elbo, p => optim.Adam(p));
    }

    private static Svi<Tensor> Guided(Parameter loc, Elbo elbo, Func<Tensor, Tensor> hostile)
    {
        var model = Model.Given<Tensor>("hostile").Sample("z", new Normal(0, 1), out var z).Plate("rows", total: 4).Observe("x", s => new Normal(s[z], 1), out _).Build();
        return ProbVae.Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(hostile(loc), 1)).Build(), elbo, p => optim.Adam(p));
    }

    private static Svi<Tensor> Programmed(Parameter loc, Elbo elbo, Func<Tensor, Tensor> hostile)
    {
        var (z, x) = (new Latent("z"), new Observed("x"));
        var model = Model.Program<Tensor>("hostile", (run, data) =>
        {
            var value = run.Sample(z, new Normal(0, 1));
            var computed = hostile(value);
            using (run.Plate("rows", 4))
            {
                run.Observe(x, new Normal(computed, 1), data);
            }
        });
        return ProbVae.Svi.For(model, Guide.Program(model, (run, _) => run.Sample(z, new Normal(loc, 1))), elbo, p => optim.Adam(p));
    }

    private static Tensor Gone()
    {
        var tensor = ones(1);
        tensor.Dispose();
        return tensor;
    }

    private static Tensor Leaf() => ones(1).requires_grad_();

    private static Tensor After(Tensor tensor, Action action)
    {
        action();
        return tensor;
    }

    private static void Backward(Tensor x)
    {
        var loss = x.exp().sum();
        if (loss.requires_grad)
        {
            loss.backward();
        }
    }

    private static Tensor Overwritten(Tensor x)
    {
        var y = x.exp();
        var product = y.mul(y);
        y.add_(1);
        return product;
    }
}
