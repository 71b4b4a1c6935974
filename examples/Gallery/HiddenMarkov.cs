using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// What was going on behind a series? A hidden Markov model: states that nobody sees, summed out exactly, so that transitions and emissions
/// are learnt by maximum likelihood as Baum and Welch (Rabiner 1989) do, and the states are decoded afterwards.
/// </summary>
public static class HiddenMarkov
{
    private const int Series = 40;
    private const int Length = 25;
    private const int States = 3;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);

        // The data: states that last for a while, each with a level of its own, seen through noise of 0.6.
        var levels = tensor(new float[] { -1.5f, 0, 2 });
        var transition = tensor(new float[,] { { 0.85f, 0.10f, 0.05f }, { 0.10f, 0.80f, 0.10f }, { 0.05f, 0.15f, 0.80f } });
        var (truth, x) = Simulate(levels, transition);

        // z_1 ~ Categorical(1/3)   z_t ~ Categorical(row z_{t-1} of a matrix)   x_t ~ Normal(level of z_t, noise)
        Parameter logits = new(2 * eye(States)), level = new(tensor(new float[] { -1, 0, 1 })), logNoise = new(tensor(0f));
        var (z, seen) = (new Latent("z"), new Observed("x"));
        var model = Model.Program<Tensor>("hidden markov", (run, data) =>
        {
            using var series = run.Plate("series", total: data.shape[0]);
            Tensor? state = null;
            foreach (var t in run.Markov((int)data.shape[1]))
            {
                state = run.Sample(z[t], state is null ? Categorical.FromLogits(zeros(States)) : Categorical.FromLogits(logits.RowAt(state)));
                run.Observe(seen[t], new Normal(level.At(state), logNoise.exp()), data.select(1, t));
            }
        });

        // Every latent variable is summed out, so the guide has none: what is ascended is the log evidence itself.
        var guide = Guide.Program(model, (_, _) => { });
        using var svi = Svi.For(model, guide, Elbo.Enumerated(), p => optim.Adam(p, lr: 0.08), report.Seed);
        var (steps, elbos) = (report.Steps(100), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.1, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            elbos.Add(svi.Step(x).Elbo);
            schedule.step();
        }

        report.Write($"log p(x)  {TextPlot.Sparkline(elbos)}");
        report.Write();

        using var noGrad = no_grad();
        var evidence = svi.Evaluate(x).Elbo;
        var posterior = DiscretePosterior.Of(model, guide, x, new RandomKey(0));
        var path = posterior.Mode();
        var decoded = stack([.. Enumerable.Range(0, Length).Select(t => path[z[t]])], 1).to(ScalarType.Int64);
        var smoothed = stack([.. Enumerable.Range(0, Length).Select(t => posterior[z[t]])], 1);
        var (exact, exactSmoothed) = ForwardBackward(x, logits.softmax(-1), level, logNoise.exp());

        report.Table(["from", "to 1", "to 2", "to 3", "level", "true"], [.. Enumerable.Range(0, States).Select(k => (string[])
        [
            $"{k + 1}",
            .. Enumerable.Range(0, States).Select(to => $"{logits.softmax(-1)[k, to].ToDouble():F2} ({transition[k, to].ToDouble():F2})"),
            $"{level[k].ToDouble():F2}",
            $"{levels[k].ToDouble():F2}",
        ])]);
        for (var series = 0; series < 3; series++)
        {
            report.Write($"  seen     {TextPlot.Sparkline(Array.ConvertAll(x[series].data<float>().ToArray(), number => (double)number))}");
            report.Write($"  decoded  {string.Concat(decoded[series].data<long>().ToArray().Select(state => state + 1))}");
            report.Write($"  true     {string.Concat(truth[series].data<long>().ToArray().Select(state => state + 1))}");
            report.Write();
        }

        var accuracy = decoded.eq(truth).to(ScalarType.Float32).mean().ToDouble();
        report.Near("log evidence, beside the forward algorithm's", evidence, exact, 0.01);
        report.AtMost("greatest distance of a state's probability from forward-backward's", (smoothed - exactSmoothed).abs().max().ToDouble(), 1e-3);
        report.AtLeast("log evidence above that of the true parameters", evidence - ForwardBackward(x, transition, levels, tensor(0.6f)).LogEvidence, 0);
        report.AtLeast("share of states decoded right", accuracy, 0.9);
        report.AtMost("greatest error of a level", (level - levels).abs().max().ToDouble(), 0.15);
        report.AtMost("greatest error of a transition's probability", (logits.softmax(-1) - transition).abs().max().ToDouble(), 0.1);
        report.Near("noise", logNoise.exp().ToDouble(), 0.6, 0.08);
    }

    private static (Tensor States, Tensor Seen) Simulate(Tensor levels, Tensor transition)
    {
        var states = new List<Tensor> { Categorical.FromLogits(zeros(States)).Sample(new RandomKey(1), Series).to(ScalarType.Int64) };
        for (var t = 1; t < Length; t++)
        {
            states.Add(Categorical.FromProbs(transition[states[^1]]).Sample(new RandomKey(2).Fold(t)).to(ScalarType.Int64));
        }

        var all = stack(states, 1);
        return (all, new Normal(levels[all], 0.6).Sample(new RandomKey(3)));
    }

    // Rabiner 1989, section III, in logarithms: evidence, and the probability of each state at each time.
    private static (double LogEvidence, Tensor Smoothed) ForwardBackward(Tensor x, Tensor transition, Tensor level, Tensor noise)
    {
        var emission = new Normal(level, noise).LogProb(x.unsqueeze(-1).expand(-1, -1, States));
        Tensor[] forward = new Tensor[Length], backward = new Tensor[Length];
        forward[0] = emission.select(1, 0) - Math.Log(States);
        backward[^1] = zeros(Series, States);
        for (var t = 1; t < Length; t++)
        {
            forward[t] = (forward[t - 1].unsqueeze(-1) + transition.log()).logsumexp(1) + emission.select(1, t);
            backward[^(t + 1)] = ((backward[^t] + emission.select(1, Length - t)).unsqueeze(1) + transition.log()).logsumexp(2);
        }

        var joint = stack([.. forward.Zip(backward, (before, after) => before + after)], 1);
        return (forward[^1].logsumexp(-1).sum().ToDouble(), joint.softmax(-1));
    }
}
