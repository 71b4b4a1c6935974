using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Leave-one-out scores against closed forms.</summary>
public sealed class LeaveOneOutTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ANormalMeanHasItsExactScores(bool chains)
    {
        // z ~ N(0, 1), x_i ~ N(z, 1): without x_n, z ~ N((30 − x_n) / 20, 1/20), so x_n ~ N of that mean and variance 1 + 1/20.
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate(loc: Conjugate.Mean, logScale: -0.5 * Math.Log(21));
        var posterior = chains
            ? Nuts.Sample(conjugate.Model, conjugate.Data, new RandomKey(3), warmup: 150, draws: 400)
            : Posterior.Of(conjugate.Model, conjugate.Guide, conjugate.Data, 4000, new RandomKey(3));
        var found = LeaveOneOut.Of(conjugate.Model, posterior, conjugate.Data);
        var x = Inferences.Numbers(conjugate.Data);
        Assert.Equal(20, found.Points.Count);
        foreach (var (point, value) in found.Points.Zip(x))
        {
            var (mean, variance) = ((30 - value) / 20, 1.05);
            var expected = -0.5 * (Math.Log(2 * Math.PI * variance) + ((value - mean) * (value - mean) / variance));

            // The mean of exp has a relative error of about 0.3 / √1000.
            Assert.Equal(expected, point.LogScore, 0.03);
            Assert.InRange(point.ParetoShape, -1, 0.5);
        }

        Assert.Equal(found.LogScore, found.Waic, 0.05);
        Assert.Equal(1 - (1 / 21.0), found.EffectiveParameters, 0.7);
        Assert.Contains("the score is good", found.ToString(), StringComparison.Ordinal);
        Assert.Equal((0.0, 0.0), found.Against(found));
    }

    [Fact]
    public void ASummedOutVariableIsSummedPointByPoint()
    {
        // z_i ~ Bernoulli(0.4), x_i ~ N(2 z_i + c, 1) with c known almost exactly: each point's density is that of the mixture.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("mixture").Sample("c", new Normal(0, 1e-4), out var c).Plate("rows", total: 3).Sample("z", _ => Bernoulli.FromProbs(0.4), out var z)
            .Observe("x", s => new Normal(s[c] + (2 * s[z]), 1), out _).Build();
        var guide = Guide.For(model).Sample(c, _ => new Normal(0, 1e-4)).SumOut(z).Build();
        var data = tensor(new[] { 0.5f, 2.5f, -1 });
        var found = LeaveOneOut.Of(model, Posterior.Of(model, guide, data, 100), data);
        double Density(double value, double mean) => Math.Exp(-(value - mean) * (value - mean) / 2) / Math.Sqrt(2 * Math.PI);
        Assert.All(found.Points.Zip(Inferences.Numbers(data)), pair => Assert.Equal(Math.Log((0.6 * Density(pair.Second, 0)) + (0.4 * Density(pair.Second, 2))), pair.First.LogScore, 1e-3));
    }

    [Fact]
    public void APointThatTheDrawsDoNotReachIsNamed()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate(loc: Conjugate.Mean, logScale: -0.5 * Math.Log(21));
        var data = conjugate.Data.clone();
        data[0] = 60;
        var guide = Guide.For(conjugate.Model).Sample((Latent)conjugate.Model.Trace(data, default).Latents.First().Handle, _ => new Normal(4.2, 1 / Math.Sqrt(21))).Build();
        var found = LeaveOneOut.Of(conjugate.Model, Posterior.Of(conjugate.Model, guide, data, 2000), data);
        Assert.True(found.Unreliable >= 1, found.ToString());
        Assert.Contains("have a k̂ above 0.7", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ObservationsWithoutAPlateCannotBeLeftOut()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("one").Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(0, 1)).Build();
        Assert.Contains("stand in no common plate", Assert.Throws<ModelException>(() => LeaveOneOut.Of(model, Posterior.Of(model, guide, tensor(1f), 10), tensor(1f))).Message, StringComparison.Ordinal);
    }
}
