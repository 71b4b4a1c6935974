using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Models;

/// <summary><c>With</c> puts another prior or likelihood in a site's place and leaves the model that it was called on alone.</summary>
public sealed class WithTests : IDisposable
{
    private readonly Tensor _data = tensor(new[] { 0.5f, -1, 2, 0 });
    private readonly TorchSharp.Modules.Parameter _loc = Inferences.Scalar(0.3);

    public static TheoryData<bool> Forms => [false, true];

    [Theory]
    [MemberData(nameof(Forms))]
    public void AConstantTakesTheSitesPlace(bool program)
    {
        var (model, z, y) = Build(program);
        var swapped = model.With(z, new Normal(1, 3)).With(y, new Laplace(0.25, 2));
        var trace = swapped.Trace(_data, new RandomKey(1));
        var prior = Assert.IsType<Normal>(trace[z].Distribution);
        Assert.Equal((1.0, 3.0), (prior.Loc.ToDouble(), prior.Scale.ToDouble()));
        Assert.Equal(new Shape([4]), Assert.IsType<Laplace>(trace[y].Distribution).BatchShape);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void ALambdaReadsTheLatentVariablesAndTheData(bool program)
    {
        var (model, z, y) = Build(program);
        var trace = model.With(y, s => new Normal(s[z] + s.Data, 0.5)).Trace(_data, new RandomKey(1));
        var found = Assert.IsType<Normal>(trace[y].Distribution);
        Assert.Equal(Inferences.Numbers(trace[z].Value + _data), Inferences.Numbers(found.Loc));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void ALambdaGetsTheOldDistribution(bool program)
    {
        var (model, z, y) = Build(program);
        var trace = model.With(y, (s, old) => new Normal(old.Mean * 2, s[z].exp())).Trace(_data, new RandomKey(1));
        var found = Assert.IsType<Normal>(trace[y].Distribution);
        Assert.All(Inferences.Numbers(found.Loc), loc => Assert.Equal(2 * trace[z].Value.ToDouble(), loc, 5));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void TwoSwapsOfOneSiteAreAChain(bool program)
    {
        var (model, z, _) = Build(program);
        var chained = model.With(z, new Normal(10, 3)).With(z, (_, old) => new Normal(old.Mean + 5, 1)).With(z, (_, old) => new Normal(old.Mean * 2, 1));
        Assert.Equal(30, Assert.IsType<Normal>(chained.Trace(_data, new RandomKey(1))[z].Distribution).Loc.ToDouble());
        // A constant forgets what was before it.
        Assert.Equal(7, Assert.IsType<Normal>(chained.With(z, new Normal(7, 1)).Trace(_data, new RandomKey(1))[z].Distribution).Loc.ToDouble());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void TheOldModelIsWhatItWasBitForBit(bool program)
    {
        var (model, z, y) = Build(program);
        using var svi = Inferences.Svi(model, GuideOf(model, z));
        var before = svi.Evaluate(_data);
        var swapped = model.With(z, new Normal(5, 1)).With(y, s => new Laplace(s[z], 1));
        using var other = Inferences.Svi(swapped, GuideOf(model, z));
        Assert.NotEqual(before.Elbo, other.Evaluate(_data).Elbo);
        Assert.Equal(before.Terms, svi.Evaluate(_data).Terms);
        using var again = Inferences.Svi(model, GuideOf(model, z));
        Assert.Equal(before.Terms, again.Evaluate(_data).Terms);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void OneModelsGuideServesAllThatWithMakesOfIt(bool program)
    {
        var (model, z, _) = Build(program);
        var guide = GuideOf(model, z);
        var swapped = model.With(z, new Normal(2, 0.1));
        using Svi<Tensor> svi = Inferences.Svi(swapped, guide), viaSwapped = Inferences.Svi(model, GuideOf(swapped, z));
        // KL(N(0.3, 1) ‖ N(2, 0.1)), and of N(0, 1) for the old one.
        Assert.Equal(Math.Log(0.1) + (0.5 * (1 + (1.7 * 1.7)) / 0.01) - 0.5, svi.Evaluate(_data).Kl, 2);
        Assert.Equal(0.5 * 0.09, viaSwapped.Evaluate(_data).Kl, 5);
    }

    [Fact]
    public void ASwappedPriorThatReadsDataKeepsThePlatesAxes()
    {
        // The old prior is a constant of two numbers; the new one has a row for each element of the plate.
        using var data = ones(4, 2);
        var model = Model.Given<Tensor>("m").Plate("points", total: 8).Sample("z", Normal.Standard(2), out var z).Build();
        using var svi = Inferences.Svi(model.With(z, (s, old) => new Normal(s.Data + old.Mean, 1)), Guide.For(model).Sample(z, x => new Normal(x * _loc, 1)).Build());
        // 8 elements of two numbers with KL(N(0.3, 1) ‖ N(1, 1)) each.
        Assert.Equal(8 * 2 * 0.5 * 0.49, svi.Evaluate(data).Kl, 4);
    }

    [Fact]
    public void ASwapThatMakesTheOldPriorWiderKeepsItsEvent()
    {
        // As many elements as numbers in each: the constant's axes are still its event.
        using var data = zeros(5, 5);
        var model = Model.Given<Tensor>("m").Plate("points", total: 10).Sample("z", new Normal(zeros(5), ones(5)), out var z).Build();
        using var svi = Inferences.Svi(model.With(z, (_, old) => new Normal(old.Mean, 2 * old.Variance.sqrt())), Guide.For(model).Sample(z, x => new Normal(x + _loc, 1)).Build());
        Assert.Equal(10 * 5 * (Math.Log(2) + (0.5 * (1 + 0.09) / 4) - 0.5), svi.Evaluate(data).Kl, 3);
    }

    [Fact]
    public void ASwapByTheModelsNameIsRefusedOnAnotherModelsHandle()
    {
        var (model, _, _) = Build(program: false);
        var (_, foreign, _) = Build(program: false);
        Assert.Throws<ModelException>(() => model.With(foreign, new Normal(0, 1)));
    }

    public void Dispose()
    {
        _data.Dispose();
        _loc.Dispose();
    }

    private Guide<Tensor> GuideOf(Model<Tensor> model, Latent z)
    {
        var loc = _loc;
        return Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build();
    }

    private static (Model<Tensor> Model, Latent Z, Observed Y) Build(bool program)
    {
        if (!program)
        {
            var declared = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var latent)
                .Plate("points", total: 4).Observe("y", s => new Normal(s[latent], 1), out var observed).Build();
            return (declared, latent, observed);
        }

        Latent z = new("z");
        Observed y = new("y");
        var written = Model.Program<Tensor>("m", (p, x) =>
        {
            var value = p.Sample(z, new Normal(0, 1));
            using var points = p.Plate("points", 4);
            p.Observe(y, new Normal(value, 1), x);
        });
        return (written, z, y);
    }
}
