using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>What a step refuses because it would train nothing, or something else: gradients, optimizers, running statistics, data.</summary>
public sealed class StepChecksTests
{
    /// <summary>Case A2: a step where gradients are off.</summary>
    [Fact]
    public void AStepUnderNoGradIsRefused()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        using (no_grad())
        {
            Assert.Contains("no_grad", Assert.Throws<InvalidOperationException>(() => svi.Step(conjugate.Data)).Message, StringComparison.Ordinal);
            Assert.True(double.IsFinite(svi.Evaluate(conjugate.Data).Elbo));
        }

        using (inference_mode())
        {
            Assert.Throws<InvalidOperationException>(() => svi.Step(conjugate.Data));
        }

        svi.Step(conjugate.Data);
        Assert.Equal(1, svi.StepCount);
    }

    /// <summary>Case A2: no_grad, detach or a number inside a lambda.</summary>
    [Fact]
    public void AParameterThatIsUsedWithoutAGradientIsNamed()
    {
        foreach (var how in new[] { "no grad", "detach", "number" })
        {
            Parameter loc = Inferences.Scalar(0.3), scale = Inferences.Scalar(0);
            var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
            var guide = Guide.For(model).Sample(z, _ => new Normal(Used(how, loc), scale.exp())).Build();
            using var svi = Inferences.Svi(model, guide);
            var message = Assert.Throws<ModelException>(() => svi.Step(tensor(1f))).Message;
            Assert.StartsWith("The programs use 'loc' and the loss has no gradient in it", message, StringComparison.Ordinal);
            Assert.Equal((0, 0.3f), (svi.StepCount, loc.item<float>()));
            // The ways out that the sentence names.
            svi.Freeze("loc");
            svi.Step(tensor(1f));
            Assert.Equal((1, 0.3f), (svi.StepCount, loc.item<float>()));
        }

        static Tensor Used(string how, Tensor loc)
        {
            using var noGrad = how == "no grad" ? no_grad() : null;
            return how switch { "detach" => loc.detach(), "number" => tensor(loc.ToSingle()), _ => loc * 1 };
        }
    }

    /// <summary>Case A2: a measuring run elsewhere is none of the training objective under gradients.</summary>
    [Fact]
    public void AnEvaluationBeforeTheFirstStepHidesNothing()
    {
        var logit = Inferences.Scalar(0.1);
        var model = Model.Given<Tensor>("m").Sample("c", Bernoulli.FromProbs(0.5), out var c).Observe("x", s => new Normal(s[c], 1), out _).Build();
        var guide = Guide.For(model).Sample(c, _ => Bernoulli.FromLogits(logit)).Build();
        using var svi = Inferences.Svi(model, guide);
        using (no_grad())
        {
            svi.Evaluate(tensor(0f), Elbo.ScoreFunction());
        }

        Assert.Contains("not reparameterized", Assert.Throws<ModelException>(() => svi.Step(tensor(0f))).Message, StringComparison.Ordinal);
    }

    /// <summary>Case A2: what no run uses, and what waits for a KL weight above 0, is no mistake.</summary>
    [Fact]
    public void ParametersThatAreNotUsedYetAreLeftInPeace()
    {
        Parameter loc = Inferences.Scalar(0.1), idle = Inferences.Scalar(1), prior = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", s => new Normal(prior, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var guide = Guide.For(model).Sample(z, x => x.ToSingle() > 5 ? new Normal(idle, 1) : new Normal(loc, 1)).Build();
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField().WithKlWeight(KlWeight.Linear(from: 0, to: 1, steps: 5)));
        svi.Step(tensor(1f));
        svi.Step(tensor(1f));
        Assert.Equal(2, svi.StepCount);
    }

    /// <summary>Case A3: an optimizer of other parameters, of some, of none, and no optimizer (D8).</summary>
    [Fact]
    public void AParameterWithoutAnOptimizerIsNamed()
    {
        var conjugate = new Conjugate();
        using var another = Inferences.Scalar(0);
        Assert.Contains("No optimizer has 'location', 'spread'", Problem(_ => optim.Adam([another])), StringComparison.Ordinal);
        Assert.Contains("No optimizer has 'spread', so it would stay", Problem(_ => optim.SGD([conjugate.Location], 0.1)), StringComparison.Ordinal);
        Assert.Contains("gave null", Problem(_ => null!), StringComparison.Ordinal);
        // The way out that the sentence names.
        conjugate.Spread.requires_grad_(false);
        using var svi = Svi.For(conjugate.Model, conjugate.Guide, Elbo.MeanField(), _ => optim.SGD([conjugate.Location], 0.01));
        svi.Step(conjugate.Data);
        Assert.Contains("No optimizer has 'spread'", Assert.Throws<ModelException>(() => svi.Unfreeze("spread")).Message, StringComparison.Ordinal);

        string Problem(Func<IReadOnlyCollection<Parameter>, optim.Optimizer> optimizer) =>
            Assert.Throws<ModelException>(() => Svi.For(conjugate.Model, conjugate.Guide, Elbo.MeanField(), optimizer)).Message;
    }

    /// <summary>Case A5: batch normalization and a last batch of one.</summary>
    [Fact]
    public void AStepThatBreaksRunningStatisticsIsUndone()
    {
        using var net = nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Linear(3, 1));
        var model = Model.Given<Tensor>("m").Plate("rows", 9).Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(net.call(x.unsqueeze(-1)).squeeze(-1), 1)).Build());
        using Tensor whole = linspace(-1, 1, 8), last = ones(1);
        svi.Step(whole);
        var before = Inferences.Snapshot(svi);
        var refused = Assert.Throws<NonFiniteException>(() => svi.Step(last));
        Assert.Contains("'net.1.running_var' (3) not finite", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Inferences.Snapshot(svi));
        svi.Step(whole);
        net.eval();
        svi.Step(last);
        Assert.Equal(3, svi.StepCount);
    }

    /// <summary>Case A5: a buffer that is not finite by nature, such as the mask of attention, is no broken statistic.</summary>
    [Fact]
    public void ABufferThatWasInfiniteBeforeIsLeftInPeace()
    {
        using var net = new MaskedLayer();
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(net.call(x), 1)).Build());
        svi.Step(tensor(1f));
        Assert.Equal(1, svi.StepCount);
    }

    /// <summary>Case A5: numbers so great that their sum overflows are numbers all the same; an infinity among as many is not.</summary>
    [Fact]
    public void AGreatBufferIsHeldAgainstItsElements()
    {
        using var net = new GrowingLayer();
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(net.call(x), 1)).Build());
        svi.Step(tensor(3e38f));
        Assert.Equal(1, svi.StepCount);
        Assert.Contains("'net._seen' (2000) not finite", Assert.Throws<NonFiniteException>(() => svi.Step(tensor(float.PositiveInfinity))).Message, StringComparison.Ordinal);
        svi.Step(tensor(2e38f));
        Assert.Equal(2, svi.StepCount);
    }

    /// <summary>Case D8: data that is null, gone, without numbers, or of a type that densities are not computed in.</summary>
    [Fact]
    public void DataThatCannotBeUsedGetsASentence()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        var (model, guide, key) = (conjugate.Model, conjugate.Guide, new RandomKey(1));
        foreach (var use in new Action<Tensor>[]
        {
            data => svi.Step(data), data => svi.Evaluate(data), data => svi.Explain(data), data => svi.Posterior(data), data => svi.Fit(data, 2), data => svi.Fit(_ => data, 2), data => model.Trace(data, key), data => guide.Trace(data, key),
            data => Predictive.Prior(model, data, key, 2), data => Predictive.Posterior(model, guide, data, key, 2), data => Evidence.ByImportance(model, guide, data, key, 2), data => Guide.AutoNormal(model, data),
        })
        {
            Assert.Contains("the data is null", Assert.Throws<ArgumentNullException>(() => use(null!)).Message, StringComparison.Ordinal);
        }

        foreach (var type in new[] { ScalarType.Float16, ScalarType.BFloat16, ScalarType.ComplexFloat32, ScalarType.ComplexFloat64 })
        {
            Assert.Contains($"has the type {type}", Assert.Throws<ModelException>(() => svi.Step(conjugate.Data.to(type))).Message, StringComparison.Ordinal);
        }

        var gone = zeros(20);
        gone.Dispose();
        Assert.Contains("disposed of", Assert.Throws<ModelException>(() => svi.Step(gone)).Message, StringComparison.Ordinal);
        Assert.Contains("meta device", Assert.Throws<ModelException>(() => svi.Step(empty(20, device: torch.device("meta")))).Message, StringComparison.Ordinal);
        Assert.Equal(0, svi.StepCount);
    }

    /// <summary>Case D8: null in a part of the data, and lambdas that give null.</summary>
    [Fact]
    public void NullInsideDataAndFromLambdasGetsASentence()
    {
        var loc = Inferences.Scalar(0.1);
        var model = Model.Given<(Tensor X, Tensor Y)>("m").Sample("w", new Normal(0, 1), out var w).Plate("rows", 4)
            .Observe("y", s => new Normal(s[w] * s.Data.X, 1), d => d.Y, out var y).Build();
        var guide = Guide.For(model).Sample(w, _ => new Normal(loc, 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Contains("Site 'y': its lambda met null where a tensor or another object was needed (in the data, Item1 is null)", Problem(() => svi.Step((null!, zeros(4)))), StringComparison.Ordinal);
        Assert.Contains("Site 'y': the given value is null", Problem(() => svi.Step((zeros(4), null!))), StringComparison.Ordinal);
        var gone = zeros(4);
        gone.Dispose();
        Assert.Contains("Item1 of the data is a tensor that was disposed of", Problem(() => svi.Step((gone, zeros(4)))), StringComparison.Ordinal);
        Assert.Contains("Mask('y'): its lambda gave null", Problem(() => Inferences.Svi(model.Mask(y, _ => null!), guide).Step((zeros(4), zeros(4)))), StringComparison.Ordinal);
        Assert.Contains("Site 'w': its lambda gave null", Problem(() => Inferences.Svi(model, Guide.For(model).Sample(w, _ => loc is null ? new Normal(loc!, 1) : null!).Build(), Elbo.MeanField()).Step((zeros(4), zeros(4)))), StringComparison.Ordinal);
        var program = Model.Program<Tensor>("p", (run, data) => run.Observe(new Observed("x"), new Normal(loc, 1), null!));
        Assert.Contains("Site 'x': the given value is null", Problem(() => program.Trace(zeros(1), new RandomKey(1))), StringComparison.Ordinal);

        static string Problem(Action run) => Assert.Throws<ModelException>(run).Message;
    }

    private sealed class MaskedLayer : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter _loc = new(tensor(0.1f));
        private readonly Tensor _mask = tensor(new[] { 0, float.NegativeInfinity });

        public MaskedLayer()
            : base("masked") => RegisterComponents();

        public override Tensor forward(Tensor input) => input.mul(_loc).add(_mask.softmax(-1)[1]);
    }

    private sealed class GrowingLayer : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter _loc = new(tensor(0.1f));
        private readonly Tensor _seen = zeros(2000);

        public GrowingLayer()
            : base("growing") => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var noGrad = no_grad();
            _seen.fill_(1e38f);
            _seen[7].copy_(input);
            return _loc;
        }
    }
}
