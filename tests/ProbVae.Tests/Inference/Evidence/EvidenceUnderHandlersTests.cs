using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Handlers after which many runs of a model tell no evidence: each is refused, and what is left of them stays right.</summary>
public sealed class EvidenceUnderHandlersTests
{
    // log N(0.7; 0, 2).
    private static readonly double Exact = (-0.5 * Math.Log(4 * Math.PI)) - (0.49 / 4);

    private static readonly Tensor Data = tensor(0.7f);

    [Fact]
    public void AModelWithASeedRepeatsItsDrawsAndIsRefused()
    {
        var model = Shifted(out var z, out _).Seed(new RandomKey(3));
        foreach (var use in new Action[]
        {
            () => Evidence.ByPriorSampling(model, Data, new RandomKey(1), draws: 100, memory: 2000),
            () => Evidence.ByAnnealing(model, Data, new RandomKey(1), draws: 10),
            () => Predictive.Prior(model, Data, new RandomKey(1), draws: 10).Dispose(),
        })
        {
            Assert.Contains("Site 'z': the model has a Seed", Assert.Throws<ModelException>(use).Message, StringComparison.Ordinal);
        }

        // A guide's draws are not the model's; those of a blocked variable are.
        var guide = Guide.AutoNormal(model, Data, scale: 0.7, init: InitTo.Value((z, 0.35)));
        Assert.Equal(Exact, Evidence.ByImportance(model, guide, Data, new RandomKey(1), draws: 4000).LogEvidence, 0.01);
        Assert.Contains("the model has a Seed", Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model.Block(z), Data, new RandomKey(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVariableHeldAtAValueIsNotDrawnFromItsPrior()
    {
        var model = Shifted(out var z, out _);
        var refused = Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model.Substitute(z, 0.3), Data, new RandomKey(1)));
        Assert.Contains("Site 'z': Substitute holds it at a value", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model.Replay(model.Trace(Data, new RandomKey(2))), Data, new RandomKey(1)));
        Assert.Contains("Site 'z': Replay holds it at a value", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMaskedVariableThatIsReadHasNoEvidenceByAnnealingOrFromAGuide()
    {
        var (mask, data) = (tensor(new[] { true, false }), tensor(new[] { 0.7f, 0.7f }));
        var model = Model.Given<Tensor>("rows").Plate("rows", total: 2).Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(s[z], 1), out var x).Build().Mask(z, mask);
        var guide = Guide.For(model).Sample(z, _ => new Normal(zeros(2), 1).Mask(mask)).Build();
        const string Sentence = "Site 'z': a mask leaves elements of its prior out, and 'x' reads them";
        Assert.Contains(Sentence, Assert.Throws<ModelException>(() => Evidence.ByAnnealing(model, data, new RandomKey(1), draws: 10)).Message, StringComparison.Ordinal);
        Assert.Contains(Sentence, Assert.Throws<ModelException>(() => Evidence.ByImportance(model, guide, data, new RandomKey(1))).Message, StringComparison.Ordinal);

        // Masked in both places, the second row counts for nothing: 0.03 is 4 standard errors at 4,000 draws of weights with deviation 0.5.
        var both = model.Mask(x, mask);
        var rows = Evidence.ByImportance(both, guide, data, new RandomKey(1), draws: 4000).Elements;
        Assert.Equal(Exact, rows[0].LogEvidence, 0.03);
        Assert.Equal(0, rows[1].LogEvidence, 1e-6);
        rows = Evidence.ByAnnealing(both, data, new RandomKey(1), draws: 400, path: new AnnealingPath(Temperatures: 10)).Elements;
        Assert.Equal(Exact, rows[0].LogEvidence, 0.05);
        Assert.Equal(0, rows[1].LogEvidence, 1e-6);
    }

    [Fact]
    public void AnnealingAndMediansLeaveNoTensorBehind()
    {
        var model = Shifted(out _, out _);
        var guide = Guide.AutoNormal(model, Data);
        long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        void Once()
        {
            Evidence.ByAnnealing(model, guide, Data, new RandomKey(1), draws: 10, path: new AnnealingPath(Temperatures: 3, Leapfrogs: 2));
            foreach (var median in guide.Median(Data).Values)
            {
                median.Dispose();
            }
        }

        Once();
        var live = Live();
        Once();
        Assert.Equal(live, Live());
    }

    private static Model<Tensor> Shifted(out Latent z, out Observed x)
    {
        var model = Model.Given<Tensor>("shift").Sample("z", new Normal(0, 1), out var latent).Observe("x", s => new Normal(s[latent], 1), out x).Build();
        z = latent;
        return model;
    }
}
