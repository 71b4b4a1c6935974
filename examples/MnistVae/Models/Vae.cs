using MnistVae.Commands;
using MnistVae.Data;
using ProbVae;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae.Models;

/// <summary>The variational autoencoder of Kingma and Welling (2014) and its relatives, in the DSL: one base model, and swaps on it.</summary>
public sealed partial class Vae : IDisposable
{
    private readonly TrainOptions options;
    private readonly int images;
    private readonly Encoder encoder;
    private readonly Decoder decoder;
    private readonly FlowChain? flows;
    private readonly PixelScale scale;
    private readonly MixturePrior? mixture;
    private readonly UpperCode? upper;

    /// <param name="options">Structure, widths, prior, likelihood and guide.</param>
    /// <param name="images">How many training images there are.</param>
    public Vae(TrainOptions options, int images)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.options, this.images) = (options, images);
        Device = options.Device == DeviceKind.Cuda ? CUDA : CPU;
        manual_seed(options.Seed);
        flows = options.Posterior == PosteriorKind.Flow ? FlowChain.Of(options) : null;
        encoder = new Encoder(options, flows?.ContextLength ?? 0);
        decoder = new Decoder(options);
        upper = options.Structure == Structure.Hierarchical ? new UpperCode(options) : null;
        scale = new PixelScale(options.Noise, Device);
        encoder.to(Device);
        decoder.to(Device);
        flows?.To(Device);
        upper?.To(Device);
        mixture = options.Prior switch
        {
            Prior.Mixture => MixturePrior.OfComponents(options, TopLength, Device),
            Prior.Vamp => MixturePrior.OfPosteriors(encoder, options, Device),
            _ => null,
        };

        (Base, Code, Pixels, Latents) = upper is null ? Plain() : Hierarchical(upper);
        Recognition = upper is null ? PlainGuide() : HierarchicalGuide(upper);
        Generative = WithPrior(WithLikelihood(Base));
    }

    /// <summary>The model before another prior or likelihood was put in.</summary>
    public Model<ImageBatch> Base { get; }

    /// <summary>p(x, z).</summary>
    public Model<ImageBatch> Generative { get; }

    /// <summary>q(z | x).</summary>
    public Guide<ImageBatch> Recognition { get; }

    /// <summary>The code that the decoder reads.</summary>
    public Latent Code { get; }

    /// <summary>Every latent variable, the ones that others depend on first.</summary>
    public IReadOnlyList<Latent> Latents { get; }

    /// <summary>The image.</summary>
    public Observed Pixels { get; }

    public Device Device { get; }

    /// <summary>Whether the model is about labels too.</summary>
    public bool ReadsLabels => options.Structure == Structure.Conditional;

    private bool IsGrey => options.Binarize == Binarization.None;

    private int TopLength => options.Structure == Structure.Hierarchical ? options.Upper : options.Latent;

    public void Dispose()
    {
        encoder.Dispose();
        decoder.Dispose();
        flows?.Dispose();
        scale.Dispose();
        mixture?.Dispose();
        upper?.Dispose();
    }

    // z ~ Normal(0, I)        x | z ~ Bernoulli(decoder(z)); a conditional model's decoder reads the label y too.
    private (Model<ImageBatch> Model, Latent Code, Observed Pixels, IReadOnlyList<Latent> Latents) Plain()
    {
        var model = Model.Given<ImageBatch>("mnist-vae")
            .Plate("images", total: images, batch: data => data.Count)
            .Sample("z", Normal.Standard([options.Latent], Device), out var z)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z], s.Data), soft: IsGrey), data => data.Images, out var x)
            .Build();
        return (model, z, x, [z]);
    }

    // q(z | x) = Normal(loc(x), scale(x)), sent through flows if there are any.
    private Guide<ImageBatch> PlainGuide() => Guide.For(Base).Sample(Code, PosteriorOf).Build();

    // z2 ~ Normal(0, I)        z1 | z2 ~ Normal(loc(z2), scale(z2))        x | z1 ~ Bernoulli(decoder(z1))
    private (Model<ImageBatch> Model, Latent Code, Observed Pixels, IReadOnlyList<Latent> Latents) Hierarchical(UpperCode layer)
    {
        var model = Model.Given<ImageBatch>("mnist-hierarchical-vae")
            .Plate("images", total: images, batch: data => data.Count)
            .Sample("z2", Normal.Standard([options.Upper], Device), out var z2)
            .Sample("z1", s => layer.Down.call(s[z2]), out var z1)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z1], s.Data), soft: IsGrey), data => data.Images, out var x)
            .Build();
        return (model, z1, x, [z2, z1]);
    }

    // q(z1, z2 | x) = q(z1 | x) Normal(z2; loc(z1), scale(z1))
    private Guide<ImageBatch> HierarchicalGuide(UpperCode layer) => Guide.For(Base)
        .Sample(Code, PosteriorOf)
        .Sample(Latents[0], (_, s) => layer.Up.call(s[Code]))
        .Build();

    private Distribution PosteriorOf(ImageBatch data)
    {
        var (loc, spread, context) = encoder.call(data);
        var normal = new Normal(loc, spread);
        return flows is null ? normal : new TransformedDistribution(normal, flows.Given(context));
    }

    // Another likelihood is a swap on the same model; guide and engine stay.
    private Model<ImageBatch> WithLikelihood(Model<ImageBatch> model) => options.Likelihood switch
    {
        Likelihood.Gaussian => model.With(Pixels, s => new Normal(Means(s), scale.Value)),
        Likelihood.Laplace => model.With(Pixels, s => new Laplace(Means(s), scale.Value)),
        Likelihood.ContinuousBernoulli => model.With(Pixels, s => ContinuousBernoulli.FromLogits(decoder.call(s[Code], s.Data))),
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

    private Tensor Means(Scope<ImageBatch> s) => decoder.call(s[Code], s.Data).sigmoid();
}
