using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;

namespace ProbVae.Tests.Guides;

/// <summary>Every family of automatic guides over every kind of support.</summary>
public sealed class AutoSupportTests
{
    private static readonly (string Name, Func<Distribution> Prior)[] Priors =
    [
        ("normal", () => new Normal(0.0, 1.0)),
        ("vector", () => Normal.Standard(3)),
        ("multivariate", () => MultivariateNormal.FromCovariance(new double[] { 0, 1 }, new double[,] { { 1, 0.5 }, { 0.5, 1 } })),
        ("positive", () => Gamma.FromShapeRate(2, 1)),
        ("half", () => new HalfCauchy(1.0)),
        ("unit", () => new Beta(new double[] { 2, 3 }, 2)),
        ("interval", () => new Uniform(-1, 3)),
        ("bounds by element", () => new Uniform(new double[] { 0, 1 }, new double[] { 1, 5 })),
        ("angle", () => new VonMises(0.5, 2.0)),
        ("simplex", () => new Dirichlet(new double[] { 1, 2, 3, 1 })),
        ("factor", () => new LKJCholesky(3, 2.0)),
        ("matrix", () => new Normal(zeros(2, 3), 1.0)),
    ];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var (name, _) in Priors)
            {
                foreach (var family in Families.Keys)
                {
                    cases.Add(family, name);
                }
            }

            return cases;
        }
    }

    private static Dictionary<string, Func<Model<Tensor>, Tensor, AutoGuide<Tensor>>> Families { get; } = new()
    {
        ["AutoDelta"] = (model, data) => Guide.AutoDelta(model, data),
        ["AutoNormal"] = (model, data) => Guide.AutoNormal(model, data),
        ["AutoMultivariateNormal"] = (model, data) => Guide.AutoMultivariateNormal(model, data),
        ["AutoLowRankMultivariateNormal"] = (model, data) => Guide.AutoLowRankMultivariateNormal(model, data),
        ["AutoStructured"] = (model, data) => Guide.AutoStructured(model, data),
        ["AutoIaf"] = (model, data) => Guide.AutoIaf(model, data),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AFamilyTakesStepsOverASupport(string family, string prior)
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("m")
            .Sample("z", Array.Find(Priors, entry => entry.Name == prior).Prior(), out var z)
            .Sample("shift", new Normal(0, 1), out var shift)
            .Plate("points", total: 3)
            .Observe("y", s => new Normal(s[shift], 1), out _)
            .Build();
        var data = tensor(new[] { 0.5f, 1.5f, 1f });
        var guide = Families[family](model, data);
        using var svi = Svi(model, guide, Elbo.MeanField(particles: 3));
        for (var step = 0; step < 3; step++)
        {
            Assert.True(double.IsFinite(svi.Step(data).Elbo));
        }

        var site = guide.Trace(data, new RandomKey(3))[z];
        Assert.True(site.Distribution.Support.ContainsAll(site.Value));
        Assert.Equal(site.Value.shape, model.Trace(data, new RandomKey(1))[z].Value.shape);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AReplayedTraceHasTheSameValuesAndDensities(string family, string prior)
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("m")
            .Sample("z", Array.Find(Priors, entry => entry.Name == prior).Prior(), out _)
            .Sample("shift", new Normal(0, 1), out var shift)
            .Plate("points", total: 3)
            .Observe("y", s => new Normal(s[shift], 1), out _)
            .Build();
        var data = tensor(new[] { 0.5f, 1.5f, 1f });
        var guide = Families[family](model, data);
        var settings = new RunSettings(Layout.Of(model.Trace(data, new RandomKey(4))), Particles: 2);
        var first = guide.Execute(data, new RandomKey(5), settings);
        var again = guide.Execute(data, new RandomKey(6), settings with { Replay = first });
        Assert.Equal(first.Sites.Select(site => site.Name), again.Sites.Select(site => site.Name));
        foreach (var (one, other) in first.Sites.Zip(again.Sites))
        {
            Assert.Same(one.Value, other.Value);

            // Where a value's numbers are found by an inverse, they are its own up to rounding; the bound is that of 32 bits, somewhat amplified.
            double[] expected = Numbers(one.LogProb()), found = Numbers(other.LogProb());
            Assert.All(expected.Zip(found), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 2e-3 * Math.Max(1, Math.Abs(pair.First)), $"{one.Name}: {pair.First} and {pair.Second}; bound 2e-3."));
        }
    }
}
