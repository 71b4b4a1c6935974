using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

public sealed class SwapDiffTests
{
    [Fact]
    public void TheSwappedSiteIsToldAndNoOther()
    {
        var model = Model.Given<Tensor>("a mean")
            .Sample("mean", new Normal(0, 10), out var mean)
            .Plate("rows", total: 4, batch: x => x.shape[0])
            .Observe("x", s => new Normal(s[mean], 1), x => x, out _)
            .Build();
        var loc = nn.Parameter(tensor(0.5f));
        var guide = Guide.For(model).Sample(mean, _ => new Normal(loc, 2)).Build();
        using var data = ones(4);
        var lines = SwapDiff.Of(model, model.With(mean, new Laplace(1, 0.25)), guide, Elbo.MeanField(), data)!.Split(Environment.NewLine);
        Assert.Contains("- mean ~ Normal(0, 10)", lines);
        Assert.Contains("+ mean ~ Laplace(1, 0.25)", lines);
        Assert.DoesNotContain(lines, line => line[2..].StartsWith("x ", StringComparison.Ordinal));
        Assert.Null(SwapDiff.Of(model, model, guide, Elbo.MeanField(), data));
    }
}
