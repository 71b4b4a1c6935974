using static TorchSharp.torch;
using Sequential = TorchSharp.Modules.Sequential;

namespace ProbVae.Benchmarks;

/// <summary>A step of the VAE by the engine.</summary>
internal sealed class VaeBySvi : IContender
{
    public const long Seed = 3;

    private readonly Tensor _images = VaeProblem.Data();
    private readonly Encoder _encoder;
    private readonly Sequential _decoder;
    private readonly Svi<Tensor> _svi;

    public VaeBySvi(bool validate = true)
    {
        Name = validate ? "Svi.Step" : "Svi.Step, validation off";
        var (encoder, decoder) = (_encoder, _decoder) = VaeProblem.Networks();
        var model = Model.Given<Tensor>("vae")
            .Plate("images", total: VaeProblem.Images)
            .Sample("z", Normal.Standard(VaeProblem.Latents), out var z)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z]), soft: true), out _)
            .Build();
        var guide = Guide.For(model)
            .Sample(z, images =>
            {
                var (loc, logScale) = encoder.call(images);
                return new Normal(loc, logScale.exp());
            })
            .Build();
        _svi = new(model, guide, Elbo.MeanField(particles: 1), p => optim.Adam(p, lr: VaeProblem.LearningRate), Seed, validate);
    }

    public string Name { get; }

    public double Step() => _svi.Step(_images).Loss;

    public void Dispose()
    {
        _svi.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
        _images.Dispose();
    }
}
