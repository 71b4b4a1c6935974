using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>The trial before the first step: shapes with a number of particles that no axis has, and what carries the gradient of which draw.</summary>
public sealed class TrialTests
{
    private static readonly Observed X = new("x");

    public static TheoryData<string, bool> Bounds => new()
    {
        { "iwae", false }, { "iwae", true }, { "trace", false }, { "trace", true }, { "dreg", false }, { "enumerated", false },
    };

    /// <summary>Case A1: as many particles as the plate has elements.</summary>
    [Theory]
    [MemberData(nameof(Bounds))]
    public void AScalarThatBroadcastsAlongAPlateIsRefusedWhateverTheNumberOfParticles(string bound, bool program)
    {
        var (model, guide) = Globals(program);
        using var data = zeros(8, 3);
        foreach (var particles in new[] { 3, 8 })
        {
            var elbo = bound switch { "iwae" => Elbo.Iwae(particles), "dreg" => Elbo.Dreg(particles), "enumerated" => Elbo.Enumerated(particles), _ => Elbo.Trace(particles) };
            using var svi = Inferences.Svi(model, guide, elbo);
            Assert.ThrowsAny<Exception>(() => svi.Step(data));
            Assert.Equal(0, svi.StepCount);
        }

        using var eight = Inferences.Svi(model, guide, Elbo.Trace(8));
        Assert.Contains("tried with 2 particles, the size of no other axis", Assert.Throws<ModelException>(() => eight.Step(data)).Message, StringComparison.Ordinal);
        using var one = Inferences.Svi(model, guide, Elbo.Trace());
        Assert.True(double.IsFinite(one.Step(data).Elbo));
        Assert.Contains("tried with 2 particles", Assert.Throws<ModelException>(() => one.Evaluate(data, Elbo.Trace(8))).Message, StringComparison.Ordinal);
    }

    /// <summary>Case A1: as many draws as the plate has elements. Such programs run one draw after another there.</summary>
    [Fact]
    public void DrawsAfterAFitAreNoElementsOfAPlate()
    {
        var (model, guide) = Globals(program: false);
        using var data = zeros(8, 3);
        Assert.False(Predictive.Posterior(model, guide, data, new RandomKey(1), draws: 8).Vectorized);
        Assert.False(Predictive.Prior(model, data, new RandomKey(1), draws: 8).Vectorized);
        Assert.Contains("one run a draw", Evidence.ByImportance(model, guide, data, new RandomKey(1), draws: 8).Method, StringComparison.Ordinal);
        // With a plate of two, the two draws that memory is estimated from are no elements either.
        var (pair, pairGuide) = Globals(program: false, rows: 2);
        using var two = zeros(2, 3);
        Assert.False(Predictive.Posterior(pair, pairGuide, two, new RandomKey(1), draws: 2).Vectorized);
    }

    /// <summary>Case A1: a program's element of the first axis is a particle.</summary>
    [Fact]
    public void AParticleThatIsTakenForAnElementIsRefused()
    {
        Latent w = new("w"), v = new("v");
        using Parameter loc = Inferences.Scalar(0.1);
        foreach (Func<Tensor, Tensor> lose in new Func<Tensor, Tensor>[] { t => t[0].sum(), t => t.mean() })
        {
            var model = Model.Program<Tensor>("m", (p, y) =>
            {
                var first = p.Sample(w, Normal.Standard(3));
                var second = p.Sample(v, new Normal(0, 1));
                p.Observe(X, new Normal(lose(first), second.exp()), y);
            });
            var guide = Guide.For(model).Sample(w, _ => new Normal(loc.expand(3), 1)).Sample(v, _ => new Normal(loc, 1)).Build();
            using var one = Inferences.Svi(model, guide, Elbo.Trace());
            one.Step(tensor(0f));
            using var four = Inferences.Svi(model, guide, Elbo.Trace(4));
            Assert.Contains("has lost them", Assert.Throws<ModelException>(() => four.Step(tensor(0f))).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Case A1: the trial is one run of each program, once.</summary>
    [Fact]
    public void TheTrialIsOneRunMore()
    {
        var (runs, loc) = (0, Inferences.Scalar(0.1));
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Observe("x", s => Counted(new Normal(s[z], 1)), out _).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build(), Elbo.Iwae(5));
        svi.Step(tensor(0f));
        // Two tell the shapes, one is the trial, one the step.
        Assert.Equal(4, runs);
        svi.Step(tensor(0f));
        Assert.Equal(5, runs);

        Distribution Counted(Distribution likelihood)
        {
            runs++;
            return likelihood;
        }
    }

    public static TheoryData<string> Detachments => ["number", "detach", "no grad", "compared"];

    /// <summary>Case A4: what reads a latent variable must carry its gradient.</summary>
    [Theory]
    [MemberData(nameof(Detachments))]
    public void ALikelihoodWithoutTheGradientOfWhatItReadsIsRefused(string how)
    {
        foreach (var elbo in new[] { Elbo.MeanField(), Elbo.Trace(4, vectorized: false), Elbo.StickingTheLanding() })
        {
            var (model, guide, mu) = Mean(t => Cut(how, t));
            using var svi = Inferences.Svi(model, guide, elbo);
            Assert.StartsWith("Site 'x' reads 'mu' and carries none of its gradient", Assert.Throws<ModelException>(() => svi.Step(zeros(8))).Message, StringComparison.Ordinal);
            Assert.Equal(0, svi.StepCount);
        }

        // The ways out that the sentence names.
        var (same, sameGuide, site) = Mean(t => Cut(how, t));
        using var scored = Inferences.Svi(same, sameGuide, Elbo.Trace().At(site, SiteChoice.ScoreFunction()));
        Assert.True(double.IsFinite(scored.Step(zeros(8)).Elbo));
    }

    /// <summary>Case A4: a gradient of exactly 0 is one, and a shape is no value.</summary>
    [Fact]
    public void WhatCarriesAGradientOfZeroOrReadsAShapeRuns()
    {
        foreach (Func<Tensor, Tensor> read in new Func<Tensor, Tensor>[] { t => t * 0, t => zeros_like(t), t => t.clamp(5, 6), t => t.detach() + t - t.detach() })
        {
            var (model, guide, _) = Mean(read);
            using var svi = Inferences.Svi(model, guide);
            Assert.True(double.IsFinite(svi.Step(zeros(8)).Elbo));
        }
    }

    /// <summary>Case A4: in priors, in guides, and in programs, where what is read is not declared.</summary>
    [Fact]
    public void PriorsGuidesAndProgramsAreHeldToTheSame()
    {
        using Parameter loc = Inferences.Scalar(0.1);
        var prior = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out var a).Sample("b", s => new Normal(s[a].detach(), 1), out var b).Build();
        Refused("Site 'b' reads 'a'", prior, Guide.For(prior).Sample(a, _ => new Normal(loc, 1)).Sample(b, _ => new Normal(loc, 1)).Build());

        var right = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out a).Sample("b", s => new Normal(s[a], 1), out b).Build();
        Refused("Site 'b' of the guide reads 'a'", right, Guide.For(right).Sample(a, _ => new Normal(loc, 1)).Sample(b, (_, s) => new Normal(s[a].detach(), 1)).Build());

        Latent first = new("first"), second = new("second");
        var program = Model.Program<Tensor>("m", (p, y) =>
        {
            var one = p.Sample(first, new Normal(0, 1));
            var two = p.Sample(second, new Normal(0, 1));
            p.Observe(new Observed("y"), new Normal(one.detach() + two, 1), y);
        });
        Refused("Site 'y' reads 'first'", program, Guide.For(program).Sample(first, _ => new Normal(loc, 1)).Sample(second, _ => new Normal(loc, 1)).Build());

        static void Refused(string sentence, Model<Tensor> model, Guide<Tensor> guide)
        {
            foreach (var elbo in new[] { Elbo.MeanField(), Elbo.Iwae(3) })
            {
                using var svi = Inferences.Svi(model, guide, elbo);
                Assert.StartsWith(sentence, Assert.Throws<ModelException>(() => svi.Step(tensor(0f))).Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Case A4: what a handler holds, and what nobody trains, needs no gradient.</summary>
    [Fact]
    public void HeldAndFixedVariablesNeedNoGradient()
    {
        var (model, _, mu) = Mean(t => t);
        using Parameter loc = Inferences.Scalar(0.1);
        var pair = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out var a).Sample("b", s => new Normal(s[a], 1), out var b).Build();
        var held = pair.Substitute(a, 0.4);
        using var svi = Inferences.Svi(held, Guide.For(held).Sample(a, _ => new Delta(0.4)).Sample(b, _ => new Normal(loc, 1)).Build());
        Assert.True(double.IsFinite(svi.Step(tensor(0f)).Elbo));
        using var other = Inferences.Svi(model.Condition(mu, 1), Guide.Program(model.Condition(mu, 1), (_, _) => loc.sum()));
        Assert.True(double.IsFinite(other.Step(zeros(8)).Elbo));
    }

    private static Tensor Cut(string how, Tensor value)
    {
        using var noGrad = how == "no grad" ? no_grad() : null;
        return how switch { "number" => tensor(value.ToSingle()), "detach" => value.detach(), "compared" => value.gt(0).to(ScalarType.Float32), _ => value * 1 };
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Mu) Mean(Func<Tensor, Tensor> read)
    {
        var loc = Inferences.Scalar(0.1);
        var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 10), out var mu).Plate("rows", 8).Observe("x", s => new Normal(read(s[mu]), 1), out _).Build();
        return (model, Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Build(), mu);
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide) Globals(bool program, int rows = 8)
    {
        Latent sigma = new("sigma"), z = new("z");
        var model = program
            ? Model.Program<Tensor>("m", (p, y) =>
            {
                var scale = p.Sample(sigma, new LogNormal(0, 1));
                using var plate = p.Plate("rows", rows);
                p.Observe(X, new Normal(p.Sample(z, new Normal(zeros(rows, 3), 1)), scale), y);
            })
            : Model.Given<Tensor>("m").Sample("sigma", new LogNormal(0, 1), out sigma).Plate("rows", rows)
                .Sample("z", new Normal(zeros(rows, 3), 1), out z).Observe("x", s => new Normal(s[z], s[sigma]), out _).Build();
        Parameter one = Inferences.Scalar(0), many = new(zeros(rows, 3));
        var guide = Guide.Program(model, (p, _) =>
        {
            p.Sample(sigma, new LogNormal(one, 0.3));
            using var plate = p.Plate("rows", rows);
            p.Sample(z, new Normal(many, 0.5));
        });
        return (model, guide);
    }
}
