using MnistVae.Tests.Models;
using ProbVae;
using TorchSharp;

namespace MnistVae.Tests.Training;

/// <summary>Model, network, prior, likelihood, guide and objective go together, or are refused with a sentence.</summary>
public sealed class CombinationTests
{
    // Steps through the 720 combinations so that these few of them have every two values that go together side by side, which a test checks.
    private const int Stride = 457;
    private const int Count = 33;

    private const int Images = 6;

    private static readonly TrainOptions[] All =
    [
        .. from structure in Enum.GetValues<Structure>()
           from network in Enum.GetValues<Network>()
           from prior in Enum.GetValues<Prior>()
           from likelihood in Enum.GetValues<Likelihood>()
           from posterior in Enum.GetValues<PosteriorKind>()
           from objective in Enum.GetValues<Objective>()
           select SmallDigits.Options with
           {
               Structure = structure,
               Network = network,
               Prior = prior,
               Likelihood = likelihood,
               Posterior = posterior,
               Objective = objective,
               Binarize = likelihood == Likelihood.Bernoulli ? Binarization.Static : Binarization.None,
               Particles = 2,
               LearningRate = 0.001,
               Components = 3,
               Upper = 2,
           },
    ];

    private static IEnumerable<TrainOptions> Some => Enumerable.Range(0, Count).Select(i => All[i * Stride % All.Length]);

    [Fact]
    public void EachTrainsOrIsRefused()
    {
        int refused = 0;
        foreach (var options in Some)
        {
            if (Refusal(options) is { } sentence)
            {
                Assert.Equal($"--prior vamp goes with --model plain alone, and --model is {OptionTable.Spell(options.Structure)}; use --prior mixture.", sentence);
                refused++;
                continue;
            }

            TakesTwoSteps(options);
        }

        Assert.InRange(refused, 1, Count / 3);
    }

    [Fact]
    public void EveryTwoValuesAreTriedTogether()
    {
        Assert.Equal(720, All.Length);
        var missing = Pairs(All.Where(options => Refusal(options) is null)).Except(Pairs(Some.Where(options => Refusal(options) is null)));
        Assert.Empty(missing);
    }

    private static void TakesTwoSteps(TrainOptions options)
    {
        using var session = SmallDigits.Session(options);
        using var batch = SmallDigits.Data(options.Binarize).Train.Load(torch.CPU, Rows.All(Images));
        using var scope = torch.NewDisposeScope();
        double first = session.BoundOf(session.Svi.Step(batch)), second = session.BoundOf(session.Svi.Step(batch));
        Assert.True(double.IsFinite(first) && double.IsFinite(second) && first != second, $"{options}: {first}, then {second}.");
        string[]? diff = session.SwapDiff(batch)?.Split(Environment.NewLine);
        Assert.Equal(options is { Prior: Prior.Standard, Likelihood: Likelihood.Bernoulli }, diff is null);
        foreach (var (site, isSwapped) in new[] { ($"{session.Vae.Latents[0]}", options.Prior != Prior.Standard), ("x", options.Likelihood != Likelihood.Bernoulli) })
        {
            // A site that was swapped went and came; another did neither.
            string[] expected = isSwapped ? ["-", "+"] : [];
            Assert.Equal(expected, (diff ?? []).Where(line => line[2..].StartsWith(site + " ~ ", StringComparison.Ordinal)).Select(line => line[..1]));
        }

        using var noGrad = torch.no_grad();
        foreach (var images in new[] { session.Vae.Imagine(11, new RandomKey(1)), session.Vae.Reconstruct(batch, new RandomKey(1)) })
        {
            Assert.True(images.ge(0).logical_and(images.le(1)).all().ToBoolean(), $"{options}");
        }
    }

    private static string? Refusal(TrainOptions options)
    {
        try
        {
            Combinations.Check(options, _ => false);
            return null;
        }
        catch (UserError refusal)
        {
            return refusal.Message;
        }
    }

    private static HashSet<(Enum, Enum)> Pairs(IEnumerable<TrainOptions> options) =>
        [.. options.Select(Values).SelectMany(values => values.SelectMany((first, i) => values.Skip(i + 1).Select(second => (first, second))))];

    private static Enum[] Values(TrainOptions options) =>
        [options.Structure, options.Network, options.Prior, options.Likelihood, options.Posterior, options.Objective];
}
