using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// A variational autoencoder with two latent layers: z2 says what kind of image it is, z1 given z2 how it looks. The guide goes the same
/// way, from the top (Sønderby et al. 2016), so that the upper layer is of use. A model without the upper layer stands beside it.
/// </summary>
public static class HierarchicalVae
{
    private const int Side = 8;
    private const int Images = 2000;
    private const int Upper = 2;
    private const int Lower = 6;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (images, unseen) = (Bars(Images, new RandomKey(3)), Bars(500, new RandomKey(4)));

        manual_seed(report.Seed);
        var (prior, decoder) = (Perceptron(Upper, 2 * Lower), Perceptron(Lower, Side * Side));
        var (upperEncoder, lowerEncoder) = (Perceptron(Side * Side, 2 * Upper), Perceptron((Side * Side) + Upper, 2 * Lower));

        // z2 ~ Normal(0, I)   z1 | z2 ~ Normal(loc(z2), scale(z2))   x | z1 ~ Bernoulli(decoder(z1))
        var model = Model.Given<Tensor>("two layers")
            .Plate("images", total: Images, batch: x => x.shape[0])
            .Sample("z2", Normal.Standard(Upper), out var z2)
            .Sample("z1", s => Heads(prior.call(s[z2])), out var z1)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z1])), out _)
            .Build();

        // q(z2 | x) q(z1 | x, z2)
        var guide = Guide.For(model)
            .Sample(z2, x => Heads(upperEncoder.call(x)))
            .Sample(z1, (x, s) => Heads(lowerEncoder.call(cat([x, s[z2]], dim: -1))))
            .Build();

        // The same with one layer of Lower numbers.
        var (flatDecoder, flatEncoder) = (Perceptron(Lower, Side * Side), Perceptron(Side * Side, 2 * Lower));
        var flat = Model.Given<Tensor>("one layer")
            .Plate("images", total: Images, batch: x => x.shape[0])
            .Sample("z", Normal.Standard(Lower), out var z)
            .Observe("x", s => Bernoulli.FromLogits(flatDecoder.call(s[z])), out _)
            .Build();
        var flatGuide = Guide.For(flat).Sample(z, x => Heads(flatEncoder.call(x))).Build();

        var two = Fit(report, model, guide, images, unseen);
        var one = Fit(report, flat, flatGuide, images, unseen);
        double Kl(string site) => two.Terms.First(term => term.Site == site).Value / Images;
        report.Table(["unseen images, nats each", "one layer", "two layers"],
        [
            ["ELBO", $"{one.Elbo / Images:F2}", $"{two.Elbo / Images:F2}"],
            ["log p(x | z)", $"{one.LogLikelihood / Images:F2}", $"{two.LogLikelihood / Images:F2}"],
            ["KL of z, or of z1", $"{one.Kl / Images:F2}", $"{Kl("z1"):F2}"],
            ["KL of z2", "", $"{Kl("z2"):F2}"],
        ]);

        using var noGrad = no_grad();
        report.Write("Images, above; from the prior of two layers, below:");
        Draw(report, unseen[..8]);
        var top = Normal.Standard(Upper).Sample(new RandomKey(9), 8);
        Draw(report, decoder.call(Heads(prior.call(top)).Sample(new RandomKey(10))).sigmoid());

        // What a model without latent variables can reach: each pixel by its own frequency.
        var alone = Bernoulli.FromProbs(images.mean([0L])).LogProb(unseen).sum(dim: -1).mean().ToDouble();
        report.AtLeast("ELBO of an unseen image, in nats", two.Elbo / Images, -20);
        report.AtLeast("ELBO of an unseen image above independent pixels, in nats", (two.Elbo / Images) - alone, 15);
        report.AtLeast("KL of the upper layer, in nats", Kl("z2"), 0.5);
        report.AtLeast("KL of the lower layer, in nats", Kl("z1"), 3);
    }

    private static SviStep Fit(Report report, Model<Tensor> model, Guide<Tensor> guide, Tensor images, Tensor unseen)
    {
        using var svi = Svi.For(model, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 4e-3), report.Seed);
        var (steps, elbos) = (report.Steps(2000), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.3, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            elbos.Add(svi.Step(Rows.Draw(Images, 100, new RandomKey(report.Seed).Fold(step)).Of(images)).Elbo);
            schedule.step();
        }

        report.Write($"ELBO with {model.Name}  {TextPlot.Sparkline(elbos.Skip(20).ToList())}");
        return svi.Evaluate(unseen, Elbo.MeanField(particles: 20, vectorized: false), new RandomKey(1));
    }

    private static Module<Tensor, Tensor> Perceptron(int from, int to) => Sequential(Linear(from, 64), Tanh(), Linear(64, to));

    private static Normal Heads(Tensor output)
    {
        var heads = output.chunk(2, -1);
        return new Normal(heads[0], (0.5 * heads[1]).exp());
    }

    // Bars, all across or all down, each of them there with a probability of 0.3; 2 % of the pixels are flipped.
    private static Tensor Bars(long count, RandomKey key)
    {
        Tensor Coins(double probability, string name, params long[] shape) => Bernoulli.FromProbs(probability).Sample(key.Fold(name), [count, .. shape]);
        var (across, bars) = (Coins(0.5, "across", 1, 1), Coins(0.3, "bars", Side));
        var clean = (across * bars.unsqueeze(-1)) + ((1 - across) * bars.unsqueeze(-2));
        return (clean - Coins(0.02, "noise", Side, Side)).abs().reshape(count, Side * Side);
    }

    private static void Draw(Report report, Tensor images)
    {
        var pixels = images.data<float>().ToArray();
        for (var row = 0; row < Side; row++)
        {
            var lines = Enumerable.Range(0, (int)images.shape[0]).Select(image => string.Concat(Enumerable.Range(0, Side)
                .Select(column => " ░▒▓█"[(int)Math.Round(pixels[(((image * Side) + row) * Side) + column] * 4)])));
            report.Write($"  |{string.Join("|", lines)}|");
        }

        report.Write();
    }
}
