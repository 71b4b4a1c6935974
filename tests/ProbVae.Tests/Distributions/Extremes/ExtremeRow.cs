using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>One row of extremes.csv.</summary>
internal sealed record ExtremeRow(string Family, string Quantity, double[][] Arguments, double[] Value, double[] Result, double[] Greatest, IReadOnlyList<(double Slope, double Greatest)?> Gradients)
{
    public static IReadOnlyList<ExtremeRow> All { get; } = [.. Lines().Skip(1).Select(Parse)];

    /// <summary>log p of rows beside each other: arguments and values along the first axis.</summary>
    public static Tensor LogProb(string family, Tensor arguments, Tensor values)
    {
        var distribution = Build(family, arguments);
        return distribution.LogProb(Laid(family, values));
    }

    /// <summary>The quantity of the row.</summary>
    public Tensor Of(Tensor[] arguments, Tensor values) => Quantity switch
    {
        "logp" => LogProb(Family, arguments[0], values),
        "entropy" => Build(Family, arguments[0]).Entropy,
        "mean" => Build(Family, arguments[0]).Mean,
        "variance" => Build(Family, arguments[0]).Variance,
        _ => KlRegistry.Standard.Divergence(Build(Family.Split('|')[0], arguments[0]), Build(Family.Split('|')[^1], arguments[1]))!,
    };

    public override string ToString() => FormattableString.Invariant($"{Quantity} of {Family}({string.Join(" | ", Arguments.Select(numbers => string.Join(", ", numbers)))}) at {string.Join(", ", Value)}");

    private static Distribution Build(string family, Tensor all)
    {
        Tensor A(int i) => all.select(-1, i);
        Tensor From(int i) => all.narrow(-1, i, all.shape[^1] - i);
        return family switch
        {
            "Normal" => new Normal(A(0), A(1)),
            "Laplace" => new Laplace(A(0), A(1)),
            "LogNormal" => new LogNormal(A(0), A(1)),
            "HalfNormal" => new HalfNormal(A(0)),
            "Uniform" => new Uniform(A(0), A(1)),
            "Exponential" => new Exponential(A(0)),
            "Gamma" => Gamma.FromShapeRate(A(0), A(1)),
            "Gamma by scale" => Gamma.FromShapeScale(A(0), A(1)),
            "Gamma by moments" => Gamma.FromMeanAndStandardDeviation(A(0), A(1)),
            "Chi2" => new Chi2(A(0)),
            "InverseGamma" => InverseGamma.FromShapeScale(A(0), A(1)),
            "Beta" => new Beta(A(0), A(1)),
            "Dirichlet" => new Dirichlet(all),
            "StudentT" => new StudentT(A(0), A(1), A(2)),
            "Cauchy" => new Cauchy(A(0), A(1)),
            "HalfCauchy" => new HalfCauchy(A(0)),
            "Gumbel" => new Gumbel(A(0), A(1)),
            "Logistic" => new Logistic(A(0), A(1)),
            "Pareto" => new Pareto(A(0), A(1)),
            "Weibull" => new Weibull(A(0), A(1)),
            "Kumaraswamy" => new Kumaraswamy(A(0), A(1)),
            "VonMises" => new VonMises(A(0), A(1)),
            "ContinuousBernoulli by logits" => ContinuousBernoulli.FromLogits(A(0)),
            "ContinuousBernoulli by probs" => ContinuousBernoulli.FromProbs(A(0)),
            "Bernoulli by logits" => Bernoulli.FromLogits(A(0)),
            "Bernoulli by probs" => Bernoulli.FromProbs(A(0)),
            "Geometric by logits" => Geometric.FromLogits(A(0)),
            "Geometric by probs" => Geometric.FromProbs(A(0)),
            "Binomial by logits" => Binomial.FromLogits(A(0), A(1)),
            "Binomial by probs" => Binomial.FromProbs(A(0), A(1)),
            "NegativeBinomial by logits" => NegativeBinomial.FromLogits(A(0), A(1)),
            "NegativeBinomial by probs" => NegativeBinomial.FromProbs(A(0), A(1)),
            "NegativeBinomial by mean" => NegativeBinomial.FromMean(A(0), A(1)),
            "Poisson by rate" => Poisson.FromRate(A(0)),
            "Poisson by log rate" => Poisson.FromLogRate(A(0)),
            "BetaBinomial" => new BetaBinomial(A(0), A(1), A(2)),
            "Categorical by logits" => Categorical.FromLogits(all),
            "OneHotCategorical by logits" => OneHotCategorical.FromLogits(all),
            "Multinomial by logits" => Multinomial.FromLogits(A(0), From(1)),
            "DirichletMultinomial" => new DirichletMultinomial(A(0), From(1)),
            "TruncatedNormal" => new TruncatedNormal(A(0), A(1), A(2), A(3)),
            "RelaxedBernoulli by logits" => RelaxedBernoulli.FromLogits(A(0), A(1)),
            "RelaxedBernoulli by probs" => RelaxedBernoulli.FromProbs(A(0), A(1)),
            "RelaxedOneHotCategorical by logits" => RelaxedOneHotCategorical.FromLogits(A(0), From(1)),
            "MultivariateNormal by tril" => MultivariateNormal.FromScaleTril(all.narrow(-1, 0, 2), Matrix(A(2), zeros_like(A(2)), A(3), A(4))),
            "MultivariateNormal by covariance" => MultivariateNormal.FromCovariance(all.narrow(-1, 0, 2), Matrix(A(2), A(3), A(3), A(4))),
            "LowRankMultivariateNormal" => new LowRankMultivariateNormal(all.narrow(-1, 0, 2), all.narrow(-1, 2, 2).unsqueeze(-1), From(4)),
            "ZeroInflated Poisson" => ZeroInflated.FromLogits(A(0), Poisson.FromRate(A(1))),
            "Mixture of Normals" => new MixtureSameFamily(Categorical.FromLogits(all.narrow(-1, 0, 2)), new Normal(all.narrow(-1, 2, 2), From(4))),
            "Normal by exp" => new TransformedDistribution(new Normal(A(0), A(1)), new ExpTransform()),
            "Normal by sigmoid" => new TransformedDistribution(new Normal(A(0), A(1)), new SigmoidTransform()),
            "Normal to event" => new Normal(all.narrow(-1, 0, 2), From(2)).ToEvent(),
            "LKJCholesky 3" => new LKJCholesky(3, A(0)),
            "Wishart 2" => Wishart.FromCovariance(A(0), From(1).diag_embed()),
            _ => throw new ArgumentOutOfRangeException(nameof(family), family),
        };
    }

    private static Tensor Matrix(Tensor first, Tensor above, Tensor under, Tensor last) => stack([stack([first, above], -1), stack([under, last], -1)], -2);

    // A value's numbers as the family has them.
    private static Tensor Laid(string family, Tensor values) => family switch
    {
        "Dirichlet" or "OneHotCategorical by logits" or "Multinomial by logits" or "DirichletMultinomial"
            or "RelaxedOneHotCategorical by logits" or "MultivariateNormal by tril" or "MultivariateNormal by covariance" or "LowRankMultivariateNormal" or "Normal to event" => values,
        "LKJCholesky 3" => CorrelationFactor(values),
        "Wishart 2" => values.diag_embed(),
        _ => values.squeeze(-1),
    };

    private static Tensor CorrelationFactor(Tensor under)
    {
        Tensor V(int i) => under.select(-1, i);
        var zero = zeros_like(V(0));
        Tensor Row(params Tensor[] cells) => stack(cells, -1);
        return stack(
            [
                Row(ones_like(zero), zero, zero),
                Row(V(0), (1 - V(0).square()).sqrt(), zero),
                Row(V(1), V(2), (1 - V(1).square() - V(2).square()).sqrt()),
            ],
            -2);
    }

    private static ExtremeRow Parse(string line)
    {
        var cells = line.Split(',');
        return new(cells[0], cells[1], [.. cells[2].Split('|').Select(Singles)], Singles(cells[3]), Doubles(cells[4]), Doubles(cells[5]),
            [.. Words(cells[6]).Select(word => word == "-" ? ((double, double)?)null : (Number(word.Split(':')[0]), Number(word.Split(':')[1])))]);
    }

    private static string[] Words(string cell) => cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static double[] Singles(string cell) => [.. Words(cell).Select(word => (double)(float)Number(word))];

    private static double[] Doubles(string cell) => [.. Words(cell).Select(Number)];

    private static double Number(string word) => word switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(word, CultureInfo.InvariantCulture),
    };

    private static IEnumerable<string> Lines()
    {
        using var stream = typeof(ExtremeRow).Assembly.GetManifestResourceStream("extremes.csv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
