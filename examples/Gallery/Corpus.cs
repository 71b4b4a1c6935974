using System.Collections.Immutable;
using static TorchSharp.torch;

namespace ProbVae.Examples.Gallery;

/// <summary>A small corpus of known topics: documents mix a few of them, and each topic has words of its own beside words that all share.</summary>
public sealed class Corpus
{
    private static readonly ImmutableArray<ImmutableArray<string>> TopicWords =
    [
        ["sea", "wave", "harbour", "sail", "anchor", "tide", "gull", "salt", "island", "storm"],
        ["bread", "oven", "flour", "butter", "kitchen", "recipe", "sugar", "dough", "spoon", "supper"],
        ["violin", "melody", "chord", "rhythm", "piano", "concert", "choir", "tempo", "song", "drum"],
        ["planet", "orbit", "rocket", "star", "comet", "moon", "galaxy", "telescope", "gravity", "crater"],
        ["seed", "soil", "rose", "hedge", "spade", "bloom", "root", "meadow", "weed", "orchard"],
    ];

    private static readonly ImmutableArray<string> Shared = ["day", "time", "small", "new", "find", "way"];

    /// <summary>Makes documents.</summary>
    /// <param name="documents">How many.</param>
    /// <param name="length">Words in each.</param>
    /// <param name="key">Where the draws come from.</param>
    public Corpus(long documents, long length, RandomKey key)
    {
        // Each topic: 15 % of its words are shared ones, the others its own, each next one rarer (Zipf 1949).
        var words = new double[Topics, Vocabulary];
        for (var topic = 0; topic < Topics; topic++)
        {
            var harmonic = TopicWords[topic].Select((_, rank) => 1.0 / (rank + 2)).Sum();
            for (var word = 0; word < Vocabulary; word++)
            {
                var rank = word - (topic * TopicWords[topic].Length);
                words[topic, word] = word >= Vocabulary - Shared.Length ? 0.15 / Shared.Length
                    : rank >= 0 && rank < TopicWords[topic].Length ? 0.85 / (rank + 2) / harmonic : 0;
            }
        }

        // theta ~ Dirichlet(0.2) for each document; each of its words is drawn from the mixture of topics.
        var theta = new Dirichlet(Enumerable.Repeat(0.2, Topics).ToArray()).Sample(key.Fold("theta"), documents);
        var mixed = theta.matmul(tensor(words, ScalarType.Float32));
        Tokens = Categorical.FromProbs(mixed / mixed.sum(dim: -1, keepdim: true)).Sample(key.Fold("words"), length).t().to(ScalarType.Int64);
        Counts = zeros(documents, Vocabulary).scatter_add(1, Tokens, ones(documents, length));
    }

    /// <summary>How many topics there are.</summary>
    public static int Topics => TopicWords.Length;

    /// <summary>How many words there are.</summary>
    public static int Vocabulary => TopicWords.Sum(words => words.Length) + Shared.Length;

    /// <summary>The words; those of one topic stand together, the more frequent first, and those of all topics last.</summary>
    public static ImmutableArray<string> Words { get; } = [.. TopicWords.SelectMany(words => words), .. Shared];

    /// <summary>The topic that a word belongs to; −1 for a word of all topics.</summary>
    public static int TopicOf(long word) => word < Vocabulary - Shared.Length ? (int)(word / TopicWords[0].Length) : -1;

    /// <summary>The documents' words by their numbers. Shape: documents × length.</summary>
    public Tensor Tokens { get; }

    /// <summary>How often each word is in each document. Shape: documents × vocabulary.</summary>
    public Tensor Counts { get; }
}
