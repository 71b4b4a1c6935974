using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>A step that meets NaN or infinity throws, says where it began, and leaves everything as it was.</summary>
public sealed class NonFiniteTests
{
    public static TheoryData<string, string[]> Cases => new()
    {
        { "argument", ["site 'z' of the guide: Normal's loc, of shape (2), is NaN in all 2 elements"] },
        { "value", ["site 'z' of the guide: its value, of shape (2), is ", " in all 2 elements"] },
        { "model argument", ["site 'x' of the model: Normal's loc, of shape (2), is NaN in all 2 elements"] },
        { "log density", ["site 'x' of the model: its log density under Normal, of shape (2), is −∞ in all 2 elements", "scale is in [1E-30, 1E-30]", "log p of 'x' = -Infinity"] },
        { "gradient", ["The gradient of 'loc' (2) is not finite: "] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ABadStepNamesSiteTermShapesAndParameterRanges(string fault, string[] sentences)
    {
        using var poisoned = new Poisoned();
        poisoned.Svi.Step(poisoned.Data);
        poisoned.Fault = fault;
        var failure = Assert.Throws<NonFiniteException>(() => poisoned.Svi.Step(poisoned.Data));
        Assert.All(sentences, sentence => Assert.Contains(sentence, failure.Message, StringComparison.Ordinal));
        Assert.Contains("Step 1 was not taken; the parameters are as they were before it:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("  loc (2) in [", failure.Message, StringComparison.Ordinal);
        Assert.Contains("  logScale () in [", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("argument", 1, true)]
    [InlineData("value", 1, true)]
    [InlineData("model argument", 1, true)]
    [InlineData("log density", 1, true)]
    [InlineData("gradient", 1, true)]
    [InlineData("log density", 3, true)]
    [InlineData("log density", 3, false)]
    [InlineData("gradient", 3, false)]
    public void ABadStepChangesNothingAndTheNextGoodOneIsWhatItWouldHaveBeen(string fault, int particles, bool vectorized)
    {
        var elbo = Elbo.MeanField(particles, vectorized);
        using Poisoned poisoned = new(elbo), twin = new(elbo);
        for (var step = 0; step < 3; step++)
        {
            poisoned.Svi.Step(poisoned.Data);
            twin.Svi.Step(twin.Data);
        }

        var before = Inferences.Snapshot(poisoned.Svi);
        poisoned.Fault = fault;
        Assert.Throws<NonFiniteException>(() => poisoned.Svi.Step(poisoned.Data));
        Assert.Equal(before, Inferences.Snapshot(poisoned.Svi));
        Assert.Equal(3, poisoned.Svi.StepCount);

        poisoned.Fault = "";
        Assert.Equal(twin.Svi.Step(twin.Data).Elbo, poisoned.Svi.Step(poisoned.Data).Elbo);
        Assert.Equal(Inferences.Snapshot(twin.Svi), Inferences.Snapshot(poisoned.Svi));
    }

    [Fact]
    public void EvaluateRefusesItToo()
    {
        using var poisoned = new Poisoned { Fault = "" };
        poisoned.Svi.Step(poisoned.Data);
        poisoned.Fault = "log density";
        Assert.Contains("site 'x' of the model", Assert.Throws<NonFiniteException>(() => poisoned.Svi.Evaluate(poisoned.Data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABadFirstStepIsRefusedAsWell()
    {
        using var poisoned = new Poisoned { Fault = "log density" };
        var before = Inferences.Snapshot(poisoned.Svi);
        Assert.Throws<NonFiniteException>(() => poisoned.Svi.Step(poisoned.Data));
        Assert.Equal(before, Inferences.Snapshot(poisoned.Svi));
    }

    [Fact]
    public void ANaNInTheDataIsAProblemOfTheObservation()
    {
        using var poisoned = new Poisoned();
        using var data = tensor(new[] { 1f, float.NaN });
        Assert.Equal(
            ["Site 'x': Normal: a value must be a real number; received NaN at (1) of shape (2)."],
            Assert.ThrowsAny<ModelException>(() => poisoned.Svi.Step(data)).Problems);
    }

    /// <summary>A model of two numbers whose programs go wrong where they are told to.</summary>
    private sealed class Poisoned : IDisposable
    {
        private readonly Parameter _loc = new(zeros(2));
        private readonly Parameter _logScale = Inferences.Scalar(0);

        public Poisoned(Elbo? elbo = null)
        {
            // The parameters' names are those of the locals that the lambdas capture.
            var (loc, logScale) = (_loc, _logScale);
            var model = Model.Given<Tensor>("poisoned").Plate("points", 2)
                .Sample("z", new Normal(0, 1), out var z)
                .Observe("x", s => new Normal(
                    Fault == "model argument" ? s[z] * double.NaN : s[z],
                    Fault == "log density" ? 1e-30 : 1.0), out _)
                .Build();
            var guide = Guide.For(model)
                .Sample(z, _ => Fault switch
                {
                    "argument" => new Normal(loc * double.NaN, logScale.exp()),
                    // Finite arguments whose draws overflow: 3e38 × ε for |ε| > 1.13.
                    "value" => new Normal(loc + 3e38, logScale.exp() + 3e38),
                    // √0 is 0 and its slope infinite.
                    "gradient" => new Normal((loc - loc.detach()).sqrt() + loc, logScale.exp()),
                    _ => new Normal(loc, logScale.exp()),
                })
                .Build();
            Svi = ProbVae.Svi.For(model, guide, elbo ?? Elbo.MeanField(), Inferences.Adam(), seed: 4);
        }

        public string Fault { get; set; } = "";

        public Tensor Data { get; } = tensor(new[] { 1f, 2f });

        public Svi<Tensor> Svi { get; }

        public void Dispose()
        {
            Svi.Dispose();
            _loc.Dispose();
            _logScale.Dispose();
            Data.Dispose();
        }
    }
}
