using ProbVae.Tests.Constraints.Transforms;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>Case B7: models of float64 tensors work with every guide, flow, transform, handler and estimator.</summary>
public sealed class Float64Tests
{
    private static readonly Dictionary<string, Func<World, Guide<Tensor>>> Guides = new()
    {
        ["AutoDelta"] = world => Guide.AutoDelta(world.Model, world.Y),
        ["AutoNormal"] = world => Guide.AutoNormal(world.Model, world.Y),
        ["AutoMultivariateNormal"] = world => Guide.AutoMultivariateNormal(world.Model, world.Y),
        ["AutoLowRankMultivariateNormal"] = world => Guide.AutoLowRankMultivariateNormal(world.Model, world.Y),
        ["AutoStructured"] = world => Guide.AutoStructured(world.Model, world.Y),
        ["AutoLaplace"] = world => Guide.AutoLaplace(world.Model, world.Y),
        ["AutoLaplace, Gaussian"] = world => Guide.AutoLaplace(world.Model, world.Y, InitTo.Value((world.Rate, 1.5))).Gaussian(world.Y),
        ["AutoIaf"] = world => Guide.AutoIaf(world.Model, world.Y),
        ["AutoNormalizingFlow of affine couplings"] = world => Guide.AutoNormalizingFlow(world.Model, world.Y, n => [new AffineCoupling(n, [8], new RandomKey(1)), PermuteTransform.Reversed(n), new AffineCoupling(n, [8], new RandomKey(2))]),
        ["AutoNormalizingFlow of splines"] = world => Guide.AutoNormalizingFlow(world.Model, world.Y, n => [new SplineCoupling(n, [8], new RandomKey(1))]),
        ["AutoNormalizingFlow, masked autoregressive"] = world => Guide.AutoNormalizingFlow(world.Model, world.Y, n => [new MaskedAutoregressiveFlow(n, [8], new RandomKey(1))]),
        ["Compose"] = world => Guide.Compose(world.Model, Guide.AutoNormal(world.Model, world.Y, only: [world.Z]), Guide.AutoMultivariateNormal(world.Model, world.Y, except: [world.Z])),
        ["For"] = world => world.ByHand(world.Model),
        ["Following"] = world => Guide.AutoNormal(world.Model, world.Y).Following(world.Model, world.Y).Guide,
    };

    private static readonly Dictionary<string, Func<Elbo>> Estimators = new()
    {
        ["Trace"] = () => Elbo.Trace(3),
        ["Trace, one by one"] = () => Elbo.Trace(3, vectorized: false),
        ["MeanField"] = () => Elbo.MeanField(3),
        ["StickingTheLanding"] = () => Elbo.StickingTheLanding(3),
        ["ScoreFunction"] = () => Elbo.ScoreFunction(3, Baseline.DecayingAverage()),
        ["Iwae"] = () => Elbo.Iwae(4),
        ["Dreg"] = () => Elbo.Dreg(4),
        ["Renyi"] = () => Elbo.Renyi(0.5, 4),
        ["ReweightedWakeSleep"] = () => Elbo.ReweightedWakeSleep(4),
        ["Enumerated"] = () => Elbo.Enumerated(3),
    };

    private static readonly Dictionary<string, Func<World, Model<Tensor>>> Handlers = new()
    {
        ["Block"] = world => world.Model.Block(world.Z),
        ["Condition, number"] = world => world.Model.Condition(world.Rate, 1.25),
        ["Condition, data"] = world => world.Model.Condition(world.Z, _ => tensor([0.5, 1, 2])),
        ["Decenter"] = world => world.Model.Decenter(world.Z, out _),
        ["Intervene"] = world => world.Model.Intervene(world.Rate, 1.25),
        ["Lift"] = world => world.Model.Lift(world.Slope, new Normal(tensor(0.0), 1), out _, "slope"),
        ["Mask"] = world => world.Model.Mask(world.Observed, tensor(true)),
        ["Reparameterize"] = world => world.Model.Reparameterize(world.Rate, out _),
        ["Replay"] = world => world.Model.Replay(world.Model.Trace(world.Y, new RandomKey(4))),
        ["Scale"] = world => world.Model.Scale(world.Observed, 0.5),
        ["Seed"] = world => world.Model.Seed(new RandomKey(5)),
        ["Substitute"] = world => world.Model.Substitute(world.Rate, 1.25),
        ["With"] = world => world.Model.With(world.Z, new Normal(zeros(3, float64), 2).ToEvent()),
    };

    public static TheoryData<string> GuideNames => [.. Guides.Keys];

    public static TheoryData<string> EstimatorNames => [.. Estimators.Keys];

    public static TheoryData<string> HandlerNames => [.. Handlers.Keys];

    public static TheoryData<string> TransformNames => TransformCases.Names;

    [Theory]
    [MemberData(nameof(GuideNames))]
    public void EveryGuide(string name)
    {
        using var scope = NewDisposeScope();
        using var world = new World();
        var guide = Guides[name](world);
        Train(world, world.Model, guide, Elbo.Trace(2), name == "For" ? 1 : null);
        var draws = Posterior.Of(world.Model, guide, world.Y, draws: 10);
        Assert.Equal(ScalarType.Float64, draws[world.Z].dtype);
        Assert.Equal(ScalarType.Float64, draws[world.Weights].dtype);
        if (guide is AutoGuide<Tensor> automatic)
        {
            Assert.All(automatic.Median(world.Y).Values, median => Assert.Equal(ScalarType.Float64, median.dtype));
            Assert.All(automatic.Following(world.Model, world.Y).Guide.Sites, site => Assert.Equal(ScalarType.Float64, site.DType));
        }

        if (name is not ("AutoDelta" or "AutoLaplace"))
        {
            Assert.True(double.IsFinite(Evidence.ByImportance(world.Model, guide, world.Y, new RandomKey(2), draws: 50).LogEvidence));
        }
    }

    [Theory]
    [MemberData(nameof(EstimatorNames))]
    public void EveryEstimator(string name)
    {
        using var scope = NewDisposeScope();
        using var world = new World(discrete: name is "ScoreFunction" or "ReweightedWakeSleep" or "Enumerated");
        Train(world, world.Model, world.ByHand(world.Model, sumOut: name == "Enumerated"), Estimators[name](), 1);
    }

    [Theory]
    [MemberData(nameof(HandlerNames))]
    public void EveryHandler(string name)
    {
        using var scope = NewDisposeScope();
        using var world = new World();
        var model = Handlers[name](world);
        // A guide cannot give another value than these two do.
        if (name is not ("Replay" or "Substitute"))
        {
            Train(world, model, Guide.AutoNormal(model, world.Y), Elbo.Trace(2), null);
            Train(world, model, Guide.AutoIaf(model, world.Y), Elbo.Trace(2), null);
        }

        Assert.All(model.Trace(world.Y, new RandomKey(3)).Sites, site => Assert.Equal(ScalarType.Float64, site.Value.dtype));
    }

    [Theory]
    [MemberData(nameof(TransformNames))]
    public void EveryTransformAndFlow(string name)
    {
        // Of float64 numbers, with networks as they are made: in float32.
        using var scope = NewDisposeScope();
        var row = TransformCases.ByName(name);
        var transform = row.Make(row.Name.Contains("by element", StringComparison.Ordinal) ? ScalarType.Float64 : ScalarType.Float32);
        var x = row.Draw(new RandomKey(1), [4]);
        var y = transform.Forward(x);
        Assert.Equal((ScalarType.Float64, ScalarType.Float64), (y.dtype, transform.LogDeterminant(x, y).dtype));
        var back = transform.Inverse(y);
        Assert.Equal(ScalarType.Float64, back.dtype);
        Assert.True(back.sub(x).abs().div(x.abs().add(1)).max().item<double>() < row.Tolerance, $"{back.sub(x).abs().max().item<double>()}");
    }

    private static void Train(World world, Model<Tensor> model, Guide<Tensor> guide, Elbo elbo, int? parameters)
    {
        using var svi = Svi.For(model, guide, elbo, Inferences.Adam(0.01), seed: 1);
        Assert.True(svi.Parameters.ByName.Count >= (parameters ?? 1));
        for (var step = 0; step < 3; step++)
        {
            Assert.True(double.IsFinite(svi.Step(world.Y).Elbo));
        }

        Assert.All(svi.Parameters.ByName.Where(entry => !entry.Key.Contains("flow", StringComparison.Ordinal)), entry => Assert.Equal(ScalarType.Float64, entry.Value.dtype));
    }

    private sealed class World : IDisposable
    {
        private readonly Parameter _loc = new(zeros(3, float64));
        private readonly Parameter _rate = new(tensor(0.3));
        private readonly Parameter _weights = new(ones(3, float64));
        private readonly Parameter _odds = new(zeros(2, float64));

        public World(bool discrete = false)
        {
            var slope = Slope;
            var builder = ProbVae.Model.Given<Tensor>("float64")
                .Sample("rate", new TransformedDistribution(new Normal(tensor(0.5), 1), new ExpTransform()), out var rate)
                .Sample("weights", new Dirichlet(ones(3, float64)), out var weights)
                .Sample("z", s => new Normal(zeros(3, float64), s[rate].unsqueeze(-1)).ToEvent(), out var z);
            (Rate, Weights, Z) = (rate, weights, z);
            if (discrete)
            {
                Model = builder.Sample("k", OneHotCategorical.FromProbs(tensor([0.4, 0.6])), out var k)
                    .Observe("y", s => new Normal(s[z].mul(s[weights]).add(s[k].matmul(tensor(new[,] { { 0.0, 0, 0 }, { 1, 2, 3 } }))).mul(s[slope].unsqueeze(-1)), 1).ToEvent(), out var y).Build();
                (K, Observed) = (k, y);
            }
            else
            {
                Model = builder.Observe("y", s => new Normal(s[z].mul(s[weights]).mul(s[slope].unsqueeze(-1)), 1).ToEvent(), out var y).Build();
                Observed = y;
            }
        }

        public Tensor Y { get; } = tensor([0.5, -1, 2]);

        public Parameter Slope { get; } = new(tensor(1.0));

        public Model<Tensor> Model { get; }

        public Latent Rate { get; }

        public Latent Weights { get; }

        public Latent Z { get; }

        public Latent? K { get; }

        public Observed Observed { get; }

        public Guide<Tensor> ByHand(Model<Tensor> model, bool sumOut = false)
        {
            var (loc, logRate, logWeights, odds) = (_loc, _rate, _weights, _odds);
            var builder = Guide.For(model)
                .Sample(Rate, _ => new LogNormal(logRate, 0.1))
                .Sample(Weights, _ => new Dirichlet(logWeights.exp()))
                .Sample(Z, _ => new Normal(loc, 0.5).ToEvent());
            return K is null ? builder.Build() : sumOut ? builder.SumOut(K).Build() : builder.Sample(K, _ => OneHotCategorical.FromLogits(odds)).Build();
        }

        public void Dispose()
        {
            foreach (var parameter in new[] { _loc, _rate, _weights, _odds, Slope })
            {
                parameter.Dispose();
            }
        }
    }
}
