using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>Eight schools with eight particles, so that the sizes of schools and particles coincide; centred and not.</summary>
public sealed class EightSchoolsTests : IDisposable
{
    private readonly Tensor _effects = tensor(new[] { 28f, 8, -3, 7, -1, 1, 18, 12 });
    private readonly Tensor _errors = tensor(new[] { 15f, 10, 16, 11, 9, 11, 10, 18 });
    private readonly List<string> _shapes = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void VectorizedParticlesHaveTheExpectationOfLoopedOnes(bool centred)
    {
        using var schools = Build(centred);
        // 400 evaluations of 8 particles each; bound: 4 standard errors of the difference.
        var looped = Inferences.MeanElbo(schools, _effects, Elbo.Trace(8, vectorized: false), 100);
        var vectorized = Inferences.MeanElbo(schools, _effects, Elbo.Trace(8), 400);
        var closedForm = Inferences.MeanElbo(schools, _effects, Elbo.MeanField(8), 400);
        Inferences.AssertEstimates(0, (vectorized.Mean - looped.Mean, Math.Sqrt((vectorized.Error * vectorized.Error) + (looped.Error * looped.Error))), "vectorized − looped");
        Inferences.AssertEstimates(0, (vectorized.Mean - closedForm.Mean, Math.Sqrt((vectorized.Error * vectorized.Error) + (closedForm.Error * closedForm.Error))), "Monte Carlo − closed form");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ParticlesAreTheFirstAxisAndGlobalVariablesHaveAnAxisOfOneForTheSchools(bool centred)
    {
        using var schools = Build(centred);
        schools.Step(_effects);
        Assert.Equal("mu (8, 1), tau (8, 1), local (8, 8)", _shapes[^1]);
        var sites = schools.Explain(_effects).Sites.ToDictionary(site => site.Name, site => (site.Batch, site.Event, string.Join(", ", site.Plates)));
        Assert.Equal((new Shape([8]), Shape.Scalar, "schools (8)"), sites["y"]);
        Assert.Equal((Shape.Scalar, Shape.Scalar, ""), sites["mu"]);
    }

    [Fact]
    public void TheNonCentredFormFindsThePosteriorMeanOfMu()
    {
        // Quadrature over mu and tau (examples/EightSchools) gives mu a posterior mean of 4.4 and an sd of 3.3; bound: half an sd.
        using var schools = Build(centred: false);
        Inferences.Fit(schools, 500, _ => _effects);
        var mean = schools.Parameters.ByName["muLoc"].ToDouble();
        Assert.True(Math.Abs(mean - 4.4) < 1.65, $"Posterior mean of mu {mean:F2}, expected 4.4 ± 1.65.");
    }

    public void Dispose()
    {
        _effects.Dispose();
        _errors.Dispose();
    }

    private Svi<Tensor> Build(bool centred)
    {
        var errors = _errors;
        var model = Model.Given<Tensor>("schools")
            .Sample("mu", new Normal(0, 5), out var mu)
            .Sample("tau", new HalfNormal(5), out var tau)
            .Plate("schools", total: 8)
            .Sample("local", s => centred ? new Normal(s[mu], s[tau]) : new Normal(0, 1), out var local)
            .Observe("y", s =>
            {
                _shapes.Add($"mu {new Shape(s[mu].shape)}, tau {new Shape(s[tau].shape)}, local {new Shape(s[local].shape)}");
                return new Normal(centred ? s[local] : s[mu] + (s[tau] * s[local]), errors);
            }, out _)
            .Build();
        Parameter muLoc = Inferences.Scalar(0), muLogScale = Inferences.Scalar(0), tauLoc = Inferences.Scalar(1), tauLogScale = Inferences.Scalar(-1);
        Parameter localLoc = new(zeros(8)), localLogScale = new(zeros(8));
        var guide = Guide.For(model)
            .Sample(mu, _ => new Normal(muLoc, muLogScale.exp()))
            .Sample(tau, _ => new LogNormal(tauLoc, tauLogScale.exp()))
            .Sample(local, _ => new Normal(localLoc, localLogScale.exp()))
            .Build();
        return Svi.For(model, guide, Elbo.MeanField(particles: 8), Inferences.Adam(0.1), seed: 2);
    }
}
