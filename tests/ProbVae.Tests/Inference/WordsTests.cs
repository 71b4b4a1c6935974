using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>Case E: what a person prints says what it is, in a few words.</summary>
public sealed class WordsTests
{
    private static Model<Tensor> Schools(out Latent mu, out Latent theta) => Model.Given<Tensor>("eight schools").Sample("mu", new Normal(0, 5), out mu).Plate("schools", total: 8)
        .Sample("theta", Across(mu), out theta).Observe("y", Around(theta), out _).Build();

    private static Func<Scope<Tensor>, Distribution> Across(Latent mu) => s => new Normal(s[mu], 1);

    private static Func<Scope<Tensor>, Distribution> Around(Latent theta) => s => new Normal(s[theta], 10);

    [Fact]
    public void AModelSaysItsNameSitesAndPlates()
    {
        var model = Schools(out var mu, out _);
        Assert.Equal("eight schools: latent mu ~ Normal, theta in plate schools; observed y in plate schools", model.ToString());
        Assert.Equal("eight schools: latent theta in plate schools; given mu ~ Normal; observed y in plate schools", model.Condition(mu, 0).ToString());
        Assert.Equal("walk: a program, whose sites are told by a run: see Trace or Render", Model.Program<Tensor>("walk", (_, _) => { }).ToString());
        Assert.Equal("model 'm' under construction: a", Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out _).ToString());
        var many = Enumerable.Range(0, 40).Aggregate(Model.Given<Tensor>("many"), (builder, i) => builder.Sample($"{(char)('a' + (i % 26))}{i}", new Normal(0, 1), out _));
        Assert.EndsWith("and 28 more", many.Build().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AGuideSaysWhoseItIsAndWhatItIsMadeOf()
    {
        var model = Schools(out var mu, out var theta);
        using var data = zeros(8);
        var own = Guide.For(model).Sample(mu, _ => new Normal(0, 1)).Sample(theta, _ => new Normal(zeros(8), 1));
        Assert.Equal("guide of eight schools: mu, theta", own.Build().ToString());
        Assert.Equal("guide of eight schools under construction: mu, theta", own.ToString());
        Assert.Equal("guide of eight schools: AutoNormal of mu (), theta (8)", Guide.AutoNormal(model, data).ToString());
        Assert.Equal("guide of eight schools: a program", Guide.Program(model, (_, _) => { }).ToString());
    }

    [Fact]
    public void AnInferenceSaysWhatItJoins()
    {
        var model = Schools(out var mu, out _);
        using var data = zeros(8);
        using var svi = Svi.For(model, Guide.AutoNormal(model, data), Elbo.MeanField(4), p => optim.Adam(p, 0.01), seed: 3);
        svi.Step(data);
        Assert.Equal(
        [
            "inference in eight schools: latent mu ~ Normal, theta in plate schools; observed y in plate schools",
            "  guide of eight schools: AutoNormal of mu (), theta (8)",
            "  Elbo.MeanField(particles: 4), Adam, 4 parameters of 18 numbers, seed 3, 1 step taken",
        ], svi.ToString().Split(Environment.NewLine));
        Assert.StartsWith("4 parameters of 18 numbers: mu.", svi.Parameters.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("step 1: ELBO ", svi.Evaluate(data).ToString(), StringComparison.Ordinal);
        var posterior = svi.Posterior(data, draws: 5);
        Assert.Equal("posterior of 'eight schools': 5 draws of mu (), theta (8)", posterior.ToString());
        Assert.StartsWith("snapshot of mu.", ParameterSnapshot.Of(svi.Parameters).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("theta: latent, Normal batch (8) event () in plate schools (8), value (8)", model.Trace(data, new RandomKey(1)).Sites[1].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("mu: latent, Normal ‖ Normal; KL(q(mu) ‖ p(mu)); KL in closed form", svi.Explain(data).Sites[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("Elbo.MeanField().WithKlWeight(mu, 0.5)", Elbo.MeanField().WithKlWeight(mu, KlWeight.Constant(0.5)).ToString());
    }

    public static TheoryData<Elbo, string> Objectives => new()
    {
        { Elbo.Iwae(4), "Elbo.Iwae(4)" },
        { Elbo.Renyi(0.5, 8), "Elbo.Renyi(0.5, 8)" },
        { Elbo.Dreg(3), "Elbo.Dreg(3)" },
        { Elbo.ReweightedWakeSleep(3), "Elbo.ReweightedWakeSleep(3)" },
        { Elbo.MeanField(), "Elbo.MeanField()" },
        { Elbo.Trace(2, vectorized: false), "Elbo.Trace(particles: 2, vectorized: false)" },
        { Elbo.StickingTheLanding(), "Elbo.StickingTheLanding()" },
        { Elbo.ScoreFunction(10), "Elbo.ScoreFunction(particles: 10)" },
        { Elbo.Enumerated(2), "Elbo.Enumerated(particles: 2)" },
    };

    [Theory]
    [MemberData(nameof(Objectives))]
    public void AnObjectiveSaysHowItIsAskedFor(Elbo elbo, string word) => Assert.Equal(word, elbo.ToString());

    [Fact]
    public void SmallThingsSayWhatTheyAre()
    {
        Assert.Equal("random key 00000000000000ff", new RandomKey(255).ToString());
        Assert.Equal("rows 0, 1, 2, 3, 4, … (2000 in all)", new Rows(Enumerable.Range(0, 2000).Select(i => (long)i)).ToString());
        Assert.Equal("ELBO history without a step yet", new ElboHistory().ToString());
    }

    /// <summary>"is in [] with 1 of 1 elements NaN" says nothing.</summary>
    [Fact]
    public void NumbersThatAreNotFiniteAreNamed()
    {
        Assert.Equal("NaN", NonFiniteException.Extent(tensor(float.NaN)));
        Assert.Equal("∞", NonFiniteException.Extent(tensor(float.PositiveInfinity)));
        Assert.Equal("−∞ in all 2 elements", NonFiniteException.Extent(tensor([float.NegativeInfinity, float.NegativeInfinity])));
        Assert.Equal("NaN or infinite in all 2 elements", NonFiniteException.Extent(tensor([float.NaN, float.NegativeInfinity])));
        Assert.Equal("in [1, 2] with 1 of 3 elements NaN or infinite", NonFiniteException.Extent(tensor([1, float.NaN, 2])));
        Assert.Equal("in [1, 2]", NonFiniteException.Extent(tensor([1f, 2])));
    }

    /// <summary>A batch that is longer than its plate is told which words to give.</summary>
    [Fact]
    public void ABatchBeyondTheTotalNamesTheWordsThatMendIt()
    {
        using Parameter loc = new(zeros(1)[0]);
        using var data = zeros(20);
        var refused = Assert.Throws<ModelException>(() => Step(Model.Given<Tensor>("m").Plate("rows", total: 10)));
        Assert.Contains("total: d => ...", refused.Message, StringComparison.Ordinal);
        Assert.Contains("batch: d => ...", refused.Message, StringComparison.Ordinal);
        Step(Model.Given<Tensor>("m").Plate("rows", total: d => d.shape[0]));
        Step(Model.Given<Tensor>("m").Plate("rows", total: 40, batch: d => d.shape[0]));

        void Step(ModelBuilder<Tensor> rows)
        {
            var model = rows.Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
            using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, d => new Normal(loc.expand(d.shape[0]), 1)).Build());
            svi.Step(data);
        }
    }
}
