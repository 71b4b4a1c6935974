using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>A KL term is in closed form where the pair is registered and what the sites depend on allows it; else by Monte Carlo, and unbiased.</summary>
public sealed class ClosedFormTests
{
    private const double M = 0.6, SB = 0.8, K = 0.7, SA = 0.5;

    [Fact]
    public void AGuideInTheModelsOrderHasEveryTermInClosedForm()
    {
        using var svi = Pair(reversed: false, dependent: true, program: false);
        Assert.Equal(["KL in closed form", "KL in closed form"], How(svi));
    }

    [Fact]
    public void AGuideInTheReverseOrderWithDependenceSpoilsTheTermWhosePriorReadsWhatIsDrawnFromIt()
    {
        using var svi = Pair(reversed: true, dependent: true, program: false);
        Assert.Equal(["KL in closed form", "KL by Monte Carlo: its prior reads 'a', which the guide draws from 'b'"], How(svi));
    }

    [Fact]
    public void AGuideInTheReverseOrderWithoutDependenceSpoilsNothing()
    {
        using var svi = Pair(reversed: true, dependent: false, program: false);
        Assert.Equal(["KL in closed form", "KL in closed form"], How(svi));
    }

    [Fact]
    public void OfProgramsOnlyTheOrderIsKnown()
    {
        using Svi<Tensor> same = Pair(reversed: false, dependent: true, program: true), reverse = Pair(reversed: true, dependent: false, program: true);
        Assert.Equal(["KL in closed form", "KL in closed form"], How(same));
        Assert.Equal(["KL in closed form", "KL by Monte Carlo: its prior reads 'a', which the guide draws from 'b'"], How(reverse));
    }

    [Fact]
    public void DependenceThroughAThirdVariableIsSeen()
    {
        // Model: c reads a. Guide: c, then b from c, then a from b.
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("chain").Sample("a", new Normal(0, 1), out var a).Sample("b", new Normal(0, 1), out var b)
            .Sample("c", s => new Normal(s[a], 1), out var c).Build();
        var guide = Guide.For(model).Sample(c, _ => new Normal(loc, 1)).Sample(b, (_, s) => new Normal(s[c], 1)).Sample(a, (_, s) => new Normal(s[b], 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(["KL in closed form", "KL in closed form", "KL by Monte Carlo: its prior reads 'a', which the guide draws from 'c'"], How(svi));
    }

    [Fact]
    public void APriorOfAProgramMayReadWhatCameBeforeItAndNothingElse()
    {
        // Model, a program: a, b, c. Guide: a, then c, then b from c.
        using var loc = Inferences.Scalar(0);
        Latent a = new("a"), b = new("b"), c = new("c");
        var model = Model.Program<Tensor>("three", (p, _) =>
        {
            p.Sample(a, new Normal(0, 1));
            p.Sample(b, new Normal(0, 1));
            p.Sample(c, new Normal(0, 1));
        });
        var guide = Guide.For(model).Sample(a, _ => new Normal(loc, 1)).Sample(c, _ => new Normal(loc, 1)).Sample(b, (_, s) => new Normal(s[c], 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(["KL in closed form", "KL in closed form", "KL by Monte Carlo: its prior reads 'b', which the guide draws from 'c'"], How(svi));
    }

    [Fact]
    public void WhatAGuidesProgramDrawsBeforeASiteIsNotDrawnFromIt()
    {
        // Model: b reads a. Guide, a program: a, then c, then b; only c's place beside b is another.
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("three").Sample("a", new Normal(0, 1), out var a).Sample("b", s => new Normal(s[a], 1), out var b)
            .Sample("c", new Normal(0, 1), out var c).Build();
        var guide = Guide.Program(model, (p, _) =>
        {
            p.Sample(a, new Normal(loc, 1));
            p.Sample(c, new Normal(loc, 1));
            p.Sample(b, new Normal(loc, 1));
        });
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(["KL in closed form", "KL in closed form", "KL in closed form"], How(svi));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void MeanFieldAndTraceMeetTheExactElbo(bool reversed, bool dependent)
    {
        using var svi = Pair(reversed, dependent, program: false);
        using var data = tensor(0f);
        // 300 evaluations of 100 particles; bound: 4 standard errors.
        Inferences.AssertEstimates(ExactElbo(dependent ? K : 0, reversed), Inferences.MeanElbo(svi, data, Elbo.MeanField(100), 300), "Elbo.MeanField");
        Inferences.AssertEstimates(ExactElbo(dependent ? K : 0, reversed), Inferences.MeanElbo(svi, data, Elbo.Trace(100), 300), "Elbo.Trace");
    }

    [Fact]
    public void TraceAsksForMonteCarlo()
    {
        using var svi = Pair(reversed: false, dependent: true, program: false, Elbo.Trace());
        Assert.Equal(["KL by Monte Carlo: Elbo.Trace asks for Monte Carlo", "KL by Monte Carlo: Elbo.Trace asks for Monte Carlo"], How(svi));
    }

    [Fact]
    public void AnUnregisteredPairIsEstimatedByMonteCarlo()
    {
        using var empty = Pair(reversed: false, dependent: true, program: false, Elbo.MeanField(divergences: KlRegistry.Empty));
        Assert.Equal("KL by Monte Carlo: KL(Normal ‖ Normal) is not registered", How(empty)[0]);
        using var scored = Pair(reversed: false, dependent: true, program: false, Elbo.ScoreFunction(divergences: KlRegistry.Empty));
        Assert.Equal("KL by Monte Carlo: KL(Normal ‖ Normal) is not registered", How(scored)[0]);

        using var svi = Positive(KlRegistry.Standard);
        Assert.Equal(["KL by Monte Carlo: KL(LogNormal ‖ Laplace) is not registered"], How(svi));
        // E_q[log q − log p] of LogNormal(0.2, 0.5) and Laplace(0, 1): −entropy + log 2 + E[x].
        var exact = -(0.2 + (0.5 * Math.Log(2 * Math.PI * Math.E * 0.25))) + Math.Log(2) + Math.Exp(0.2 + 0.125);
        Inferences.AssertEstimates(-exact, Inferences.MeanElbo(svi, tensor(0f), Elbo.MeanField(100), 300), "−KL(LogNormal ‖ Laplace)");
    }

    [Fact]
    public void APairThatAUserRegistersIsUsed()
    {
        using var svi = Positive(KlRegistry.Standard.With<LogNormal, Laplace>((q, p) => full_like(q.Loc, 7)));
        Assert.Equal(["KL in closed form"], How(svi));
        Assert.Equal(7, svi.Evaluate(tensor(0f)).Kl);
        Assert.False(KlRegistry.Standard.Has(new LogNormal(0, 1), new Laplace(0, 1)), "With changed the registry that it was called on.");
    }

    [Fact]
    public void ExplainIsTheFormulaAndATableOfSites()
    {
        using Parameter weight = Inferences.Scalar(1), scale = Inferences.Scalar(0.5);
        var model = Model.Given<Tensor>("small").Sample("w", new Laplace(0, 1), out var w).Plate("points", total: 60)
            .Sample("z", Normal.Standard(2), out var z)
            .Observe("y", s => Bernoulli.FromLogits(s[z] * s[w].unsqueeze(-1)), out _).Build();
        var guide = Guide.For(model).Sample(w, _ => new LogNormal(weight, 1))
            .Sample(z, (x, s) => new Normal((x * s[w].unsqueeze(-1)), scale)).Build();
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField(particles: 4));
        Assert.Equal(
            """
            ELBO(small) = E_q[ 20 Σ_points log p(y | z, w) − log q(w) / p(w) − 20 Σ_points KL(q(z | w) ‖ p(z)) ]    (4 particles, vectorized)

              site  role      family               batch  event  plates            scale  gradient               term
              w     latent    LogNormal ‖ Laplace  ()     ()                       1      pathwise               KL by Monte Carlo: KL(LogNormal ‖ Laplace) is not registered
              z     latent    Normal ‖ Normal      (3)    (2)    points (3 of 60)  20     pathwise               KL in closed form
              y     observed  Bernoulli            (3)    (2)    points (3 of 60)  20     through what it reads  log p at the draws
            """.ReplaceLineEndings(),
            svi.Explain(zeros(3, 2)).ToString());
    }

    // a ~ N(0, 1), b | a ~ N(a, 1). Guide: q(b) = N(m, sb), q(a | b) = N(k b, sa); or a first, q(a) = N(k m, sa), q(b | a) = N(m + k a, sb).
    private static Svi<Tensor> Pair(bool reversed, bool dependent, bool program, Elbo? elbo = null)
    {
        Parameter m = Inferences.Scalar(M), sb = Inferences.Scalar(SB), k = Inferences.Scalar(dependent ? K : 0), sa = Inferences.Scalar(SA);
        var model = Model.Given<Tensor>("pair").Sample("a", new Normal(0, 1), out var a).Sample("b", s => new Normal(s[a], 1), out var b).Build();
        var declared = reversed
            ? Guide.For(model).Sample(b, _ => new Normal(m, sb)).Sample(a, (_, s) => new Normal(dependent ? k * s[b] : k, sa))
            : Guide.For(model).Sample(a, _ => new Normal(zeros_like(m), sa)).Sample(b, (_, s) => new Normal(m + (k * s[a]), sb));
        var written = Guide.Program(model, (p, _) =>
        {
            if (reversed)
            {
                var drawn = p.Sample(b, new Normal(m, sb));
                p.Sample(a, new Normal(k * drawn, sa));
            }
            else
            {
                var drawn = p.Sample(a, new Normal(zeros_like(m), sa));
                p.Sample(b, new Normal(m + (k * drawn), sb));
            }
        });
        return Inferences.Svi(model, program ? written : declared.Build(), elbo);
    }

    // Both guides are jointly normal; with the first and second moments of (a, b): E log p(a) + E log p(b | a) + both entropies.
    private static double ExactElbo(double k, bool reversed)
    {
        var (a2, difference2) = reversed
            ? ((SA * SA) + (k * k * ((M * M) + (SB * SB))), (SA * SA) + ((1 - k) * (1 - k) * ((M * M) + (SB * SB))))
            : (SA * SA, (SB * SB) + (M * M) + ((1 - k) * (1 - k) * SA * SA));
        return -Math.Log(2 * Math.PI) - (0.5 * (a2 + difference2)) + Math.Log(2 * Math.PI * Math.E) + Math.Log(SA) + Math.Log(SB);
    }

    private static Svi<Tensor> Positive(KlRegistry divergences)
    {
        Parameter loc = Inferences.Scalar(0.2), scale = Inferences.Scalar(0.5);
        var model = Model.Given<Tensor>("positive").Sample("z", new Laplace(0, 1), out var z).Build();
        return Inferences.Svi(model, Guide.For(model).Sample(z, _ => new LogNormal(loc, scale)).Build(), Elbo.MeanField(divergences: divergences));
    }

    private static string[] How(Svi<Tensor> svi) => [.. svi.Explain(zeros(1)).Sites.Select(site => site.How)];
}
