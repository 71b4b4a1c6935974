using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Handlers;

/// <summary>Decenter and Reparameterize: another latent variable, the same joint distribution.</summary>
public sealed class DecenterTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _data = tensor(new[] { 28.0, 8, -3, 7, -1, 1, 18, 12 });
    private readonly double[] _sigma = [15, 10, 16, 11, 9, 11, 10, 18];

    public static TheoryData<string, double> Families
    {
        get
        {
            var cases = new TheoryData<string, double>();
            foreach (var family in new[] { "Normal", "Laplace", "Cauchy", "StudentT", "Logistic", "Gumbel", "LogNormal" })
            {
                cases.Add(family, 0);
                cases.Add(family, 0.4);
                cases.Add(family, 1);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void TheJointDensityIsTheSameAfterTheChangeOfVariables(string family, double centeredness)
    {
        var (model, _, tau, theta) = Schools(family);
        var decentered = model.Decenter(theta, out var raw, centeredness);
        var trace = decentered.Trace(_data, new RandomKey(1));
        Assert.Equal("deterministic", trace.Find(theta)!.Role);
        // log p(x) = log p(theta) + log |d theta / dx|, and d theta / dx = tau^(1 − c), times theta for a LogNormal.
        var jacobian = 8 * (1 - centeredness) * Math.Log(trace[tau].Value.ToDouble());
        var values = trace.Find(theta)!.Value;
        jacobian += family == "LogNormal" ? values.log().sum().ToDouble() : 0;
        var original = model.Substitute(theta, values).Trace(_data, new RandomKey(1));
        Assert.Equal(original[tau].Value.ToDouble(), trace[tau].Value.ToDouble());
        Assert.Equal(Exact.LogJoint(original) + jacobian, Exact.LogJoint(trace), 6);
        Assert.Equal(raw.Name, trace.Latents.Last().Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void GradientsFlowThroughTheComputedValue(double centeredness)
    {
        var (model, mu, tau, theta) = Schools("Normal");
        var decentered = model.Decenter(theta, out var raw, centeredness);
        Parameter m = new(tensor(1.0)), t = new(tensor(0.5)), x = new(full(8, 0.3, ScalarType.Float64));
        var guide = Guide.For(decentered).Sample(mu, _ => new Delta(m)).Sample(tau, _ => new Delta(t.exp())).Sample(raw, _ => new Delta(x)).Build();
        using var svi = Svi.For(decentered, guide, Elbo.Trace(), Inferences.Still);
        svi.Step(_data);
        foreach (var parameter in new[] { m, t, x })
        {
            var analytic = parameter.grad!.flatten()[0].ToDouble();
            var numeric = (LossAt(parameter, 1e-5) - LossAt(parameter, -1e-5)) / 2e-5;
            Assert.Equal(numeric, analytic, 1e-5 * Math.Max(1, Math.Abs(numeric)));
        }

        double LossAt(Parameter parameter, double by)
        {
            using var noGrad = no_grad();
            var first = parameter.dim() == 0 ? parameter : parameter[0];
            first.add_(by);
            var loss = -svi.Evaluate(_data).Elbo;
            first.sub_(by);
            return loss;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void ADecenteredModelIsInferredByTheEngineWithAnyParticles(int particles)
    {
        var (model, mu, tau, theta) = Schools("Normal");
        var decentered = model.Decenter(theta, out var raw);
        Parameter m = new(tensor(1.0)), x = new(full(8, 0.3, ScalarType.Float64));
        var guide = Guide.For(decentered).Sample(mu, _ => new Normal(m, 1)).Sample(tau, _ => new LogNormal(m, 1)).Sample(raw, _ => new Normal(x, 1)).Build();
        using var svi = Inferences.Svi(decentered, guide, Elbo.MeanField(particles));
        var step = svi.Step(_data);
        Assert.True(double.IsFinite(step.Elbo));
        var row = Assert.Single(svi.Explain(_data).Sites, site => site.Name == "theta_raw");
        Assert.Equal("KL in closed form", row.How);
        // KL(N(0.3, 1) ‖ N(0, 1)) of eight: free of mu and tau.
        Assert.Equal(8 * 0.045, step.Terms.Single(term => term.Site == "theta_raw").Value, 6);
    }

    [Fact]
    public void AProgramsSiteIsDecenteredToo()
    {
        Latent scale = new("scale"), z = new("z");
        var model = Model.Program<Tensor>("m", (p, x) =>
        {
            var s = p.Sample(scale, new LogNormal(0, 1));
            using var rows = p.Plate("rows", 3);
            p.Observe(new Observed("x"), new Normal(p.Sample(z, new Normal(zeros(3), s)), 1), x);
        });
        var decentered = model.Decenter(z, out var raw);
        var loc = Inferences.Scalar(0.1);
        var guide = Guide.Program(decentered, (p, _) =>
        {
            p.Sample(scale, new LogNormal(loc, 1));
            using var rows = p.Plate("rows", 3);
            p.Sample(raw, new Normal(loc.expand(3), 1));
        });
        using var svi = Inferences.Svi(decentered, guide, Elbo.MeanField(particles: 3));
        Assert.True(double.IsFinite(svi.Step(zeros(3)).Elbo));
        Assert.Equal(["scale", "z_raw", "z", "x"], decentered.Trace(zeros(3), new RandomKey(1)).Sites.Select(site => site.Name));
    }

    [Fact]
    public void ATransformedDistributionsBaseIsTheLatentVariable()
    {
        var model = Model.Given<Tensor>("m").Sample("s", new LogNormal(0, 1), out var s)
            .Plate("rows", total: 3)
            .Sample("y", scope => new TransformedDistribution(new Normal(zeros(3, 2), scope[s]).ToEvent(), new ExpTransform()), out var y)
            .Observe("x", scope => new Normal(scope[y], 1), out _).Build();
        var data = zeros(3, 2);
        var (based, raw) = (model.Reparameterize(y, out var x), x);
        var trace = based.Trace(data, new RandomKey(2));
        Assert.Equal(Inferences.Numbers(trace[raw].Value.exp()), Inferences.Numbers(trace.Find(y)!.Value));
        // log p(x) = log p(y) + Σ log dy/dx, and log dy/dx = x.
        var original = model.Substitute(y, trace.Find(y)!.Value).Trace(data, new RandomKey(2));
        Assert.Equal(Exact.LogJoint(original) + trace[raw].Value.sum().ToDouble(), Exact.LogJoint(trace), 3);
        Assert.Equal((new Shape([3]), new Shape([2])), (trace[raw].Distribution.BatchShape, trace[raw].Distribution.EventShape));
        // The base is a location and a scale, so it can be decentered in its turn.
        var twice = based.Decenter(raw, out var free);
        var found = twice.Trace(data, new RandomKey(3));
        Assert.Equal(["s", "y_raw_raw"], found.Latents.Select(site => site.Name));
        Assert.Equal(Inferences.Numbers((found[free].Value * found[s].Value).exp()), Inferences.Numbers(found.Find(y)!.Value), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _data.Dispose();
    }

    private (Model<Tensor> Model, Latent Mu, Latent Tau, Latent Theta) Schools(string family)
    {
        var sigma = tensor(_sigma);
        return (Model.Given<Tensor>("eight schools")
            .Sample("mu", new Normal(tensor(0.0), tensor(5.0)), out var mu).Sample("tau", new LogNormal(tensor(0.5), tensor(0.5)), out var tau)
            .Plate("schools", total: 8).Sample("theta", s => Make(family, s[mu], s[tau]), out var theta)
            .Observe("y", s => new Normal(s[theta], sigma), out _).Build(), mu, tau, theta);
    }

    private static Distribution Make(string family, Tensor loc, Tensor scale) => family switch
    {
        "Laplace" => new Laplace(loc, scale),
        "Cauchy" => new Cauchy(loc, scale),
        "StudentT" => new StudentT(4, loc, scale),
        "Logistic" => new Logistic(loc, scale),
        "Gumbel" => new Gumbel(loc, scale),
        "LogNormal" => new LogNormal(loc, scale),
        _ => new Normal(loc, scale),
    };
}
