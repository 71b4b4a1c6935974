using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae;

/// <summary>
/// The variational autoencoder of Kingma and Welling (2014) and its relatives, in the DSL: a base model, its guide, and swaps on the
/// model. What the networks are is in Networks.cs; what a trained model makes is in VaeUse.cs.
/// </summary>
public sealed partial class Vae : IDisposable
{
    private readonly TrainOptions options;
    private readonly int images;
    private readonly Encoder encoder;
    private readonly Decoder decoder;
    private readonly FlowChain? flows;
    private readonly NormalHeads? up;
    private readonly NormalHeads? down;
    private readonly PixelScale scale;
    private readonly MixturePrior? mixture;

    /// <param name="options">Structure, widths, prior, likelihood and guide.</param>
    /// <param name="images">How many training images there are.</param>
    public Vae(TrainOptions options, int images)
    {
        (this.options, this.images) = (options, images);
        Device = options.Device == DeviceKind.Cuda ? CUDA : CPU;
        manual_seed(options.Seed);
        flows = options.Posterior == PosteriorKind.Flow ? new FlowChain(options, Device) : null;
        encoder = new Encoder(options, flows?.ContextLength ?? 0).to(Device);
        decoder = new Decoder(options).to(Device);
        if (options.Structure == Structure.Hierarchical)
        {
            up = new NormalHeads(options.Latent, options.Hidden[^1], options.Upper, options.Activation).to(Device);
            down = new NormalHeads(options.Upper, options.Hidden[^1], options.Latent, options.Activation).to(Device);
        }

        scale = new PixelScale(options.Noise, Device);
        mixture = options.Prior is Prior.Mixture or Prior.Vamp ? new MixturePrior(options, TopLength, Device, options.Prior == Prior.Vamp ? encoder : null) : null;
        (Base, Recognition, Latents, Pixels) = up is null ? Plain() : Hierarchical(up, down!);
        Generative = WithPrior(WithLikelihood(Base));
    }

    /// <summary>The model before another prior or likelihood was put in.</summary>
    public Model<ImageBatch> Base { get; }

    /// <summary>p(x, z).</summary>
    public Model<ImageBatch> Generative { get; }

    /// <summary>q(z | x).</summary>
    public Guide<ImageBatch> Recognition { get; }

    /// <summary>Every latent variable, the ones that others depend on first.</summary>
    public IReadOnlyList<Latent> Latents { get; }

    /// <summary>The code that the decoder reads.</summary>
    public Latent Code => Latents[^1];

    /// <summary>The image.</summary>
    public Observed Pixels { get; }

    public Device Device { get; }

    /// <summary>Whether the model is about labels too.</summary>
    public bool ReadsLabels => options.Structure == Structure.Conditional;

    private bool IsGrey => options.Binarize == Binarization.None;

    private int TopLength => options.Structure == Structure.Hierarchical ? options.Upper : options.Latent;

    public void Dispose()
    {
        foreach (var part in new IDisposable?[] { encoder, decoder, flows, up, down, scale, mixture })
        {
            part?.Dispose();
        }
    }

    // z ~ Normal(0, I)        x | z ~ Bernoulli(decoder(z))        q(z | x): the encoder's
    // A conditional model's encoder and decoder read the label y too.
    private (Model<ImageBatch>, Guide<ImageBatch>, IReadOnlyList<Latent>, Observed) Plain()
    {
        var model = Model.Given<ImageBatch>("mnist-vae")
            .Plate("images", total: images, batch: data => data.Count)
            .Sample("z", Normal.Standard([options.Latent], Device), out var z)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z], s.Data), soft: IsGrey), data => data.Images, out var x)
            .Build();
        var guide = Guide.For(model).Sample(z, PosteriorOf).Build();
        return (model, guide, [z], x);
    }

    // z2 ~ Normal(0, I)        z1 | z2 ~ Normal(loc(z2), scale(z2))        x | z1 ~ Bernoulli(decoder(z1))
    // q(z1, z2 | x) = q(z1 | x) Normal(z2; loc(z1), scale(z1))
    private (Model<ImageBatch>, Guide<ImageBatch>, IReadOnlyList<Latent>, Observed) Hierarchical(NormalHeads upwards, NormalHeads downwards)
    {
        var model = Model.Given<ImageBatch>("mnist-hierarchical-vae")
            .Plate("images", total: images, batch: data => data.Count)
            .Sample("z2", Normal.Standard([options.Upper], Device), out var z2)
            .Sample("z1", s => downwards.call(s[z2]), out var z1)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z1], s.Data), soft: IsGrey), data => data.Images, out var x)
            .Build();
        var guide = Guide.For(model).Sample(z1, PosteriorOf).Sample(z2, (_, s) => upwards.call(s[z1])).Build();
        return (model, guide, [z2, z1], x);
    }

    // Normal(loc(x), scale(x)), sent through flows if there are any.
    private Distribution PosteriorOf(ImageBatch data)
    {
        var (loc, spread, context) = encoder.call(data);
        var normal = new Normal(loc, spread);
        return flows is null ? normal : new TransformedDistribution(normal, flows.Given(context));
    }

    // Another likelihood is a swap on the same model; guide and engine stay.
    private Model<ImageBatch> WithLikelihood(Model<ImageBatch> model) => options.Likelihood switch
    {
        Likelihood.Gaussian => model.With(Pixels, s => new Normal(Logits(s).sigmoid(), scale.Value)),
        Likelihood.Laplace => model.With(Pixels, s => new Laplace(Logits(s).sigmoid(), scale.Value)),
        Likelihood.ContinuousBernoulli => model.With(Pixels, s => ContinuousBernoulli.FromLogits(Logits(s))),
        _ => model,
    };

    // So is another prior, of the code that depends on no other.
    private Model<ImageBatch> WithPrior(Model<ImageBatch> model) => options.Prior switch
    {
        Prior.Shifted => model.With(Latents[0], new Normal(ones(TopLength, device: Device), full(TopLength, 2.0, device: Device))),
        Prior.Laplace => model.With(Latents[0], new Laplace(zeros(TopLength, device: Device), ones(TopLength, device: Device))),
        Prior.Mixture or Prior.Vamp => model.With(Latents[0], _ => mixture!.Distribution()),
        _ => model,
    };

    private Tensor Logits(Scope<ImageBatch> s) => decoder.call(s[Code], s.Data);
}
