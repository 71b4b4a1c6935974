using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>Discrete variables that the guide has: the expectation is the sum, and its gradient that of the probabilities.</summary>
public sealed class GuideEnumerationTests
{
    private static readonly double[] X = [0.4, -1.2, 2.2];

    [Fact]
    public void TheElboAndItsGradientAreThoseOfTheSum()
    {
        // a ~ Bernoulli, b_n ~ Categorical(a), w_n (summed out) ~ Bernoulli(b), x_n ~ Normal(b + a w, 1); q(a) q(b_n | a).
        using var scope = NewDisposeScope();
        Parameter first = new(tensor(0.4f)), second = new(tensor(new[,] { { 0.1f, -0.3f, 0.5f }, { 0.7f, 0.2f, -0.6f } })), loc = new(tensor(new[] { -1f, 0.5f, 2f }));
        var model = Model.Given<Tensor>("net").Sample("a", Bernoulli.FromProbs(0.3), out var a).Plate("points", total: 6)
            .Sample("b", s => Categorical.FromLogits(stack([s[a], 1 - s[a], 0.5 * s[a]], -1)), out var b)
            .Sample("w", s => Bernoulli.FromLogits(s[b] - 1.0), out var w)
            .Observe("x", s => new Normal(loc.At(s[b]) + (s[a] * s[w]), 1), out _).Build();
        var guide = Guide.For(model).Sample(a, _ => Bernoulli.FromLogits(first)).Sample(b, (_, s) => Categorical.FromLogits(second.RowAt(s[a]))).SumOut(w).Build();
        var svi = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still);
        var step = svi.Step(tensor(X, ScalarType.Float32));
        double[] parameters = [0.4, 0.1, -0.3, 0.5, 0.7, 0.2, -0.6, -1, 0.5, 2];
        Assert.Equal(Exact(parameters), step.Elbo, 1e-4);
        Assert.Equal(["w", "a", "b"], step.Terms.Select(term => term.Site));
        double[] gradient = [.. Inferences.Numbers(first.grad!), .. Inferences.Numbers(second.grad!), .. Inferences.Numbers(loc.grad!)];
        for (var i = 0; i < parameters.Length; i++)
        {
            double At(double shift) => Exact([.. parameters.Select((value, j) => j == i ? value + shift : value)]);
            Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, -gradient[i], 1e-3);
        }
    }

    [Fact]
    public void AChainInTheGuideIsTheSumOverAllPaths()
    {
        using var scope = NewDisposeScope();
        var (z, x) = (new Latent("z"), new Observed("x"));
        Parameter rows = new(tensor(new[,] { { 0.3f, -0.2f, 0.4f }, { 0.9f, 0.1f, -0.5f }, { -0.1f, 0.6f, 0.2f } }));
        var transition = rows.softmax(-1).detach().roll(1, 0);
        var model = Model.Program<Tensor>("chain", (run, data) =>
        {
            Tensor? before = null;
            foreach (var t in run.Markov((int)data.shape[0]))
            {
                before = run.Sample(z[t], Categorical.FromProbs(before is null ? transition[0] : transition.RowAt(before)));
                run.Observe(x[t], new Normal(before, 1), data[t]);
            }
        });
        var guide = Guide.Program<Tensor>(model, (run, data) =>
        {
            Tensor? before = null;
            foreach (var t in run.Markov((int)data.shape[0]))
            {
                before = run.Sample(z[t], Categorical.FromLogits(before is null ? rows[0] : rows.RowAt(before)));
            }
        });
        var svi = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still);
        double[] data = [0.4, -1.2, 2.2, 0.1];
        var (p, q) = (Rows(transition), Rows(rows.softmax(-1)));
        var exact = 0.0;
        _ = new AllStates([3, 3, 3, 3], path =>
        {
            var (log, from) = (0.0, 0.0);
            for (var t = 0; t < 4; t++)
            {
                var row = t == 0 ? 0 : path[t - 1];
                from += Math.Log(q[row][path[t]]);
                log += Math.Log(p[row][path[t]]) + Normal(data[t], path[t]);
            }

            exact += Math.Exp(from) * (log - from);
            return log;
        });
        Assert.Equal(exact, svi.Step(tensor(data, ScalarType.Float32)).Elbo, 1e-5);

        // A hundred steps: more variables than a tensor has axes.
        Assert.True(double.IsFinite(svi.Step(sin(arange(100, dtype: ScalarType.Float32))).Elbo));
    }

    [Fact]
    public void AtTheExactPosteriorEveryDrawGivesTheEvidence()
    {
        // z ~ Categorical, c | z ~ Normal(m_z, 1), x ~ Normal(c, 1): q(z) and q(c | z) exact, so the ELBO is log p(x) whatever was drawn.
        using var scope = NewDisposeScope();
        double[] weights = [0.2, 0.5, 0.3], means = [-1, 0, 2];
        const double Point = 0.7;
        var evidence = Enumerable.Range(0, 3).Select(k => weights[k] * Math.Exp(-(Point - means[k]) * (Point - means[k]) / 4) / Math.Sqrt(4 * Math.PI)).ToArray();
        Parameter logits = new(tensor(evidence.Select(p => (float)Math.Log(p)).ToArray())), locs = new(tensor(means.Select(m => (float)((m + Point) / 2)).ToArray()));
        var model = Model.Given<Tensor>("mixture").Sample("z", Categorical.FromProbs(weights), out var z)
            .Sample("c", s => new Normal(tensor(means, ScalarType.Float32).At(s[z]), 1), out var c).Observe("x", s => new Normal(s[c], 1), out _).Build();
        var guide = Guide.For(model).Sample(z, _ => Categorical.FromLogits(logits)).Sample(c, (_, s) => new Normal(locs.At(s[z]), Math.Sqrt(0.5))).Build();
        foreach (var (elbo, seed) in new[] { (Elbo.Enumerated(), 1), (Elbo.Enumerated(5), 2), (Elbo.Enumerated(3, vectorized: false), 3) })
        {
            Assert.Equal(Math.Log(evidence.Sum()), Svi.For(model, guide, elbo, Inferences.Still, seed).Step(tensor((float)Point)).Elbo, 1e-5);
        }

        var posterior = DiscretePosterior.Of(model, guide, tensor((float)Point), new RandomKey(1));
        Assert.All(Inferences.Numbers(posterior[z]).Zip(evidence), pair => Assert.Equal(pair.Second / evidence.Sum(), pair.First, 1e-6));
    }

    [Fact]
    public void APriorThatReadsASummedVariableStandsInTheSum()
    {
        // The same model with z summed out: log Σ_z p(z) p(c | z) p(x | c) − log q(c) at the draw of c.
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0.3f));
        var model = Model.Given<Tensor>("mixture").Sample("z", Categorical.FromProbs(new[] { 0.2, 0.5, 0.3 }), out var z)
            .Sample("c", s => new Normal(tensor(new[] { -1f, 0f, 2f }).At(s[z]), 1), out var c).Observe("x", s => new Normal(s[c], 1), out _).Build();
        var direct = Model.Given<Tensor>("mixture").Sample("c", new MixtureSameFamily(Categorical.FromProbs(new[] { 0.2, 0.5, 0.3 }), new Normal(new[] { -1.0, 0, 2 }, 1)), out var same)
            .Observe("x", s => new Normal(s[same], 1), out _).Build();
        var found = Svi.For(model, Guide.For(model).Sample(c, _ => new Normal(loc, 1)).SumOut(z).Build(), Elbo.Enumerated(7), Inferences.Still).Step(tensor(0.7f));
        var gradient = loc.grad!.ToDouble();
        var expected = Svi.For(direct, Guide.For(direct).Sample(same, _ => new Normal(loc, 1)).Build(), Elbo.Trace(7), Inferences.Still).Step(tensor(0.7f));
        Assert.Equal(expected.Elbo, found.Elbo, 1e-5);
        Assert.Equal(loc.grad!.ToDouble(), gradient, 1e-5);
        Assert.Equal([("z", false), ("c", true), ("x", false)], found.Terms.Select(term => (term.Site, term.IsKl)));
    }

    [Fact]
    public void WithNothingToEnumerateItIsElboTrace()
    {
        using var scope = NewDisposeScope();
        Parameter loc = new(tensor(0.3f)), local = new(tensor(new[] { 0.1f, 0.2f, 0.3f }));
        var model = Model.Given<Tensor>("plain").Sample("mu", new Normal(0, 1), out var mu).Plate("points", total: 9)
            .Sample("z", s => new Normal(s[mu], 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Sample(z, _ => new Normal(local, 0.5)).Build();
        foreach (var particles in new[] { 1, 4 })
        {
            var trace = Svi.For(model, guide, Elbo.Trace(particles), Inferences.Still).Step(tensor(X, ScalarType.Float32));
            var gradient = Inferences.Numbers(local.grad!);
            var found = Svi.For(model, guide, Elbo.Enumerated(particles), Inferences.Still).Step(tensor(X, ScalarType.Float32));
            Assert.Equal(trace.Elbo, found.Elbo, 1e-5);
            // The same draws; sums in another order, so a unit in the last place of each.
            Assert.Equal(trace.Terms.Select(term => (term.Site, term.IsKl)), found.Terms.Select(term => (term.Site, term.IsKl)));
            Assert.All(trace.Terms.Zip(found.Terms), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-5));
            Assert.All(gradient.Zip(Inferences.Numbers(local.grad!)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            var meanField = Svi.For(model, guide, Elbo.MeanField(particles), Inferences.Still).Step(tensor(X, ScalarType.Float32)).Elbo;
            Assert.Equal(meanField, Svi.For(model, guide, Elbo.Enumerated(particles, divergences: KlRegistry.Standard), Inferences.Still).Step(tensor(X, ScalarType.Float32)).Elbo, 1e-5);
        }
    }

    private static double Normal(double x, double loc) => (-0.5 * (x - loc) * (x - loc)) - (0.5 * Math.Log(2 * Math.PI));

    private static double[][] Rows(Tensor matrix) => [.. Enumerable.Range(0, 3).Select(row => Inferences.Numbers(matrix[row]))];

    private static double[] Softmax(params double[] logits) => [.. logits.Select(logit => Math.Exp(logit) / logits.Sum(Math.Exp))];

    // Σ_a q(a) [log p(a) − log q(a) + 2 Σ_n Σ_b q(b | a) (log p(b | a) − log q(b | a) + log Σ_w p(w | b) p(x_n | a, b, w))]; 3 of 6 points are seen.
    private static double Exact(double[] parameters)
    {
        var (elbo, one) = (0.0, 1 / (1 + Math.Exp(-parameters[0])));
        for (var a = 0; a < 2; a++)
        {
            var inner = Math.Log(a == 1 ? 0.3 : 0.7) - Math.Log(a == 1 ? one : 1 - one);
            var q = Softmax(parameters[(1 + (3 * a))..(4 + (3 * a))]);
            var p = Softmax(a, 1 - a, 0.5 * a);
            foreach (var x in X)
            {
                for (var b = 0; b < 3; b++)
                {
                    var w = 1 / (1 + Math.Exp(1.0 - b));
                    var loc = parameters[7 + b];
                    inner += 2 * q[b] * (Math.Log(p[b]) - Math.Log(q[b]) + Math.Log(((1 - w) * Math.Exp(Normal(x, loc))) + (w * Math.Exp(Normal(x, loc + a)))));
                }
            }

            elbo += (a == 1 ? one : 1 - one) * inner;
        }

        return elbo;
    }
}
