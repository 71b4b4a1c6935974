using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Training.Tests;

/// <summary>
/// z ~ Normal(0, I) of two numbers, x | z ~ Normal(2 z₁, 1): x ~ Normal(0, 5), z₁ | x ~ Normal(2x/5, 1/5), and z₂ is not heard of.
/// The guide is the exact posterior, so all figures have closed forms.
/// </summary>
internal sealed class LinearGaussian : IDisposable
{
    public const double Variance = 5;

    private readonly Parameter _gain = new(tensor(0.4f));

    public LinearGaussian(int total, Elbo? elbo = null, float spread = 1)
    {
        Model = ProbVae.Model.Given<Tensor>("linear")
            .Plate("rows", total: total, batch: x => x.shape[0])
            .Sample("z", Normal.Standard(2), out var z)
            .Observe("x", s => new Normal(s[z].select(-1, 0).mul(2), 1), out _)
            .Build();
        Guide = ProbVae.Guide.For(Model).Sample(z, x => new Normal(
            stack([x.mul(_gain), zeros_like(x)], -1),
            tensor(new[] { (float)Math.Sqrt(0.2), 1f }).mul(spread).expand(x.shape[0], 2))).Build();
        Code = z;
        Svi = ProbVae.Svi.For(Model, Guide, elbo ?? Elbo.MeanField(particles: 200), parameters => optim.SGD(parameters, 0.1));
    }

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    public Latent Code { get; }

    public Svi<Tensor> Svi { get; }

    /// <summary>Rows of x from the model.</summary>
    public static Tensor Rows(int count) => new Normal(0, Math.Sqrt(Variance)).Sample(new RandomKey(5), count);

    /// <summary>log p(x) of each row.</summary>
    public static double[] LogEvidence(Tensor x) =>
        [.. x.data<float>().ToArray().Select(value => (-0.5 * Math.Log(2 * Math.PI * Variance)) - (value * value / (2 * Variance)))];

    public void Dispose()
    {
        Svi.Dispose();
        _gain.Dispose();
    }
}
