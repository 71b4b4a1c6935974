namespace MnistVae.Commands;

/// <summary>The model that train learns, and its guide.</summary>
public sealed class TrainModelOptions
{
    public RecordedOption<Structure> Structure { get; } = new(
        OptionFactory.Choice("--model", "One code an image; one code and the label; or two codes, one above the other.", Commands.Structure.Plain),
        options => options.Structure,
        (options, value) => options with { Structure = value });

    public RecordedOption<Network> Network { get; } = new(
        OptionFactory.Choice("--network", "Linear layers alone, or convolutions next to the image.", Commands.Network.Dense),
        options => options.Network,
        (options, value) => options with { Network = value });

    public RecordedOption<int> Latent { get; } = new(
        OptionFactory.Whole("--latent", "Dimensions of the latent code.", 10, 1, 4096),
        options => options.Latent,
        (options, value) => options with { Latent = value });

    public RecordedOption<int> Upper { get; } = new(
        OptionFactory.Whole("--upper", "Dimensions of the upper code, with --model hierarchical.", 10, 1, 4096),
        options => options.Upper,
        (options, value) => options with { Upper = value });

    public RecordedOption<int[]> Hidden { get; } = new(
        OptionFactory.Wholes("--hidden", "Widths of the encoder's hidden layers; the decoder has them in reverse.", [200], 1, 16_384, 8),
        options => [.. options.Hidden],
        (options, value) => options with { Hidden = value });

    public RecordedOption<Activation> Activation { get; } = new(
        OptionFactory.Choice("--activation", "Between the layers.", Commands.Activation.Relu),
        options => options.Activation,
        (options, value) => options with { Activation = value });

    public RecordedOption<Prior> Prior { get; } = new(
        OptionFactory.Choice("--prior", "Of the latent code: Normal(0, 1), Normal(1, 2), Laplace(0, 1), a learnt mixture of Normals, or one of posteriors at learnt pseudo-images.", Commands.Prior.Standard),
        options => options.Prior,
        (options, value) => options with { Prior = value });

    public RecordedOption<int> Components { get; } = new(
        OptionFactory.Whole("--components", "Of the prior, with --prior mixture or vamp.", 20, 1, 10_000),
        options => options.Components,
        (options, value) => options with { Components = value });

    public RecordedOption<Likelihood> Likelihood { get; } = new(
        OptionFactory.Choice("--likelihood", "Of a pixel, given the code.", Commands.Likelihood.Bernoulli),
        options => options.Likelihood,
        (options, value) => options with { Likelihood = value });

    public RecordedOption<Noise> Noise { get; } = new(
        OptionFactory.Choice("--noise", "Scale of a pixel, with --likelihood gaussian or laplace: 0.1, one number learnt, or one learnt for each pixel.", Commands.Noise.Fixed),
        options => options.Noise,
        (options, value) => options with { Noise = value });

    public RecordedOption<PosteriorKind> Posterior { get; } = new(
        OptionFactory.Choice("--guide", "Of the code, given the image: a Normal, or a Normal through inverse autoregressive flows.", PosteriorKind.MeanField),
        options => options.Posterior,
        (options, value) => options with { Posterior = value });

    public RecordedOption<int> Flows { get; } = new(
        OptionFactory.Whole("--flows", "How many flows, with --guide flow.", 2, 1, 64),
        options => options.Flows,
        (options, value) => options with { Flows = value });

    /// <summary>All of them, as the help page has them.</summary>
    public IReadOnlyList<RecordedOption> All => [Structure, Network, Latent, Upper, Hidden, Activation, Prior, Components, Likelihood, Noise, Posterior, Flows];
}
