using System.Collections.Immutable;
using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>A network that is used is trained, wherever a lambda keeps it, or the first step says that it would not be.</summary>
public sealed class TrainableParametersTests
{
    private static readonly Dictionary<string, Func<Linear, Func<Tensor, Distribution>>> Holders = new()
    {
        ["a local"] = net => x => Q(net, x),
        ["a field of this"] = net => new FieldHolder(net).Posterior,
        ["a field of this, in a lambda"] = net => new FieldHolder(net).Lambda(),
        ["a field of this, by a method of this, in a lambda with a local"] = net => new FieldHolder(net).LambdaWithALocal(1.0),
        ["a property"] = net => new PropertyHolder { Network = net }.Posterior,
        ["a field of a base class"] = net => new DerivedHolder(net).Posterior,
        ["an array"] = net => InArray([net]),
        ["a list"] = net => InList([net]),
        ["a list of a collection expression"] = net => InReadOnlyList([net, net]),
        ["an anonymous object"] = net =>
        {
            var pair = new { Factor = 1.0, Net = net };
            return x => Q(pair.Net, x * pair.Factor);
        },
        ["an immutable list"] = net => InImmutableList([net]),
        ["a dictionary"] = net => InDictionary(new() { ["first"] = net }),
        ["a tuple"] = net => InTuple((1.0, net)),
        ["a nested closure"] = net =>
        {
            var outer = 1.0;
            Func<Tensor, Distribution> Inner(double inner) => x => Q(net, x * inner * outer);
            return Inner(1.0);
        },
        ["another lambda"] = net =>
        {
            Func<Tensor, Tensor> forward = x => net.call(x);
            return x => new Normal(forward(x).squeeze(-1), 1);
        },
        ["a local function"] = net =>
        {
            Distribution Posterior(Tensor x) => Q(net, x);
            return x => Posterior(x);
        },
        ["a local function as the lambda"] = net =>
        {
            Distribution Posterior(Tensor x) => Q(net, x);
            return Posterior;
        },
        ["a lambda in the lambda"] = net => x => new[] { x }.Select(each => Q(net, each)).Single(),
        ["a lambda in a lambda in the lambda"] = net => x =>
        {
            Func<Func<Distribution>> outer = () => () => Q(net, x);
            return outer()();
        },
        ["a variable of a loop"] = net =>
        {
            Func<Tensor, Distribution>? posterior = null;
            var factor = 1.0;
            foreach (var each in new[] { net })
            {
                var scale = 1.0;
                posterior = x => Q(each, x * scale * factor);
            }

            return posterior!;
        },
        ["a generic method"] = InGenericMethod,
        ["a method group of the module"] = net =>
        {
            Func<Tensor, Tensor> forward = net.call;
            return x => new Normal(forward(x).squeeze(-1), 1);
        },
        ["a field of this, in a lambda in the lambda"] = net => new FieldHolder(net).NestedLambda(),
        ["a method of this that a lambda calls"] = net => new FieldHolder(net).CallingLambda(),
        ["a variable that is assigned later"] = net =>
        {
            Linear? later = null;
            Func<Tensor, Distribution> posterior = x => Q(later!, x);
            later = net;
            return posterior;
        },
        ["one of two branches"] = net => x => x.dim() > 5 ? new Normal(0, 1) : Q(net, x),
        ["a try and a finally"] = net => x =>
        {
            try
            {
                return Q(net, x);
            }
            finally
            {
                GC.KeepAlive(net);
            }
        },
        ["a switch"] = net => x => x.dim() switch
        {
            0 => new Normal(0, 1),
            1 => new Normal(0, 2),
            2 => Q(net, x),
            3 => new Normal(0, 3),
            _ => new Normal(0, 4),
        },
        ["a user's class in a user's record"] = net => new Record("r", new FieldHolder(net)).Posterior,
    };

    private static Linear Static { get; } = nn.Linear(1, 1);

    public static TheoryData<string> HolderNames => [.. Holders.Keys];

    [Theory]
    [MemberData(nameof(HolderNames))]
    public void ANetworkThatALambdaKeepsIsTrained(string holder)
    {
        using var net = nn.Linear(1, 1);
        using var svi = Svi(Holders[holder](net));
        Assert.Equal([net.weight!, net.bias!], svi.Parameters.ByName.Values.Cast<Tensor>(), ReferenceEqualityComparer.Instance);

        var before = Inferences.Numbers(net.weight!);
        svi.Step(ones(3, 1));
        Assert.NotEqual(before, Inferences.Numbers(net.weight!));
    }

    [Fact]
    public void ANetworkThatALambdaKeepsWhereNobodyLooksIsAnExceptionAndNotASilence()
    {
        using var net = nn.Linear(1, 1);
        HashSet<Linear> hidden = [net];
        using var spare = Inferences.Scalar(0);
        using var svi = Svi(x => Q(hidden.First(), x + spare.detach()));
        Assert.Contains("would not be trained", Assert.Throws<ModelException>(() => svi.Step(ones(3, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkInAStaticFieldIsTrainedOnceItIsNamed()
    {
        var model = Regression(out var z);
        var guide = Guide.For(model).Sample(z, x => Q(Static, x)).Uses(("static", Static)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(["static.weight", "static.bias"], svi.Parameters.ByName.Keys);
        AssertStepMoves(svi, Static.weight!);
    }

    [Fact]
    public void AProgramNamesItsStaticNetworksToo()
    {
        Latent z = new("z");
        var model = Model.Program<Tensor>("m", (p, x) =>
        {
            using var points = p.Plate("points", 3);
            p.Sample(z, new Normal(Static.call(x).squeeze(-1), 1));
        }, ("static", Static));
        using var loc = Inferences.Scalar(0);
        var guide = Guide.Program(model, (p, _) =>
        {
            using var points = p.Plate("points", 3);
            p.Sample(z, new Normal(loc, 1));
        });
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(["static.weight", "static.bias", "loc"], svi.Parameters.ByName.Keys);
        AssertStepMoves(svi, Static.weight!);
    }

    [Fact]
    public void ANetworkThatWithBringsIsTrained()
    {
        using var net = nn.Linear(1, 1);
        using var loc = Inferences.Scalar(0);
        var model = Regression(out var z);
        var shifted = model.With(z, s => new Normal(net.call(s.Data).squeeze(-1), 1));
        using var svi = Inferences.Svi(shifted, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build());
        Assert.Equal(["net.weight", "net.bias", "loc"], svi.Parameters.ByName.Keys);
        AssertStepMoves(svi, net.weight!);
    }

    [Fact]
    public void AParameterThatADistributionHoldsIsTrained()
    {
        using var loc = Inferences.Scalar(0.5);
        var model = Regression(out var z);
        var posterior = new Normal(loc, 1);
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => posterior).Build());
        Assert.Same(loc, Assert.Single(svi.Parameters.ByName.Values));
        AssertStepMoves(svi, loc);
    }

    [Fact]
    public void FrozenParametersStay()
    {
        using var net = nn.Linear(1, 1);
        net.bias!.requires_grad_(false);
        using var svi = Svi(x => Q(net, x));
        var before = Inferences.Numbers(net.bias!);
        AssertStepMoves(svi, net.weight!);
        Assert.Equal(before, Inferences.Numbers(net.bias!));
        Assert.False(net.bias!.requires_grad, "A step gave a frozen parameter its gradient back.");
    }

    [Fact]
    public void WhereEveryParameterIsFrozenAStepEstimatesAndMovesNothing()
    {
        using var net = nn.Linear(1, 1);
        net.weight!.requires_grad_(false);
        net.bias!.requires_grad_(false);
        using var svi = Svi(x => Q(net, x));
        var before = Inferences.Numbers(net.weight!);
        Assert.True(double.IsFinite(svi.Step(ones(3, 1)).Elbo));
        Assert.Equal(before, Inferences.Numbers(net.weight!));
        Assert.Equal(1, svi.StepCount);
    }

    [Fact]
    public void AParameterThatModelAndGuideShareAppearsOnceUnderOneName()
    {
        using var shared = nn.Linear(1, 1);
        var model = Model.Given<Tensor>("m").Plate("points", 3)
            .Sample("z", s => new Normal(shared.call(s.Data).squeeze(-1), 1), out var z)
            .Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => Q(shared, x)).Build());
        Assert.Equal(["shared.weight", "shared.bias"], svi.Parameters.ByName.Keys);
    }

    [Fact]
    public void NamesAreThoseOfTheProgramAndTheSameInEachInference()
    {
        using var encoder = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1));
        using Parameter logScale = Inferences.Scalar(0), offset = Inferences.Scalar(0);
        var model = Regression(out var z);
        var guide = Guide.For(model).Sample(z, x => new Normal(encoder.call(x).squeeze(-1) + offset, logScale.exp())).Build();
        using var first = Inferences.Svi(model, guide);
        using var second = Inferences.Svi(model, guide);
        Assert.Equal(["encoder.0.bias", "encoder.0.weight", "encoder.2.bias", "encoder.2.weight", "logScale", "offset"], first.Parameters.ByName.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(first.Parameters.ByName.Keys, second.Parameters.ByName.Keys);
    }

    [Fact]
    public void TwoNetworksOfOneNameAreToldApartByANumber()
    {
        using Linear first = nn.Linear(1, 1), second = nn.Linear(1, 1);
        var model = Regression(out var z);
        using var svi = Inferences.Svi(model.With(z, Prior(first)), Guide.For(model).Sample(z, InArrayNamedNet(second)).Build());
        Assert.Equal(["net.weight", "net.bias", "net#2.weight", "net#2.bias"], svi.Parameters.ByName.Keys);

        static Func<Scope<Tensor>, Distribution> Prior(Linear net) => s => Q(net, s.Data);
        static Func<Tensor, Distribution> InArrayNamedNet(Linear net) => x => Q(net, x);
    }

    [Fact]
    public void BuffersAreFoundBesideTheParameters()
    {
        using var net = nn.Sequential(nn.Linear(1, 2), nn.BatchNorm1d(2), nn.Linear(2, 1));
        var model = Regression(out var z);
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(net.call(x).squeeze(-1), 1)).Build());
        Assert.Equal(["net.1.running_mean", "net.1.running_var", "net.1.num_batches_tracked"], svi.Parameters.Buffers.Keys);
    }

    [Fact]
    public void ABufferThatIsNoParameterNeedsNoName()
    {
        // A tensor that asks for no gradient is data.
        using var loc = Inferences.Scalar(0);
        using var fixedScale = tensor(2f);
        using var svi = Svi(_ => new Normal(loc, fixedScale));
        AssertStepMoves(svi, loc);
    }

    private static Model<Tensor> Regression(out Latent z) => Model.Given<Tensor>("m").Plate("points", 3).Sample("z", new Normal(1, 1), out z).Build();

    private static Svi<Tensor> Svi(Func<Tensor, Distribution> posterior)
    {
        var model = Regression(out var z);
        return Inferences.Svi(model, Guide.For(model).Sample(z, posterior).Build());
    }

    private static void AssertStepMoves(Svi<Tensor> svi, Tensor parameter)
    {
        var before = Inferences.Numbers(parameter);
        svi.Step(ones(3, 1));
        Assert.NotEqual(before, Inferences.Numbers(parameter));
    }

    private static Normal Q(Linear net, Tensor x) => new(net.call(x).squeeze(-1), 1);

    private static Func<Tensor, Distribution> InGenericMethod(Linear net) => Generic(net, 1.0);

    private static Func<Tensor, Distribution> Generic<TNetwork, TFactor>(TNetwork net, TFactor factor)
        where TNetwork : nn.Module<Tensor, Tensor>
    {
        return x => new Normal(net.call(x * Convert.ToDouble(factor, System.Globalization.CultureInfo.InvariantCulture)).squeeze(-1), 1);
    }

    private static Func<Tensor, Distribution> InArray(Linear[] nets) => x => Q(nets[0], x);

    private static Func<Tensor, Distribution> InList(List<Linear> nets) => x => Q(nets[0], x);

    private static Func<Tensor, Distribution> InReadOnlyList(IReadOnlyList<Linear> nets) => x => Q(nets[1], x);

    private static Func<Tensor, Distribution> InImmutableList(ImmutableList<Linear> nets) => x => Q(nets[0], x);

    private static Func<Tensor, Distribution> InDictionary(Dictionary<string, Linear> nets) => x => Q(nets["first"], x);

    private static Func<Tensor, Distribution> InTuple((double Factor, Linear Net) pair) => x => Q(pair.Net, x * pair.Factor);

    private class FieldHolder(Linear network)
    {
        private readonly Linear _network = network;

        public Normal Posterior(Tensor x) => Q(_network, x);

        public Func<Tensor, Distribution> LambdaWithALocal(double factor) => x => Posterior(x * factor);

        public Func<Tensor, Distribution> Lambda() => x => Q(_network, x);

        public Func<Tensor, Distribution> NestedLambda() => x => new[] { x }.Select(each => Q(_network, each)).Single();

        public Func<Tensor, Distribution> CallingLambda() => x => Posterior(x);
    }

    private sealed class DerivedHolder(Linear network) : FieldHolder(network);

    private sealed class PropertyHolder
    {
        public required Linear Network { get; init; }

        public Normal Posterior(Tensor x) => Q(Network, x);
    }

    private sealed record Record(string Name, FieldHolder Holder)
    {
        public Normal Posterior(Tensor x) => Holder.Posterior(x);
    }
}
