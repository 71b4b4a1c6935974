using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>z ~ Normal(0, 1), x_i ~ Normal(z, 1) for twenty x with a known sum, and a Normal guide: the posterior is Normal(sum / 21, 1 / √21).</summary>
internal sealed class Conjugate
{
    public const double Mean = 30.0 / 21;

    public Conjugate(double loc = 0, double logScale = 0)
    {
        Parameter location = new(tensor((float)loc)), spread = new(tensor((float)logScale));
        Model = ProbVae.Model.Given<Tensor>("conjugate").Sample("z", new Normal(0, 1), out var z)
            .Plate("points", 20).Observe("x", s => new Normal(s[z], 1), out _).Build();
        Guide = ProbVae.Guide.For(Model).Sample(z, _ => new Normal(location, spread.exp())).Build();
        (Location, Spread) = (location, spread);
    }

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    public Parameter Location { get; }

    public Parameter Spread { get; }

    // Mean 1.5, so that the sum is 30.
    public Tensor Data { get; } = linspace(0.55, 2.45, 20, ScalarType.Float32);

    public Svi<Tensor> Svi(double lr = 0.05, long seed = 1, int particles = 8) =>
        ProbVae.Svi.For(Model, Guide, Elbo.MeanField(particles), Inferences.Adam(lr), seed);
}
