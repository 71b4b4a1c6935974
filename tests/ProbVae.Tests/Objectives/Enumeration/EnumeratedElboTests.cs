using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>What an enumerated ELBO says of sites, and what it refuses.</summary>
public sealed class EnumeratedElboTests
{
    [Fact]
    public void ExplainNamesTheSums()
    {
        using var scope = NewDisposeScope();
        var model = Mixture(out var mu, out var z, out var k);
        Parameter loc = new(zeros(3)), logits = new(zeros(2));
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Sample(k, _ => Categorical.FromLogits(logits)).SumOut(z).Build();
        var explanation = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still).Explain(zeros(5));
        Assert.Equal("summed out exactly, K = 3 values", explanation.Sites.Single(site => site.Name == "z").How);
        Assert.Equal("exact expectation, K = 2 values", explanation.Sites.Single(site => site.Name == "k").How);
        Assert.Equal("exact, through q's probabilities", explanation.Sites.Single(site => site.Name == "k").Gradient);
        Assert.StartsWith("ELBO(mixture) = E_q[ Σ_points log Σ_{z} exp(log p(z) + log p(x | mu, z, k)) − log q(mu) / p(mu) − log q(k) / p(k) ]", explanation.Formula, StringComparison.Ordinal);
    }

    [Fact]
    public void AValueOfProbabilityZeroGivesNumbers()
    {
        // The third component never occurs: evidence and gradients are those of the other two.
        using var scope = NewDisposeScope();
        Parameter logits = new(tensor(new[] { 0.2f, 0.1f, float.NegativeInfinity })), locs = new(tensor(new[] { -1f, 1f, 5f }));
        Parameter two = new(tensor(new[] { 0.2f, 0.1f })), same = new(tensor(new[] { -1f, 1f }));
        var (found, gradients) = Step(logits, locs);
        var (expected, others) = Step(two, same);
        Assert.Equal(expected, found, 1e-6);
        Assert.Equal([.. others[..2], 0, .. others[2..], 0], gradients);

        static (double Elbo, double[] Gradients) Step(Parameter logits, Parameter locs)
        {
            var model = Model.Given<Tensor>("mixture").Plate("points", total: 2).Sample("z", _ => Categorical.FromLogits(logits), out var z)
                .Observe("x", s => new Normal(locs.At(s[z]), 1), out _).Build();
            var step = Svi.For(model, Guide.For(model).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still).Step(tensor(new[] { 0.3f, -2f }));
            return (step.Elbo, [.. Inferences.Numbers(logits.grad!), .. Inferences.Numbers(locs.grad!)]);
        }
    }

    [Fact]
    public void AValueThatTheGuideExcludesCountsForNothing()
    {
        // q puts nothing on the third value, where the prior has none either: 0 log 0 is 0, and the gradient a number.
        using var scope = NewDisposeScope();
        Parameter logits = new(tensor(new[] { 0.2f, 0.1f, float.NegativeInfinity }));
        var model = Model.Given<Tensor>("coin").Sample("z", Categorical.FromProbs(new[] { 0.5, 0.5, 0 }), out var z)
            .Observe("x", s => new Normal(s[z], 1), out _).Build();
        var step = Svi.For(model, Guide.For(model).Sample(z, _ => Categorical.FromLogits(logits)).Build(), Elbo.Enumerated(), Inferences.Still).Step(tensor(0.4f));
        var q = 1 / (1 + Math.Exp(-0.1));
        double Term(double p, double loc) => p * (Math.Log(0.5) - Math.Log(p) - (0.5 * (0.4 - loc) * (0.4 - loc)) - (0.5 * Math.Log(2 * Math.PI)));
        Assert.Equal(Term(q, 0) + Term(1 - q, 1), step.Elbo, 1e-6);
        Assert.All(Inferences.Numbers(logits.grad!), gradient => Assert.True(double.IsFinite(gradient)));
    }

    [Fact]
    public void AChainWithForbiddenMovesHasFiniteGradients()
    {
        // From the first state only the second can follow, and the third cannot be left or come to: whole rows of the messages are zero.
        using var scope = NewDisposeScope();
        Parameter locs = new(tensor(new[] { -1f, 1f, 3f }));
        var transition = tensor(new[,] { { 0f, 1f, 0f }, { 1f, 0f, 0f }, { 0f, 0f, 1f } });
        var (z, x) = (new Latent("z"), new Observed("x"));
        var model = Model.Program<Tensor>("chain", (run, data) =>
        {
            Tensor? before = null;
            foreach (var t in run.Markov((int)data.shape[0]))
            {
                before = run.Sample(z[t], Categorical.FromProbs(before is null ? tensor(new[] { 1f, 0f, 0f }) : transition.RowAt(before)));
                run.Observe(x[t], new Normal(locs.At(before), 1), data[t]);
            }
        });
        var step = Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still).Step(tensor(new[] { -0.5f, 1.5f, -1.2f }));
        Assert.Equal(-1.5 * Math.Log(2 * Math.PI) - (0.5 * (0.25 + 0.25 + 0.04)), step.Elbo, 1e-5);
        Assert.All(Inferences.Numbers(locs.grad!).Zip([-0.3, -0.5, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void ImpossibleDataIsSaid()
    {
        using var scope = NewDisposeScope();
        Parameter locs = new(tensor(new[] { 0.5f, 0.5f }));
        var model = Model.Given<Tensor>("impossible").Plate("points", total: 2).Sample("z", Categorical.FromProbs(new[] { 0.5, 0.5 }), out var z)
            .Observe("x", s => Bernoulli.FromProbs(0 * locs.At(s[z])), out _).Build();
        var svi = Svi.For(model, Guide.For(model).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still);
        Assert.Equal("The sum over all values of z is not finite: log Σ p = -Infinity. Where it is −∞, the data has probability zero whatever the values are.",
            Assert.Throws<NonFiniteException>(() => svi.Step(ones(2))).Problems[0]);
    }

    [Fact]
    public void AnotherObjectiveNamesTheWaysOut()
    {
        using var scope = NewDisposeScope();
        var model = Mixture(out var mu, out var z, out var k);
        Parameter loc = new(zeros(3));
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).SumOut(z, k).Build();
        var thrown = Assert.Throws<ModelException>(() => Svi.For(model, guide, Elbo.MeanField(), Inferences.Still).Step(zeros(5)));
        Assert.Equal("Site 'k' is latent in the model and missing from the guide; every latent variable needs a site there. It is discrete with K = 2 values: give the guide a site for it, or sum it out exactly with Elbo.Enumerated.", thrown.Problems[0]);
    }

    [Fact]
    public void AnEventOfManyBitsAsksForAPlate()
    {
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0f));
        var model = Model.Given<Tensor>("bits").Sample("z", Bernoulli.FromProbs(full(10, 0.5f)), out var z).Observe("x", s => new Normal(s[z].sum(dim: -1) + loc, 1), out _).Build();
        var thrown = Assert.Throws<ModelException>(() => Svi.For(model, Guide.For(model).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still).Step(tensor(3f)));
        Assert.Equal("Site 'z' is latent in the model and missing from the guide; every latent variable needs a site there. Elbo.Enumerated sums out single variables, and this one is 10 of them in one event; put them in a plate instead.", thrown.Problems[0]);
    }

    [Fact]
    public void AContinuousVariableCannotBeSummedOut()
    {
        using var scope = NewDisposeScope();
        var model = Mixture(out var mu, out var z, out var k);
        Parameter logits = new(zeros(2));
        var guide = Guide.For(model).Sample(k, _ => Categorical.FromLogits(logits)).SumOut(mu, z).Build();
        var thrown = Assert.Throws<ModelException>(() => Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still).Step(zeros(5)));
        Assert.Equal("Site 'mu' is latent in the model and missing from the guide; every latent variable needs a site there.", thrown.Problems[0]);
        Assert.Equal("Site 'k' is sampled in the guide and left out by SumOut; keep one of the two.",
            Assert.Throws<ModelException>(() => Guide.For(model).Sample(mu, _ => new Normal(zeros(3), 1)).Sample(k, _ => Categorical.FromLogits(logits)).SumOut(k, z).Build()).Problems[0]);
    }

    [Fact]
    public void MoreVariablesThanAxesAskForMarkov()
    {
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0f));
        var z = new Latent("z");
        var model = Model.Program<Tensor>("chain", (run, data) =>
        {
            for (var t = 0; t < 100; t++)
            {
                run.Sample(z[t], Bernoulli.FromProbs(0.5));
            }

            run.Observe(new Observed("x"), new Normal(loc, 1), data);
        });
        var thrown = Assert.Throws<ModelException>(() => Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still).Step(tensor(0f)));
        Assert.Equal("Site 'z[59]': 59 discrete latent variables are gone through at once and a tensor has no axis for one more. Where each step of a loop reads one step back, write it as foreach (var t in run.Markov(steps)), which takes the same axes again.", thrown.Problems[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ReadingFurtherBackThanTheHistoryIsRefused(int history)
    {
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0f));
        var (z, x) = (new Latent("z"), new Observed("x"));
        var model = Model.Program<Tensor>("chain", (run, data) =>
        {
            foreach (var t in run.Markov(4, history))
            {
                var probability = 0.3 + (t < 2 ? tensor(0f) : 0.4 * run[z[t - 2]]);
                run.Sample(z[t], Bernoulli.FromProbs(probability));
                run.Observe(x[t], new Normal(run[z[t]] + (t < 2 ? tensor(0f) : run[z[t - 2]]) + loc, 1), data[t]);
            }
        });
        var svi = Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still);
        double[] data = [0.1, 1.2, 0.8, -0.4];
        if (history == 1)
        {
            Assert.Equal("Site 'z[0]' was read too late: it lies further back than this Markov loop's history, and its axis has been given up. Say run.Markov(steps, history: 2) where a step reads two steps back.",
                Assert.Throws<ModelException>(() => svi.Step(tensor(data, ScalarType.Float32))).Problems[0]);
            return;
        }

        var exact = new AllStates([2, 2, 2, 2], state => Enumerable.Range(0, 4).Sum(t =>
        {
            var (back, p) = (t < 2 ? 0 : state[t - 2], 0.3 + (t < 2 ? 0 : 0.4 * state[t - 2]));
            return Math.Log(state[t] == 1 ? p : 1 - p) - (0.5 * Math.Pow(data[t] - state[t] - back, 2)) - (0.5 * Math.Log(2 * Math.PI));
        }));
        Assert.Equal(exact.LogEvidence, svi.Step(tensor(data, ScalarType.Float32)).Elbo, 1e-5);
    }

    [Fact]
    public void AValueKeptTooLongIsRefusedWhereItWouldMeetItsAxis()
    {
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0f));
        var z = new Latent("z");
        var model = Model.Program<Tensor>("chain", (run, data) =>
        {
            List<Tensor> kept = [];
            foreach (var t in run.Markov(4))
            {
                kept.Add(run.Sample(z[t], Bernoulli.FromProbs(0.3 + (t < 2 ? tensor(0f) : 0.4 * kept[t - 2]))));
            }

            run.Observe(new Observed("x"), new Normal(kept[3] + loc, 1), data);
        });
        var thrown = Assert.Throws<ModelException>(() => Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still).Step(tensor(0f)));
        Assert.Equal("Site 'z[2]': its distribution was made from values further back than this Markov loop's history, whose axis its own values take. Say run.Markov(steps, history: 2) where a step reads two steps back.", thrown.Problems[0]);
    }

    [Fact]
    public void KlWeightsLeaveTheSumAlone()
    {
        using var scope = NewDisposeScope();
        var model = Mixture(out var mu, out var z, out var k);
        Parameter loc = new(ones(3));
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).SumOut(z, k).Build();
        var plain = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still).Step(zeros(5));
        var step = Svi.For(model, guide, Elbo.Enumerated().WithKlWeight(KlWeight.Constant(0.5)), Inferences.Still).Step(zeros(5));
        Assert.Equal(plain.Elbo, step.Elbo, 1e-6);
        Assert.Equal(-plain.Elbo - (0.5 * plain.Terms.Single(term => term.IsKl).Value), step.Loss, 1e-5);
    }

    private static Model<Tensor> Mixture(out Latent mu, out Latent z, out Latent k)
    {
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(zeros(3), 5), out var m).Sample("k", Categorical.FromProbs(new[] { 0.4, 0.6 }), out var scale)
            .Plate("points", total: 5).Sample("z", Categorical.FromProbs(new[] { 0.2, 0.3, 0.5 }), out var component)
            .Observe("x", s => new Normal(s[m].At(s[component]), 1.0 + s[scale]), out _).Build();
        (mu, z, k) = (m, component, scale);
        return model;
    }
}
