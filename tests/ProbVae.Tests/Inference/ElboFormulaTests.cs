using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>The formula says where each sum stands: a minibatch's scale is before a logarithm, never under it.</summary>
public sealed class ElboFormulaTests
{
    [Fact]
    public void AMinibatchScalesTheBoundAndNotTheWeight() => Assert.Equal(
        "L_8(m) = E_q[ 4 Σ_rows log mean w ] + 4 Σ_rows log p(y), log w = log p(x | z) − log q(z) / p(z)    (8 draws, a weight w for each element of rows)",
        Formula(Elbo.Iwae(8)));

    [Fact]
    public void ASumOverSitesScalesEachTerm() => Assert.Equal(
        "ELBO(m) = E_q[ 4 Σ_rows log p(x | z) + 4 Σ_rows log p(y) − 4 Σ_rows KL(q(z) ‖ p(z)) ]    (1 particle)",
        Formula(Elbo.MeanField()));

    [Fact]
    public void WhatIsSummedOutIsSummedOutForEachElement()
    {
        var loc = new Parameter(tensor(1f));
        var model = Model.Given<Tensor>("mixture").Plate("rows", total: 20)
            .Sample("k", Categorical.FromProbs(ones(2) / 2), out var k)
            .Observe("x", s => new Normal(s[k].to(ScalarType.Float32).mul(loc), 1), out _)
            .Build();
        using var svi = Svi.For(model, Guide.For(model).SumOut(k).Build(), Elbo.Enumerated(), Inferences.Still);
        Assert.StartsWith("ELBO(mixture) = E_q[ 4 Σ_rows log Σ_{k} exp(log p(k) + log p(x | k)) ]", svi.Explain(zeros(5)).Formula, StringComparison.Ordinal);
    }

    [Fact]
    public void AWeightOfTheKlIsInTheBoundThatIsAscended()
    {
        Assert.Contains("log w = log p(x | z) − (0.1) log q(z) / p(z) ", Formula(Elbo.Iwae(8).WithKlWeight(KlWeight.Constant(0.1))), StringComparison.Ordinal);
        Assert.Contains("− 4 Σ_rows KL(q(z) ‖ p(z)) ]", Formula(Elbo.MeanField().WithKlWeight(KlWeight.Constant(0.1))), StringComparison.Ordinal);
    }

    // Another observation outside the subsampled plate, a weight, a prior that reads what is summed out: none is a sum under one logarithm.
    [Fact]
    public void WhatIsNoSumUnderOneLogarithmIsWrittenAsADensity()
    {
        var loc = new Parameter(tensor(1f));
        var outside = Model.Given<Tensor>("outside").Observe("y", _ => new Normal(loc, 1), _ => tensor(0f), out _).Plate("rows", total: 20)
            .Sample("k", Categorical.FromProbs(ones(2) / 2), out var k)
            .Observe("x", s => new Normal(s[k].to(ScalarType.Float32).mul(loc), 1), x => x, out _)
            .Build();
        Assert.Contains("E_q[ log Σ_{k} p(y, k, x), each plate's part scaled to its total ]", Of(outside, Guide.For(outside).SumOut(k).Build()), StringComparison.Ordinal);

        var weighted = outside.Scale(0.5);
        Assert.Contains("E_q[ log Σ_{k} p(y, k, x), each plate's part scaled to its total ]", Of(weighted, Guide.For(weighted).SumOut(k).Build()), StringComparison.Ordinal);

        var reads = Model.Given<Tensor>("reads").Plate("rows", total: 20)
            .Sample("k", Categorical.FromProbs(ones(2) / 2), out var kind)
            .Sample("z", s => new Normal(s[kind].to(ScalarType.Float32), 1), out var z)
            .Observe("x", s => new Normal(s[z].mul(loc), 1), x => x, out _)
            .Build();
        Assert.Contains(
            "E_q[ log Σ_{k} p(k, z, x), each plate's part scaled to its total − 4 Σ_rows log q(z) ]",
            Of(reads, Guide.For(reads).SumOut(kind).Sample(z, _ => new Normal(loc, 1)).Build()),
            StringComparison.Ordinal);

        static string Of(Model<Tensor> model, Guide<Tensor> guide)
        {
            using var svi = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still);
            return svi.Explain(zeros(5)).Formula;
        }
    }

    private static string Formula(Elbo elbo)
    {
        var loc = new Parameter(tensor(0f));
        var model = Model.Given<Tensor>("m").Plate("rows", total: 20)
            .Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(s[z], 1), x => x, out _)
            .Observe("y", _ => new Normal(loc, 1), x => x, out _)
            .Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build();
        using var svi = Svi.For(model, guide, elbo, Inferences.Still);
        return svi.Explain(zeros(5)).Formula;
    }
}
