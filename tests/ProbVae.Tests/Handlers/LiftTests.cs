using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Handlers;

/// <summary>Lift: a parameter becomes a latent variable, of a lambda's or of a network's.</summary>
public sealed class LiftTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor(new float[,] { { 1, 2 }, { -1, 0.5f }, { 0, 1 }, { 2, -2 }, { 0.3f, 0.1f } });
    private readonly Tensor _y = tensor(new[] { 1f, 0, 2, -1, 0.5f });

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ALiftedLinearRegressionIsTheHandWrittenBayesianOne(int particles)
    {
        var (w, b, loc) = (new Parameter(zeros(2)), new Parameter(tensor(0f)), Inferences.Scalar(0.2));
        var plain = Model.Given<(Tensor X, Tensor Y)>("plain").Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal((s.Data.X * s[w]).sum(-1) + s[b], 0.5), d => d.Y, out _).Build();
        var lifted = plain.Lift(w, new Normal(0, 1), out var weight).Lift(b, new Normal(0, 2), out var bias, "bias");
        Assert.Equal(("w", "bias"), (weight.Name, bias.Name));

        var byHand = Model.Given<(Tensor X, Tensor Y)>("by hand").Sample("w", Normal.Standard(2), out var ownWeight).Sample("bias", new Normal(0, 2), out var ownBias)
            .Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal((s.Data.X * s[ownWeight]).sum(-1) + s[ownBias], 0.5), d => d.Y, out _).Build();

        using var one = Inferences.Svi(lifted, GuideOf(lifted, weight, bias), Elbo.MeanField(particles), seed: 3);
        using var other = Inferences.Svi(byHand, GuideOf(byHand, ownWeight, ownBias), Elbo.MeanField(particles), seed: 3);
        Assert.Equal(["loc"], one.Parameters.ByName.Keys);
        Assert.Equal(other.Evaluate((_x, _y)).Elbo, one.Evaluate((_x, _y)).Elbo, 4);
        Assert.Equal(Gradient(other), Gradient(one), 4);
        // The original still trains its parameters.
        Assert.Equal(2, TrainableParameters.Of([], plain).ByName.Count);

        double Gradient(Svi<(Tensor X, Tensor Y)> svi)
        {
            using var still = Svi.For(
                ReferenceEquals(svi, one) ? lifted : byHand,
                ReferenceEquals(svi, one) ? GuideOf(lifted, weight, bias) : GuideOf(byHand, ownWeight, ownBias), Elbo.MeanField(particles), Inferences.Still, seed: 3);
            still.Step((_x, _y));
            return loc.grad!.ToDouble();
        }

        Guide<(Tensor X, Tensor Y)> GuideOf(Model<(Tensor X, Tensor Y)> model, Latent first, Latent second) =>
            Guide.For(model).Sample(first, _ => new Normal(loc.expand(2), 0.5)).Sample(second, _ => new Normal(loc, 0.5)).Build();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ALiftedNetworkComputesWhatTheNetworkWithThoseWeightsDoes(int particles)
    {
        var net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.LayerNorm(4), nn.Softmax(1), nn.Linear(4, 1));
        var model = Model.Given<(Tensor X, Tensor Y)>("network").Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal(s.Call(net, s.Data.X).squeeze(-1), 0.5), d => d.Y, out var y).Build();
        var lifted = model.Lift(net, p => p.shape.Contains(4) && p.shape is [4] ? null : new Normal(0, 1), out var sites);
        Assert.Equal(["0.weight", "4.bias", "4.weight"], sites.Keys);
        Assert.Equal("net.0.weight", sites["0.weight"].Name);
        var guide = Prior(lifted, sites.Values);
        var trained = TrainableParameters.Of([], lifted).ByName;
        Assert.Equal(["net.0.bias", "net.2.weight", "net.2.bias"], trained.Keys);

        // With particles, each must be what a copy of the network with its weights gives.
        var (guided, modelled) = Runs(lifted, guide, (_x, _y), particles);
        var found = ((Normal)modelled[y].Distribution).Loc;
        for (var particle = 0; particle < particles; particle++)
        {
            var expected = With(net, guided, sites, particles == 1 ? null : particle, () => net.call(_x).squeeze(-1));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(particles == 1 ? found : found[particle]), (a, b) => Math.Abs(a - b) < 1e-5);
        }

        using var svi = Inferences.Svi(lifted, guide, Elbo.MeanField(particles));
        Assert.True(double.IsFinite(svi.Step((_x, _y)).Elbo));
    }

    [Fact]
    public void ALiftedConvolutionComputesWhatTheNetworkWithThoseWeightsDoes()
    {
        var net = nn.Sequential(nn.Conv2d(1, 2, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2), nn.Flatten(), nn.Linear(3, 2));
        var model = Model.Given<Tensor>("images").Plate("images", total: 50, batch: d => d.shape[0])
            .Sample("z", s => new Normal(s.Call(net, s.Data), 1), out var z).Build();
        var lifted = model.Lift(net, p => new Normal(0, 1), out var sites);
        var images = rand(5, 1, 4, 4);
        var scale = Inferences.Scalar(1);
        var guide = sites.Values.Aggregate(Guide.For(lifted), (builder, site) => builder.Sample(site, _ => new Normal(ShapeOf(site), scale)))
            .Sample(z, x => new Normal(zeros(x.shape[0], 2), scale)).Build();
        var (guided, modelled) = Runs(lifted, guide, images, particles: 3);
        var found = ((Normal)modelled[z].Distribution).Loc;
        for (var particle = 0; particle < 3; particle++)
        {
            var expected = With(net, guided, sites, particle, () => net.call(images));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(found[particle]), (a, b) => Math.Abs(a - b) < 1e-5);
        }

        Tensor ShapeOf(Latent site) => zeros(net.named_parameters().Single(part => sites[part.name].Equals(site)).parameter.shape);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void ANetworkOfLatentVariablesHasTheirParticles(int depth)
    {
        // The input is itself a latent variable: outside plates, in one, in two.
        var net = nn.Linear(2, 3);
        var start = Model.Given<Tensor>("deep");
        for (var plate = 0; plate < depth; plate++)
        {
            var size = 4 + plate;
            start = start.Plate($"plate{plate}", total: _ => size);
        }

        var model = start.Sample("z", _ => Normal.Standard(2), out var z).Sample("v", s => new Normal(s.Call(net, s[z]), 1), out var v).Build();
        var lifted = model.Lift(net, _ => new Normal(0, 1), out var sites);
        var scale = Inferences.Scalar(1);
        var plates = Enumerable.Range(0, depth).Select(plate => 4L + plate).Reverse().ToArray();
        var guide = Prior(lifted, sites.Values, builder => builder.Sample(z, _ => new Normal(zeros([.. plates, 2]), scale)).Sample(v, _ => new Normal(zeros([.. plates, 3]), scale)));
        var (guided, modelled) = Runs(lifted, guide, zeros(4), particles: 3);
        var found = ((Normal)modelled[v].Distribution).Loc;
        for (var particle = 0; particle < 3; particle++)
        {
            var expected = With(net, guided, sites, particle, () => net.call(guided[z].Value[particle]));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(found[particle]), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Fact]
    public void AnInputOutsideThePlatesIsReadRightBesideDeeperSites()
    {
        // The network's input stands in no plate, other sites in one: the weights have an axis of 1 for it.
        var net = nn.Sequential(nn.Linear(2, 3), nn.Softmax(0));
        var model = Model.Given<Tensor>("m").Sample("v", s => new Normal(s.Call(net, s.Data[0]), 1), out var v)
            .Plate("rows", total: 5).Observe("x", s => new Normal(s[v].sum(-1), 1), d => d.sum(-1), out _).Build();
        var lifted = model.Lift(net, _ => new Normal(0, 1), out var sites);
        var scale = Inferences.Scalar(1);
        var guide = Prior(lifted, sites.Values, builder => builder.Sample(v, _ => new Normal(zeros(3), scale)));
        var (guided, modelled) = Runs(lifted, guide, _x, particles: 3);
        var found = ((Normal)modelled[v].Distribution).Loc;
        Assert.Equal([3L, 1, 3], found.shape);
        for (var particle = 0; particle < 3; particle++)
        {
            var expected = With(net, guided, sites, particle, () => net.call(_x[0]));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(found[particle]), (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnyModuleTakesLiftedParameters(int particles)
    {
        // Batch normalization, a gated linear unit written by hand with a parameter of its own and a list of parts, and a closure.
        var net = new Gated(2, 4);
        var model = Model.Given<(Tensor X, Tensor Y)>("gated").Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal(s.Call(net, s.Data.X, features: 1).squeeze(-1), 0.5), d => d.Y, out var y).Build();
        var lifted = model.Lift(net, _ => new Normal(0, 1), out var sites);
        Assert.Equal(["gain", "norm.bias", "norm.weight", "parts.0.bias", "parts.0.weight", "parts.1.bias", "parts.1.weight"], sites.Keys);
        var guide = Prior(lifted, sites.Values);
        var (guided, modelled) = Runs(lifted, guide, (_x, _y), particles);
        var found = ((Normal)modelled[y].Distribution).Loc;
        for (var particle = 0; particle < particles; particle++)
        {
            var expected = With(net, guided, sites, particles == 1 ? null : particle, () => net.call(_x).squeeze(-1));
            Assert.Equal(Inferences.Numbers(expected), Inferences.Numbers(particles == 1 ? found : found[particle]), (a, b) => Math.Abs(a - b) < 1e-5);
        }

        // The gradient reaches the guide, and the module's own parameters stay out of it.
        using var svi = Inferences.Svi(lifted, guide, Elbo.MeanField(particles));
        svi.Step((_x, _y));
        Assert.All(svi.Parameters.ByName.Values, parameter => Assert.NotNull(parameter.grad));
        Assert.All(net.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void ANetworkWithoutLiftedParametersRunsAsItIs()
    {
        var net = nn.Linear(2, 1);
        var model = Model.Given<Tensor>("m").Plate("rows", total: 5).Observe("y", s => new Normal(s.Call(net, _x).squeeze(-1), 1), out var y).Build();
        var loc = ((Normal)model.Trace(_y, new RandomKey(1))[y].Distribution).Loc;
        Assert.Equal(Inferences.Numbers(net.call(_x)), Inferences.Numbers(loc));
        Assert.Equal(["net.weight", "net.bias"], TrainableParameters.Of([], model).ByName.Keys);
    }

    [Fact]
    public void AGuideMayStartFromTheParameterThatWasLifted()
    {
        var w = new Parameter(ones(2));
        var model = Model.Given<(Tensor X, Tensor Y)>("m").Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal((s.Data.X * s[w]).sum(-1), 0.5), d => d.Y, out _).Build().Lift(w, new Normal(0, 1), out var site);
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(site, _ => new Normal(w, 0.1)).Build());
        Assert.Equal(["w"], svi.Parameters.ByName.Keys);
        svi.Step((_x, _y));
        Assert.NotEqual(1, w[0].ToSingle());
    }

    public void Dispose()
    {
        _scope.Dispose();
        _x.Dispose();
        _y.Dispose();
    }

    private static Guide<TData> Prior<TData>(Model<TData> model, IEnumerable<Latent> sites, Func<GuideBuilder<TData>, GuideBuilder<TData>>? more = null)
    {
        var scale = Inferences.Scalar(1);
        var builder = sites.Aggregate(Guide.For(model), (builder, site) => builder.Sample(site, data =>
        {
            using var noGrad = no_grad();
            var shape = model.Trace(data, new RandomKey(1))[site].Distribution.EventShape;
            return new Normal(zeros(shape.ToArray()), scale);
        }));
        return (more?.Invoke(builder) ?? builder).Build();
    }

    // One run of guide and model as a step makes it.
    private static (Trace Guide, Trace Model) Runs<TData>(Model<TData> model, Guide<TData> guide, TData data, int particles)
    {
        var layout = Layout.Of(model.Trace(data, new RandomKey(1)));
        var settings = new RunSettings(layout, particles == 1 ? null : particles);
        var guided = guide.Execute(data, new RandomKey(2), settings);
        return (guided, model.Execute(data, new RandomKey(2), settings with { Replay = guided }));
    }

    private static Tensor With(nn.Module net, Trace guided, IReadOnlyDictionary<string, Latent> sites, int? particle, Func<Tensor> result)
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in net.named_parameters().Where(part => sites.ContainsKey(part.name)))
        {
            var value = guided[sites[name]].Value;
            parameter.copy_((particle is { } one ? value[one] : value).reshape(parameter.shape));
        }

        return result();
    }

    private sealed class Gated : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> norm = nn.BatchNorm1d(2);
        private readonly TorchSharp.Modules.ModuleList<nn.Module<Tensor, Tensor>> parts;
        private readonly Parameter gain;
        private readonly Func<Tensor, Tensor> _gate;

        public Gated(long features, long hidden)
            : base(nameof(Gated))
        {
            parts = new(nn.Linear(features, hidden), nn.Linear(hidden, 1));
            gain = new Parameter(ones(1));
            RegisterComponents();
            _gate = x => x.mul(gain.sigmoid());
        }

        public override Tensor forward(Tensor input) => parts[1].call(_gate(parts[0].call(norm.call(input))));
    }
}
