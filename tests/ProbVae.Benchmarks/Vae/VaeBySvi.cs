using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>A step of the VAE by the engine.</summary>
internal sealed class VaeBySvi : IContender
{
    public const long Seed = 3;

    private readonly VaeNetworks _networks;
    private readonly Svi<Tensor> _svi;

    public VaeBySvi(VaeNetworks networks, bool validate = true)
    {
        Name = validate ? "Svi.Step" : "Svi.Step, validation off";
        _networks = networks;
        var (encoder, decoder) = (networks.Encoder, networks.Decoder);
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

    public double Step() => _svi.Step(_networks.Images).Loss;

    public void Dispose()
    {
        _svi.Dispose();
        _networks.Dispose();
    }
}
