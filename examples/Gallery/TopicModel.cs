using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.Gallery;

/// <summary>
/// What are documents about? ProdLDA (Srivastava and Sutton 2017): a document's mixture of topics is a softmax of a normal variable that stands for a
/// Dirichlet, topics are multiplied rather than averaged, and a network reads the mixture off the word counts.
/// </summary>
public static class TopicModel
{
    private const int Documents = 600;
    private const int Length = 40;

    /// <summary>Runs the example.</summary>
    public static void Run(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (topics, vocabulary) = (Corpus.Topics, Corpus.Vocabulary);
        var (corpus, unseen) = (new Corpus(Documents, Length, new RandomKey(5)).Counts, new Corpus(200, Length, new RandomKey(6)).Counts);

        // z ~ Normal(0, sd)^5, near enough softmax(z) ~ Dirichlet(alpha) (Laplace approximation, MacKay 1998)
        // words ~ Multinomial(40, softmax(background + softmax(z) · beta))
        manual_seed(report.Seed);
        var deviation = Math.Sqrt((1 - (1.0 / topics)) / 0.2);
        Parameter beta = new(0.1 * randn(topics, vocabulary)), background = new(zeros(vocabulary));
        var model = Model.Given<Tensor>("ProdLDA")
            .Plate("documents", total: Documents, batch: d => d.shape[0])
            .Sample("z", new Normal(zeros(topics), full(topics, deviation)), out var z)
            .Observe("words", s => Multinomial.FromLogits(Length, background + s[z].softmax(-1).matmul(beta)), out _)
            .Build();

        // q(z | words) = Normal(loc(words), scale(words))
        var encoder = Sequential(Linear(vocabulary, 50), Softplus(), Linear(50, 2 * topics));
        var guide = Guide.For(model)
            .Sample(z, words =>
            {
                var heads = encoder.call(words.sqrt()).chunk(2, -1);
                return new Normal(heads[0], (heads[1] - 1).exp());
            })
            .Build();

        using var svi = Svi.For(model, guide, Elbo.MeanField(), p => optim.Adam(p, lr: 0.01, beta1: 0.95), report.Seed);
        var (steps, elbos) = (report.Steps(1200), new List<double>());
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var rows = Rows.Draw(Documents, 100, new RandomKey(report.Seed).Fold(step));
            elbos.Add(svi.Step(rows.Of(corpus)).Elbo / (Documents * Length));
        }

        report.Write($"ELBO a word  {TextPlot.Sparkline(elbos.Skip(10).ToList())}");
        report.Write();

        // A topic's words are those that it makes more probable.
        using var noGrad = no_grad();
        var top = (beta - beta.mean([0L])).topk(8, dim: -1).indexes;
        var topicWords = Enumerable.Range(0, topics).Select(topic => top[topic].data<long>().ToArray()).ToArray();
        string Spelled(long[] words) => string.Join(' ', words.Select(word => Corpus.Words[(int)word]));
        report.Table(["topic", "its words"], [.. topicWords.Select((words, topic) => new[] { $"{topic + 1}", Spelled(words) })]);

        // Each topic's words should be of one true topic, and no two topics of the same.
        var best = topicWords.Select(words => words.GroupBy(Corpus.TopicOf).Where(group => group.Key >= 0).MaxBy(group => group.Count())).ToList();
        var pure = best.Sum(group => group?.Count() ?? 0) / (8.0 * topics);
        var found = best.Where(group => group is not null).Select(group => group!.Key).Distinct().Count();

        // The ELBO bounds the log evidence from below, so this bounds the perplexity from above.
        // What a Multinomial counts for the order of words is left out of both.
        var orders = (unseen.sum(dim: -1) + 1).lgamma().sum().ToDouble() - (unseen + 1).lgamma().sum().ToDouble();
        var bound = svi.Evaluate(unseen, Elbo.MeanField(particles: 20), new RandomKey(1)).Elbo * unseen.shape[0] / Documents;
        var frequencies = (corpus.sum(dim: 0) + 1) / (corpus + 1.0 / Documents).sum();
        var alone = (unseen * frequencies.log()).sum().ToDouble();
        double Perplexity(double logProbability) => Math.Exp(-logProbability / (unseen.shape[0] * Length));
        report.Table(["unseen documents", "perplexity"],
        [
            ["word frequencies alone", $"{Perplexity(alone):F1}"],
            ["ProdLDA, at most", $"{Perplexity(bound - orders):F1}"],
        ]);

        report.AtLeast("share of a topic's eight words that are of one true topic", pure, 0.95);
        report.AtLeast("true topics found, of 5", found, 5);
        report.AtMost("perplexity beside that of word frequencies", Perplexity(bound - orders) / Perplexity(alone), 0.6);
    }
}
