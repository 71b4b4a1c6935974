using ProbVae;
using TorchSharp;

namespace MnistVae.Tests.Models;

public sealed class VaeTests
{
    private const int Steps = 40;

    // Each options record is a model of its own; the second number is how many parameters it trains.
    public static TheoryData<string, TrainOptions> Variants()
    {
        var plain = SmallDigits.Options;
        var grey = plain with { Binarize = Binarization.None };
        return new()
        {
            { "bernoulli", plain },
            { "soft bernoulli", grey },
            { "gaussian", grey with { Likelihood = Likelihood.Gaussian } },
            { "gaussian, learnt scale", grey with { Likelihood = Likelihood.Gaussian, Noise = Noise.Learnt } },
            { "gaussian, scale per pixel", grey with { Likelihood = Likelihood.Gaussian, Noise = Noise.PerPixel } },
            { "laplace", grey with { Likelihood = Likelihood.Laplace, Noise = Noise.Learnt } },
            { "continuous bernoulli", grey with { Likelihood = Likelihood.ContinuousBernoulli } },
            { "shifted prior", plain with { Prior = Prior.Shifted } },
            { "laplace prior", plain with { Prior = Prior.Laplace } },
            { "mixture prior", plain with { Prior = Prior.Mixture, Components = 4 } },
            { "vamp prior", plain with { Prior = Prior.Vamp, Components = 4 } },
            { "flow", plain with { Posterior = PosteriorKind.Flow } },
            { "flow and mixture", plain with { Posterior = PosteriorKind.Flow, Prior = Prior.Mixture, Particles = 2 } },
            { "conditional", plain with { Structure = Structure.Conditional } },
            { "conditional, convolutional", plain with { Structure = Structure.Conditional, Network = Network.Convolutional, Particles = 2 } },
            { "beta", plain with { KlWeight = 4 } },
            { "beta, annealed", plain with { KlWeight = 2, KlWarmUp = 20, Objective = Objective.Trace } },
            { "iwae", plain with { Objective = Objective.Iwae, Particles = 5 } },
            { "iwae, flow", plain with { Objective = Objective.Iwae, Particles = 5, Posterior = PosteriorKind.Flow } },
            { "iwae, hierarchical", plain with { Objective = Objective.Iwae, Particles = 5, Structure = Structure.Hierarchical, Upper = 2 } },
            { "convolutional", plain with { Network = Network.Convolutional } },
            { "hierarchical", plain with { Structure = Structure.Hierarchical, Upper = 2 } },
            { "hierarchical, particles, mixture", plain with { Structure = Structure.Hierarchical, Upper = 2, Prior = Prior.Mixture, Particles = 3 } },
        };
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void AVariantLearnsSamplesAndReconstructs(string name, TrainOptions options)
    {
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Batch(options);
        var before = Elbo(session, batch);
        for (var step = 0; step < Steps; step++)
        {
            session.Svi.Step(batch);
        }

        // The same draws before and after: what differs is what was learnt, by more than a tenth of a nat an image.
        Assert.True(Elbo(session, batch) > before + 0.1, $"{name}: {before} before, {Elbo(session, batch)} after {Steps} steps.");

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        AssertImages(session.Vae.Imagine(25, new RandomKey(1)), 25);
        AssertImages(session.Vae.Reconstruct(batch, new RandomKey(1)), SmallDigits.Count);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void EveryParameterOfAVariantIsTrained(string name, TrainOptions options)
    {
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Batch(options);
        Dictionary<string, float[]> Values() => session.Svi.Parameters.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.detach().cpu().data<float>().ToArray());
        var before = Values();
        session.Svi.Step(batch);
        session.Svi.Step(batch);
        var still = Values().Where(pair => pair.Value.SequenceEqual(before[pair.Key])).Select(pair => pair.Key);
        Assert.True(!still.Any(), $"{name}: these did not move: {string.Join(", ", still)}.");
    }

    [Fact]
    public void ASwapIsNoOtherModel()
    {
        using var plain = SmallDigits.Vae(SmallDigits.Options);
        using var swapped = SmallDigits.Vae(SmallDigits.Options with { Prior = Prior.Laplace });
        Assert.Same(plain.Base, plain.Generative);
        Assert.NotSame(swapped.Base, swapped.Generative);
    }

    [Fact]
    public void TheDiffShowsTheSitesThatASwapChanged()
    {
        var options = SmallDigits.Options with { Prior = Prior.Laplace };
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Batch(options);
        var lines = session.SwapDiff(batch)!.Split(Environment.NewLine);
        Assert.Contains(lines, line => line.StartsWith("- z  latent  Normal ‖ Normal", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("+ z  latent  Normal ‖ Laplace", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Bernoulli", StringComparison.Ordinal));

        using var unchanged = SmallDigits.Session(SmallDigits.Options);
        Assert.Null(unchanged.SwapDiff(batch));
    }

    [Theory]
    [InlineData(Prior.Shifted, Likelihood.Bernoulli, "- z ~ Normal(0, 1)", "+ z ~ Normal(1, 2)")]
    [InlineData(Prior.Laplace, Likelihood.Bernoulli, "- z ~ Normal(0, 1)", "+ z ~ Laplace(0, 1)")]
    [InlineData(Prior.Mixture, Likelihood.Bernoulli, "- z ~ Normal(0, 1)", "+ z ~ Mixture of 4 Normal")]
    [InlineData(Prior.Vamp, Likelihood.Bernoulli, "- z ~ Normal(0, 1)", "+ z ~ Mixture of 4 Normal")]
    [InlineData(Prior.Standard, Likelihood.Gaussian, "- x ~ Bernoulli", "+ x ~ Normal(..., 0.1)")]
    [InlineData(Prior.Standard, Likelihood.Laplace, "- x ~ Bernoulli", "+ x ~ Laplace(..., 0.1)")]
    [InlineData(Prior.Standard, Likelihood.ContinuousBernoulli, "- x ~ Bernoulli", "+ x ~ ContinuousBernoulli")]
    public void TheDiffSaysWhichDistributionWentAndWhichCame(Prior prior, Likelihood likelihood, params string[] expected)
    {
        var options = SmallDigits.Options with { Prior = prior, Likelihood = likelihood, Components = 4, Binarize = Binarization.None };
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Batch(options);
        var lines = session.SwapDiff(batch)!.Split(Environment.NewLine);
        Assert.Equal(expected, lines.Where(line => line.Contains('~', StringComparison.Ordinal)));
    }

    [Fact]
    public void AConditionalModelHoldsTheStyleAcrossDigits()
    {
        // With one linear layer an image's logits are W z + (column of the digit) + b: two digits differ by the same in each style.
        using var vae = SmallDigits.Vae(SmallDigits.Options with { Structure = Structure.Conditional, Hidden = [] });
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var logits = vae.Imagine(20, new RandomKey(2)).logit();
        Assert.True((logits[0] - logits[1]).allclose(logits[10] - logits[11], rtol: 1e-4, atol: 1e-5));
        Assert.False((logits[0] - logits[1]).allclose(logits[0] - logits[11], rtol: 1e-4, atol: 1e-5));
        Assert.False(logits[0].allclose(logits[10]));
    }

    [Fact]
    public void CompletionKeepsWhatIsVisible()
    {
        using var session = SmallDigits.Session(SmallDigits.Options);
        using var batch = SmallDigits.Batch(SmallDigits.Options);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var hidden = torch.arange(784).ge(392);
        var filled = session.Vae.Complete(batch, hidden, rounds: 3, new RandomKey(4));
        Assert.True(filled.narrow(1, 0, 392).Equals(batch.Images.narrow(1, 0, 392)));
        // The hidden half is not looked at: other pixels there change nothing.
        var other = batch with { Images = torch.where(hidden, batch.Images.neg().add(1), batch.Images) };
        Assert.True(session.Vae.Complete(other, hidden, rounds: 3, new RandomKey(4)).Equals(filled));
    }

    private static double Elbo(Session session, ImageBatch batch) =>
        session.Svi.Evaluate(batch, ProbVae.Elbo.MeanField(8), new RandomKey(7)).Elbo / SmallDigits.Count;

    private static void AssertImages(torch.Tensor images, long count)
    {
        Assert.Equal([count, 784L], images.shape);
        Assert.True(images.ge(0).logical_and(images.le(1)).all().ToBoolean());
    }
}
