using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Guides that compute latent variables from a variable of their own: every estimator counts its density once.</summary>
public sealed class AuxiliaryVariableTests
{
    private static readonly double[] Rows = [0.8, -1.3, 2.1];

    public static TheoryData<string, int> Estimators => new() { { "trace", 1 }, { "landing", 1 }, { "iwae", 2 }, { "dreg", 2 }, { "wake", 2 } };

    [Theory]
    [MemberData(nameof(Estimators))]
    public void AreCountedOnce(string name, int draws)
    {
        var (model, guide, loc) = Scale();
        var elbo = name switch
        {
            "trace" => Elbo.Trace(4),
            "landing" => Elbo.StickingTheLanding(4),
            "iwae" => Elbo.Iwae(2),
            "dreg" => Elbo.Dreg(2),
            _ => Elbo.ReweightedWakeSleep(2),
        };
        using var data = tensor(Rows);
        using var svi = Svi.For(model, guide, elbo, Inferences.Still, seed: 4);
        var (losses, gradients) = EstimatorRuns.Take(svi, data, [loc], 400);
        Inferences.AssertEstimates(-Bound(draws, -0.2), Inferences.Mean(losses), $"{name}: loss");
        var exact = GaussHermite.Gradient(at => name == "wake" ? Wake(at[0]) : -Bound(draws, at[0]), [-0.2]);
        EstimatorRuns.AssertUnbiased(gradients, exact, name);
    }

    [Fact]
    public void WeightsOfSingleSitesAndScoresAreRefused()
    {
        var (model, guide, _) = Scale();
        using var data = tensor(Rows);
        var site = guide.Trace(data, new RandomKey(0)).Latents.Single().Handle;
        using var weighted = Svi.For(model, guide, Elbo.Trace().WithKlWeight(site, KlWeight.Constant(0.5)), Inferences.Still);
        Assert.Contains("the guide draws its latent variables from a variable of its own", Assert.Throws<ModelException>(() => weighted.Step(data)).Message, StringComparison.Ordinal);
        using var scored = Svi.For(model, guide, Elbo.Trace().At(site, SiteChoice.ScoreFunction()), Inferences.Still);
        Assert.Contains("so it has no score of its own; choose SiteChoice.Pathwise.", Assert.Throws<ModelException>(() => scored.Step(data)).Message, StringComparison.Ordinal);
    }

    // s ~ LogNormal(0, 1), x_i | s ~ N(0, s); the guide draws u ~ N(loc, 0.5) for itself and gives s = e^u, with the volume's change.
    private static (Model<Tensor> Model, Guide<Tensor> Guide, Parameter Loc) Scale()
    {
        var loc = new Parameter(tensor(-0.2));
        var model = Model.Given<Tensor>("scale").Sample("s", new LogNormal(tensor(0.0), tensor(1.0)), out var s)
            .Plate("rows", total: Rows.Length).Observe("x", scope => new Normal(zeros(1, ScalarType.Float64), scope[s]), out _).Build();
        var own = new Latent("u");
        var guide = Guide.Program(model, (run, _) =>
        {
            var u = run.SampleAuxiliary(own, new Normal(loc, 0.5));
            run.Sample(s, new ImageOfPoint(u, new ExpTransform(), 0));
        });
        return (model, guide, loc);
    }

    private static double LogWeight(double u, double loc) =>
        LocalModel.LogNormal(u, 0, 1) + Rows.Sum(x => LocalModel.LogNormal(x, 0, Math.Exp(u))) - LocalModel.LogNormal(u, loc, 0.5);

    private static double Bound(int draws, double loc) => draws == 1 ? GaussHermite.Mean(noise => LogWeight(loc + (0.5 * noise), loc))
        : GaussHermite.Mean((first, second) => GaussHermite.LogMeanExp(LogWeight(loc + (0.5 * first), loc), LogWeight(loc + (0.5 * second), loc)));

    private static double Wake(double loc) => -GaussHermite.Mean((first, second) =>
    {
        var (u, v) = (-0.2 + (0.5 * first), -0.2 + (0.5 * second));
        var share = 1 / (1 + Math.Exp(LogWeight(v, -0.2) - LogWeight(u, -0.2)));
        return (share * LocalModel.LogNormal(u, loc, 0.5)) + ((1 - share) * LocalModel.LogNormal(v, loc, 0.5));
    });
}
