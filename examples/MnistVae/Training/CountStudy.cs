using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>What came of training the ink model with one way of drawing codes.</summary>
/// <param name="Spread">The model's learnt spread of the log odds between images.</param>
/// <param name="Exact">The mean log p(ink) of the test images by quadrature, in nats.</param>
/// <param name="Estimate">The mean of the K draws' estimate of it.</param>
/// <param name="EffectiveSampleSize">Of <see cref="CountStudy.Weights"/> draws, (Σ w)² / Σ w², averaged over images.</param>
/// <param name="UnderflowAtStart">
/// The share of images whose K weights are all 0 in float32 before the first step, so that the logarithm of their mean is −∞: what
/// training by that mean, and not by log-sum-exp, would begin with.
/// </param>
public sealed record CountRow(string Draws, double Spread, double Exact, double Estimate, double EffectiveSampleSize, double UnderflowAtStart);

/// <summary>
/// Why log p(x) is not estimated by draws from the prior: the same model, trained by log (1/K) Σ p(x, z_k) / q(z_k), with the prior for q
/// and with a guide that looks at the data.
/// </summary>
public static class CountStudy
{
    /// <summary>Draws for an effective sample size.</summary>
    public const int Weights = 200;

    private const int Batch = 128;
    private const int MostImages = 1000;
    private const double LearningRate = 0.01;

    /// <summary>The two rows: draws from the prior, and from a fitted guide.</summary>
    public static IReadOnlyList<CountRow> Run(DigitData data, CountOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        var (train, test) = (InkModel.Count(data.Train), InkModel.Count(data.Test.Take(MostImages)));
        return
        [
            Row("from the prior", model => model.Prior, train, test, options, cancellation),
            Row("from a guide", model => model.Fitted, train, test, options, cancellation),
        ];
    }

    private static CountRow Row(string name, Func<InkModel, Guide<Tensor>> guideOf, Tensor train, Tensor test, CountOptions options, CancellationToken cancellation)
    {
        using var model = new InkModel((int)train.shape[0]);
        var guide = guideOf(model);
        using var svi = Svi.For(model.Generative, guide, Elbo.Iwae(options.Draws), parameters => optim.Adam(parameters, LearningRate), options.Seed);
        var key = new RandomKey(options.Seed).Fold("count");
        var underflow = Underflow(model, guide, test, options.Draws, key.Fold("start"));
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            svi.Step(train.index_select(0, Chosen(train, key.Fold(step))));
        }

        return Measure(name, model, guide, test, options, key.Fold("test")) with { UnderflowAtStart = underflow };
    }

    private static CountRow Measure(string name, InkModel model, Guide<Tensor> guide, Tensor test, CountOptions options, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var logWeights = LogWeights(model, guide, test, Weights, key);
        var few = logWeights.narrow(0, 0, options.Draws);
        var estimate = few.logsumexp(0).sub(Math.Log(options.Draws)).mean().item<double>();
        var effective = logWeights.logsumexp(0).mul(2).sub(logWeights.mul(2).logsumexp(0)).exp().mean().item<double>();
        var exact = model.ExactLogEvidence().index_select(0, test.to(ScalarType.Int64)).mean().item<double>();
        return new(name, model.Learnt.Spread, exact, estimate, effective, UnderflowAtStart: 0);
    }

    private static double Underflow(InkModel model, Guide<Tensor> guide, Tensor test, int draws, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weights = LogWeights(model, guide, test, draws, key).to(ScalarType.Float32).exp();
        return weights.sum(dim: 0).eq(0).to(ScalarType.Float64).mean().item<double>();
    }

    // log p(ink, z) − log q(z | ink), of shape [draws, images].
    private static Tensor LogWeights(InkModel model, Guide<Tensor> guide, Tensor test, int draws, RandomKey key) => stack([.. Enumerable.Range(0, draws).Select(draw =>
    {
        using var scope = NewDisposeScope();
        var drawn = guide.Trace(test, key.Fold(draw));
        var joint = model.Generative.Trace(test, key.Fold(draw), drawn);
        var weight = joint[model.Ink].LogProb() + joint[model.Code].LogProb() - drawn[model.Code].LogProb();
        return weight.to(ScalarType.Float64).MoveToOuterDisposeScope();
    })]);

    private static Tensor Chosen(Tensor train, RandomKey key) => new Uniform(0, 1).Sample(key, Math.Min(Batch, train.shape[0])).mul(train.shape[0]).to(ScalarType.Int64).clamp_max(train.shape[0] - 1);
}
