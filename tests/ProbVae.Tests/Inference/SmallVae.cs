using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;

namespace ProbVae.Tests.Inference;

/// <summary>A variational autoencoder of a few numbers, whose networks begin from a seed of their own.</summary>
internal sealed class SmallVae : IDisposable
{
    public const long Total = 40;

    private readonly Linear _encoder = nn.Linear(3, 4);
    private readonly Linear _decoder = nn.Linear(2, 3);

    public SmallVae(long weights = 1, string name = "small-vae", bool program = false)
    {
        var (encoder, decoder) = (_encoder, _decoder);
        var key = new RandomKey(weights);
        foreach (var (parameterName, parameter) in encoder.named_parameters().Select(p => ($"encoder.{p.name}", p.parameter)).Concat(decoder.named_parameters().Select(p => ($"decoder.{p.name}", p.parameter))))
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            parameter.copy_(new Normal(0, 0.5).Expand(parameter.shape).Sample(key.Fold(parameterName)));
        }

        Latent z;
        if (program)
        {
            z = new Latent("z");
            Latent site = z;
            Observed x = new("x");
            Model = ProbVae.Model.Program<Tensor>(name, (p, data) =>
            {
                using var images = p.Plate("images", Total, data.shape[0]);
                var latent = p.Sample(site, Normal.Standard(2));
                p.Observe(x, Bernoulli.FromLogits(decoder.call(latent)), data);
            });
            Guide = ProbVae.Guide.Program(Model, (p, data) =>
            {
                using var images = p.Plate("images", Total, data.shape[0]);
                p.Sample(site, Posterior(encoder, data));
            });
        }
        else
        {
            Model = ProbVae.Model.Given<Tensor>(name).Plate("images", Total)
                .Sample("z", Normal.Standard(2), out z)
                .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z])), out _).Build();
            Guide = ProbVae.Guide.For(Model).Sample(z, data => Posterior(encoder, data)).Build();
        }

        Z = z;
        Data = new double[Total * 3].Select((_, i) => (float)(i * 7 % 5 < 2 ? 1 : 0)).ToArray();
    }

    public Model<Tensor> Model { get; }

    public Guide<Tensor> Guide { get; }

    public Latent Z { get; }

    private float[] Data { get; }

    /// <summary>The minibatch of eight images that a step sees.</summary>
    public Tensor Batch(int step) => tensor(Data.AsSpan(step % 5 * 24, 24).ToArray()).view(8, 3);

    public Svi<Tensor> Svi(long seed = 3, Elbo? elbo = null) => ProbVae.Svi.For(Model, Guide, elbo ?? Elbo.MeanField(particles: 2), Inferences.Adam(), seed);

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private static Normal Posterior(Linear encoder, Tensor data)
    {
        var statistics = encoder.call(data);
        return new(statistics.narrow(-1, 0, 2), statistics.narrow(-1, 2, 2).exp());
    }
}
