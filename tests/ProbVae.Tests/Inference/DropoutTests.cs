using TorchSharp;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace ProbVae.Tests.Inference;

/// <summary>The seed covers what torch draws by itself during a step: masks of dropout, and what a lambda draws without a key.</summary>
[Collection(TorchGeneratorIsolation.Name)]
public sealed class DropoutTests
{
    private const int Rows = 8;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var kind in new[] { "module", "function", "alpha", "rand" })
            {
                foreach (var elbo in new[] { "mean field", "looped", "landing" })
                {
                    cases.Add(kind, elbo);
                }
            }

            return cases;
        }
    }

    /// <summary>Case B10: the same seed twice, another seed, and torch's own generator as it was.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void TheSeedCoversDropout(string kind, string elbo)
    {
        var first = Run(kind, elbo, seed: 3, steps: 8);
        manual_seed(99);
        rand(7);
        Assert.Equal(first.Elbos, Run(kind, elbo, seed: 3, steps: 8).Elbos);
        Assert.NotEqual(first.Elbos, Run(kind, elbo, seed: 4, steps: 8).Elbos);
        Assert.Equal(first.Elbos.Length, first.Elbos.Distinct().Count());
    }

    /// <summary>Case B10: a resumed run is the uninterrupted one, bit for bit.</summary>
    [Theory]
    [InlineData("module")]
    [InlineData("function")]
    public void AResumedRunWithDropoutContinuesBitForBit(string kind)
    {
        var (whole, end) = Run(kind, "mean field", seed: 3, steps: 9);
        using Module part = Network(kind), resumed = Network(kind);
        using Svi<Tensor> second = Svi(part, kind, "mean field", 3), third = Svi(resumed, kind, "mean field", 77);
        Steps(second, 4);
        third.Load(new MemoryStream(Inferences.Snapshot(second)));
        rand(3);
        Assert.Equal(whole[4..], Steps(third, 5));
        Assert.Equal(end, Inferences.Snapshot(third));
    }

    /// <summary>Case B10: dropout in two threads, beside a third one that uses torch's own generator all the time.</summary>
    [Fact]
    public async Task DropoutInTwoThreadsIsWhatItIsAlone()
    {
        var alone = new[] { Run("module", "mean field", 3, 40).Elbos, Run("module", "mean field", 8, 40).Elbos };
        using var stop = new CancellationTokenSource();
        var noise = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var drawn = rand(3);
                }
            },
            TaskCreationOptions.LongRunning);
        var together = await Task.WhenAll(new long[] { 3, 8 }.Select(seed => Task.Factory.StartNew(() => Run("module", "mean field", seed, 40).Elbos, TaskCreationOptions.LongRunning)));
        await stop.CancelAsync();
        await noise;
        Assert.Equal(alone[0], together[0]);
        Assert.Equal(alone[1], together[1]);
    }

    /// <summary>Case B10: what a lambda draws from torch's own generator, in two threads.</summary>
    [Fact]
    public async Task LambdasThatDrawTakeTurns()
    {
        using Module one = Network("function"), other = Network("function");
        var alone = new[] { Run("function", "mean field", 3, 30).Elbos, Run("function", "mean field", 8, 30).Elbos };
        using Svi<Tensor> first = Svi(one, "function", "mean field", 3), second = Svi(other, "function", "mean field", 8);
        var together = await Task.WhenAll(new[] { first, second }.Select(svi => Task.Factory.StartNew(() => Steps(svi, 30), TaskCreationOptions.LongRunning)));
        Assert.Equal(alone[0], together[0]);
        Assert.Equal(alone[1], together[1]);
    }

    /// <summary>Case B10: one coin of dropout comes out the same twice in every second program, and is found in each.</summary>
    [Fact]
    public void ASingleCoinIsSeenToBeThrown()
    {
        for (var program = 0; program < 20; program++)
        {
            var model = Model.Given<Tensor>("coin").Sample("z", _ => new Normal(nn.functional.dropout(ones(1), 0.5, true), 1), out var z).Build();
            _ = model.Trace(zeros(1), new RandomKey(program));
            Assert.Equal(Inferences.Numbers(model.Trace(zeros(1), new RandomKey(program))[z].Value), Inferences.Numbers(model.Trace(zeros(1), new RandomKey(program))[z].Value));
        }
    }

    /// <summary>Case B10: steps neither read nor move torch's own generator, with dropout or without.</summary>
    [Theory]
    [InlineData("module")]
    [InlineData("function")]
    [InlineData("alpha")]
    public void TorchsOwnGeneratorStaysWhereItWas(string kind)
    {
        using var net = Network(kind);
        using var svi = Svi(net, kind, "mean field", 3);
        // The first steps find out that the program draws.
        Steps(svi, 2);
        manual_seed(1);
        var expected = Inferences.Numbers(rand(3));
        manual_seed(1);
        Steps(svi, 2);
        Assert.Equal(expected, Inferences.Numbers(rand(3)));
    }

    /// <summary>Case B10: a key gives the same draws with dropout too, outside of steps.</summary>
    [Theory]
    [InlineData("module")]
    [InlineData("function")]
    public void AKeyCoversDropoutAfterAFit(string kind)
    {
        using var net = Network(kind);
        var (model, guide, z) = Programs(net, kind);
        using var data = Data();
        Assert.Equal(Inferences.Numbers(guide.Trace(data, new RandomKey(1))[z].Value), Inferences.Numbers(guide.Trace(data, new RandomKey(1))[z].Value));
        Assert.Equal(Draws(), Draws());

        double[] Draws() => Inferences.Numbers(Predictive.Posterior(model, guide, data, new RandomKey(2), draws: 5)[z]);
    }

    /// <summary>Case B10: keyed dropout keeps 1 − p of the elements or channels, scaled by 1 / (1 − p), and leaves the module in training mode.</summary>
    [Fact]
    public void KeyedDropoutIsDropout()
    {
        using Module elements = nn.Dropout(0.25), channels = nn.Dropout2d(0.25);
        var model = Model.Given<Tensor>("m").Deterministic("e", s => elements.call(s.Data), out var e).Deterministic("c", s => channels.call(s.Data), out var c).Build();
        using var ones = torch.ones(50, 40, 3, 3);
        var trace = model.Trace(ones, new RandomKey(5));
        var (byElement, byChannel) = (Inferences.Numbers(trace.Find(e)!.Value), Inferences.Numbers(trace.Find(c)!.Value.mean([-1L, -2L])));
        foreach (var kept in new[] { byElement, byChannel })
        {
            Assert.All(kept, number => Assert.True(number == 0 || Math.Abs(number - (4.0 / 3)) < 1e-5));
            // Bound: 5 standard errors of a proportion of 0.75.
            Assert.Equal(0.75, kept.Count(number => number > 0) / (double)kept.Length, 5 * Math.Sqrt(0.75 * 0.25 / kept.Length));
        }

        Assert.True(elements.training && channels.training);
    }

    private static Tensor Data() => linspace(-1, 2, Rows);

    private static (double[] Elbos, byte[] End) Run(string kind, string elbo, long seed, int steps)
    {
        using var net = Network(kind);
        using var svi = Svi(net, kind, elbo, seed);
        return (Steps(svi, steps), Inferences.Snapshot(svi));
    }

    private static double[] Steps(Svi<Tensor> svi, int steps)
    {
        using var data = Data();
        return [.. Enumerable.Range(0, steps).Select(_ => svi.Step(data).Elbo)];
    }

    private static Module Network(string kind)
    {
        Module net = kind switch
        {
            "module" => nn.Sequential(nn.Linear(1, 16), nn.Dropout(0.5), nn.Linear(16, 1)),
            "alpha" => nn.Sequential(nn.Linear(1, 16), nn.AlphaDropout(0.5), nn.Linear(16, 1)),
            _ => nn.Sequential(nn.Linear(1, 16), nn.Linear(16, 1)),
        };
        using var noGrad = no_grad();
        foreach (var (name, parameter) in net.named_parameters())
        {
            using var generator = new RandomKey(5).Fold(name.Length).Fold(parameter.numel()).NewGenerator();
            using var start = rand(parameter.shape, generator: generator);
            parameter.copy_(start);
        }

        return net;
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Z) Programs(Module net, string kind)
    {
        var model = Model.Given<Tensor>("m").Plate("rows", Rows).Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        return (model, Guide.For(model).Sample(z, x => new Normal(Code(x.unsqueeze(-1)).squeeze(-1), 1)).Build(), z);

        Tensor Code(Tensor x) => kind switch
        {
            "function" => nn.functional.dropout(net.call(x), 0.5, true),
            "rand" => net.call(x.add(rand(x.shape))),
            _ => net.call(x),
        };
    }

    private static Svi<Tensor> Svi(Module net, string kind, string elbo, long seed)
    {
        var (model, guide, _) = Programs(net, kind);
        return Inferences.Svi(model, guide, elbo switch { "looped" => Elbo.Trace(2, vectorized: false), "landing" => Elbo.StickingTheLanding(), _ => Elbo.MeanField() }, seed);
    }
}
