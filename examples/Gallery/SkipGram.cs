using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// Words as Gaussians (Barkan 2017, Bayesian neural word embedding): skip-gram with negative sampling, where each word's two vectors are
/// latent variables. Words of a kind come to lie together, and a rare word's vector stays uncertain.
/// </summary>
public static class SkipGram
{
    private const int Dimension = 6;
    private const int Window = 3;
    private const int Negatives = 4;

    /// <summary>Pairs of words, and whether the second was seen near the first (1) or drawn by chance (0).</summary>
    private sealed record Pairs(Tensor Word, Tensor Context, Tensor Seen);

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var vocabulary = Corpus.Vocabulary;
        var tokens = new Corpus(documents: 300, length: 20, new RandomKey(11)).Tokens;
        var all = PairsOf(tokens);
        var total = all.Seen.shape[0];

        // u_w, v_w ~ Normal(0, I) for each word w        seen ~ Bernoulli(logits u_word · v_context)
        var model = Model.Given<Pairs>("skip-gram")
            .Plate("words", total: vocabulary)
            .Sample("u", Normal.Standard(Dimension), out var u)
            .Sample("v", Normal.Standard(Dimension), out var v)
            .EndPlate()
            .Plate("pairs", total, batch: d => d.Seen.shape[0])
            .Observe("seen", s => Bernoulli.FromLogits((s[u].index_select(-2, s.Data.Word) * s[v].index_select(-2, s.Data.Context)).sum(-1)), d => d.Seen, out _)
            .Build();

        manual_seed(report.Seed);
        Parameter uLoc = new(0.3 * randn(vocabulary, Dimension)), uLogScale = new(full(vocabulary, Dimension, -1.0));
        Parameter vLoc = new(0.3 * randn(vocabulary, Dimension)), vLogScale = new(full(vocabulary, Dimension, -1.0));
        var guide = Guide.For(model)
            .Sample(u, _ => new Normal(uLoc, uLogScale.exp()))
            .Sample(v, _ => new Normal(vLoc, vLogScale.exp()))
            .Build();

        using var svi = Svi.For(model, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 0.05), report.Seed);
        var (steps, elbos) = (report.Steps(1000), new List<double>());
        var schedule = optim.lr_scheduler.ExponentialLR(svi.Optimizer, gamma: Math.Pow(0.05, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            using var generator = new RandomKey(report.Seed).Fold(step).NewGenerator();
            var rows = randint(0, total, new long[] { 2000 }, ScalarType.Int64, generator: generator);
            elbos.Add(svi.Step(new Pairs(all.Word[rows], all.Context[rows], all.Seen[rows])).Elbo);
            schedule.step();
        }

        report.Write($"{total} pairs of {vocabulary} words.  ELBO  {TextPlot.Sparkline(elbos.Skip(10).ToList())}");
        report.Write();

        // Neighbours by the cosine between posterior means.
        using var noGrad = no_grad();
        var direction = uLoc / uLoc.norm(1, keepdim: true);
        var cosine = direction.matmul(direction.t());
        var nearest = (cosine - (2 * eye(vocabulary))).topk(4, dim: -1).indexes;
        var spread = uLogScale.exp().mean([1L]);
        var counts = tokens.flatten().bincount(null!, vocabulary).to(ScalarType.Float32);
        report.Table(["word", "times", "posterior sd", "nearest"], [.. new long[] { 0, 8, 10, 21, 30, 39, 41 }.Select(word => new[]
        {
            Corpus.Words[(int)word],
            $"{counts[word].ToDouble():F0}",
            $"{spread[word].ToDouble():F2}",
            string.Join(' ', nearest[word].data<long>().ToArray().Select(near => Corpus.Words[(int)near])),
        })]);

        var topical = Enumerable.Range(0, vocabulary).Where(word => Corpus.TopicOf(word) >= 0).ToList();
        var same = topical.SelectMany(word => nearest[word].data<long>().ToArray().Select(near => Corpus.TopicOf(near) == Corpus.TopicOf(word) ? 1.0 : 0)).Average();
        var couples = topical.SelectMany(a => topical.Where(b => a != b).Select(b => (Within: Corpus.TopicOf(a) == Corpus.TopicOf(b), Cosine: cosine[a, b].ToDouble()))).ToList();
        double Mean(bool within) => couples.Where(couple => couple.Within == within).Average(couple => couple.Cosine);
        var (near, far) = (Mean(within: true), Mean(within: false));
        report.AtLeast("share of a word's four nearest that are of its topic", same, 0.95);
        report.AtLeast("mean cosine within topics less that between", near - far, 0.45);
        report.AtMost("correlation of a word's posterior sd with the logarithm of its count", stack([spread, counts.log()]).corrcoef()[0, 1].ToDouble(), -0.7);
    }

    // Each word with those at most Window places away, and for each such pair some with a word drawn from all places.
    private static Pairs PairsOf(Tensor tokens)
    {
        var (words, contexts) = (new List<Tensor>(), new List<Tensor>());
        var length = tokens.shape[1];
        for (var distance = 1; distance <= Window; distance++)
        {
            var (left, right) = (tokens[.., ..(int)(length - distance)].flatten(), tokens[.., distance..].flatten());
            words.AddRange([left, right]);
            contexts.AddRange([right, left]);
        }

        var (word, context, flat) = (cat(words), cat(contexts), tokens.flatten());
        using var generator = new RandomKey(13).NewGenerator();
        var chance = flat[randint(0, flat.shape[0], new[] { Negatives * word.shape[0] }, ScalarType.Int64, generator: generator)];
        return new(word.repeat(1 + Negatives), cat([context, chance]), cat([ones(word.shape[0]), zeros(chance.shape[0])]));
    }
}
