using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>A step of the VAE with flows by the engine.</summary>
internal sealed class FlowBySvi : IContender
{
    public const long Seed = 5;

    private readonly FlowNetworks _networks = new();
    private readonly Svi<Tensor> _svi;

    public FlowBySvi(bool validate = true)
    {
        Name = validate ? "Svi.Step" : "Svi.Step, validation off";
        var (hidden, toLoc, toLogScale, decoder, flows) = (_networks.Hidden, _networks.Loc, _networks.LogScale, _networks.Decoder, (First: _networks.Flows[0], Second: _networks.Flows[1]));
        var reversal = PermuteTransform.Reversed(VaeProblem.Latents);
        var model = Model.Given<Tensor>("flow")
            .Plate("images", total: VaeProblem.Images)
            .Sample("z", Normal.Standard(VaeProblem.Latents), out var z)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z]), soft: true), out _)
            .Build();
        var guide = Guide.For(model)
            .Sample(z, images =>
            {
                var context = hidden.call(images).relu();
                var gaussian = new Normal(toLoc.call(context), toLogScale.call(context).exp());
                return new TransformedDistribution(gaussian, flows.First.Given(context), reversal, flows.Second.Given(context));
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
