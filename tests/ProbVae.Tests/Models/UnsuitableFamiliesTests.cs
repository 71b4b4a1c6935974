using ProbVae.Tests.Inference;
using static TorchSharp.torch;

namespace ProbVae.Tests.Models;

/// <summary>Families that cannot stand where they were put: the first step says so, before anything is changed.</summary>
public sealed class UnsuitableFamiliesTests
{
    internal static readonly Dictionary<string, ProblemCase> Cases = new()
    {
        ["a guide with a wider support than the prior"] = new(
            () => Step(Gamma.FromShapeRate(2, 1), loc => new Normal(loc, 1)),
            "Site 'z': the guide's Normal can take a real number, the prior Gamma only a real number > 0; use a guide family with that support."),

        ["a guide with a wider interval than the prior"] = new(
            () => Step(new Uniform(0, 1), loc => new Uniform(-1 + (0 * loc), 1)),
            "Site 'z': the guide's Uniform can take a real number in [-1, 1], the prior Uniform only a real number in [0, 1]; use a guide family with that support."),

        ["a discrete guide of a continuous prior"] = new(
            () => Step(new Normal(0, 1), loc => Bernoulli.FromLogits(loc.detach())),
            "Site 'z': the guide's Bernoulli can take 0 or 1, the prior Normal only a real number; use a guide family with that support."),

        ["a continuous guide of a discrete prior"] = new(
            () => Step(Bernoulli.FromProbs(0.5), loc => new Normal(loc, 1)),
            "Site 'z': the guide's Normal can take a real number, the prior Bernoulli only 0 or 1; use a guide family with that support."),

        ["a guide that is not reparameterized"] = new(
            () => Step(Bernoulli.FromProbs(0.5), loc => Bernoulli.FromLogits(loc)),
            "Site 'z': the guide's Bernoulli is not reparameterized: its draws carry no gradient to its arguments, so this ELBO cannot train it. Use a reparameterized family, or an estimator that needs none: Elbo.ScoreFunction(), .At(z, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws), or enumerate it (Bernoulli's arguments may also be held fixed)."),

        ["an observation outside its support"] = new(
            () => Observe(_ => Bernoulli.FromLogits(zeros(3)), tensor(new[] { 0f, 1, 0.5f })),
            "Site 'x': Bernoulli: a value must be 0 or 1; received 0.5 at (2) of shape (3). Binarize the value, or take numbers between 0 and 1 as expected bits: Bernoulli.FromLogits(logits, soft: true)."),

        ["an observation outside an interval"] = new(
            () => Observe(_ => new Beta(ones(3), 2), tensor(new[] { 0.2f, 1.5f, 0.5f })),
            "Site 'x': Beta: a value must be a real number in (0, 1); received 1.5 at (1) of shape (3)."),

        ["an observed wait below zero"] = new(
            () => Observe(s => new Exponential(s.Data.abs() + 1), tensor(new[] { 0.2f, -1, 0.5f })),
            "Site 'x': Exponential: a value must be a real number ≥ 0; received -1 at (1) of shape (3)."),

        ["two arguments outside their ranges at once"] = new(
            () => Observe(s => new Beta(s.Data - 1, s.Data * 0), tensor(new[] { 0.2f, 0.3f, 0.5f })),
            "Site 'x': Beta: concentration1 must be a real number > 0; received -0.8 at (0) of shape (3).",
            "Site 'x': Beta: concentration0 must be a real number > 0; received 0 at (0) of shape (3)."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AFamilyThatCannotStandThereIsAnException(string name) =>
        Assert.Equal(string.Join("\n", Cases[name].Problems), string.Join("\n", Assert.Throws<ModelException>(Cases[name].Run).Problems));

    [Fact]
    public void ADiscreteGuideWithFixedArgumentsIsAllowedAndSaidSo()
    {
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("c", Bernoulli.FromProbs(0.5), out var c)
            .Sample("z", s => new Normal(s[c], 1), out var z).Build();
        var guide = Guide.For(model).Sample(c, _ => Bernoulli.FromProbs(0.25)).Sample(z, _ => new Normal(loc, 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal("none: its arguments are fixed", svi.Explain(tensor(0f)).Sites[0].Gradient);
        Assert.True(double.IsFinite(svi.Step(tensor(0f)).Elbo));
    }

    [Fact]
    public void ADiscreteGuideWhoseArgumentsReadATrainedDrawIsRefused()
    {
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Sample("c", Bernoulli.FromProbs(0.5), out var c).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Sample(c, (_, s) => Bernoulli.FromLogits(s[z])).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Contains("Site 'c': the guide's Bernoulli is not reparameterized", Assert.Throws<ModelException>(() => svi.Step(tensor(0f))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralUnsuitableSitesAreListedTogether()
    {
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("a", new Exponential(1), out var a).Sample("b", Bernoulli.FromProbs(0.5), out var b).Build();
        var guide = Guide.For(model).Sample(a, _ => new Normal(loc, 1)).Sample(b, _ => Bernoulli.FromLogits(loc)).Build();
        using var svi = Inferences.Svi(model, guide);
        Assert.Equal(2, Assert.Throws<ModelException>(() => svi.Step(tensor(0f))).Problems.Count);
    }

    [Fact]
    public void DataThatIsATupleIsNamedAsAPersonWouldWriteIt()
    {
        var problem = Assert.Throws<ModelException>(() => Model.Given<(Tensor X, Tensor Y)>("m").Observe("y", _ => new Normal(0, 1), out _).Build());
        Assert.StartsWith("Site 'y': the data is a (Tensor, Tensor);", problem.Message, StringComparison.Ordinal);
    }

    private static void Step(Distribution prior, Func<Tensor, Distribution> posterior)
    {
        using var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", prior, out var z).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => posterior(loc)).Build());
        var before = Inferences.Snapshot(svi);
        try
        {
            svi.Step(tensor(0f));
        }
        finally
        {
            Assert.Equal(before, Inferences.Snapshot(svi));
        }
    }

    private static void Observe(Func<Scope<Tensor>, Distribution> likelihood, Tensor data) =>
        Model.Given<Tensor>("m").Plate("points", total: 3).Observe("x", likelihood, out _).Build().Trace(data, new RandomKey(1));
}
