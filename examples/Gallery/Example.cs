using System.Collections.Immutable;

namespace ProbVae.Examples.Gallery;

/// <summary>One program of the gallery.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Summary">What it shows, in a line.</param>
/// <param name="Run">Runs it; it writes to the report and leaves its checks there.</param>
public sealed record Example(string Name, string Summary, Action<Report> Run)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Example> All { get; } =
    [
        new("ab-test", "Which of two pages sells better, and by how much: two Beta posteriors.", AbTest.Run),
        new("linear-regression", "Which inputs matter: Bayesian linear regression with a horseshoe prior, beside a plain one.", LinearRegression.Run),
        new("logistic-regression", "The same for yes and no: logistic regression with a horseshoe prior.", LogisticRegression.Run),
        new("gaussian-mixture", "Which points belong together: a mixture whose components are summed out, beside expectation-maximization.", GaussianMixture.Run),
        new("hidden-markov", "What was going on behind a series: a hidden Markov model, learnt and decoded exactly.", HiddenMarkov.Run),
        new("matrix-factorization", "Who would like what: ratings as products of taste and trait, learnt from minibatches of users.", MatrixFactorization.Run),
        new("topic-model", "What documents are about: ProdLDA, an amortized topic model.", TopicModel.Run),
        new("skip-gram", "Words as Gaussians: Bayesian skip-gram embeddings.", SkipGram.Run),
        new("sparse-gp", "A curve and its band from many points: a sparse variational Gaussian process.", SparseGaussianProcess.Run),
        new("hierarchical-vae", "A variational autoencoder with two latent layers.", HierarchicalVae.Run),
        new("bayesian-network", "How sure a network is: its weights lifted to latent variables.", BayesianNetwork.Run),
    ];
}
