using MathNet.Numerics;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Distribution functions by the incomplete gamma and beta functions, their inverses, their derivatives, and entropies that are sums over counts.</summary>
public sealed class DistributionFunctionTests
{
    /// <summary>From mpmath with 40 digits, by its series or by quadrature of the density: far tails, small and large parameters.</summary>
    public static TheoryData<string, double[], double, double> FarOut => new()
    {
        { "Gamma", [1e-3, 1], 1e-5, 0.98912304469578267 },
        { "Gamma", [3000.5, 1], 2900, 0.032192158204959473 },
        { "Gamma", [1e6, 1], 1e6 + 1500, 0.93313889576410224 },
        { "Gamma", [1e8, 1], 1e8 - 30000, 0.0013487164491615506 },
        { "InverseGamma", [0.5, 1], 1 / 30.0, 9.4857375710738484e-15 },
        { "InverseGamma", [20, 1], 1 / 300.0, 5.250200358730518e-101 },
        { "Poisson", [300], 19, 5.250200358730518e-101 },
        { "Beta", [1e-3, 2], 1e-10, 0.97821445817666877 },
        { "Beta", [1e5, 3], 0.99997, 0.42317327793863333 },
        { "Beta", [0.5, 0.5], 1e-20, 6.3661977236758133e-11 },
        { "Beta", [5000, 4000], 0.55, 0.14444343162632712 },
        { "Beta", [1e6, 2e6], 0.3335, 0.72988243250368331 },
        { "Beta", [2, 1e7], 3e-7, 0.80085181614526503 },
        { "Beta", [300, 0.01], 0.9, 6.317417378253159e-18 },
        { "StudentT", [0.1, 0, 1], -1e5, 0.13198724418620106 },
        { "StudentT", [3, 0, 1], -50, 8.8085760206359871e-6 },
        { "StudentT", [30, 0, 1], 2, 0.97268747751850845 },
        { "StudentT", [2.5, 0, 1], 1e-9, 0.50000000036180872 },
        { "StudentT", [1e4, 0, 1], -4, 3.1899334411569816e-5 },
        { "StudentT", [1e8, 0, 1], -6, 9.8659101715764353e-10 },
        { "StudentT", [1e12, 0, 1], -6, 9.8658764537490964e-10 },
    };

    /// <summary>Sums of −P log P with 25 digits by mpmath; those of a large rate by the expansion ½ log 2πeλ − 1/(12λ) − 1/(24λ²) − 19/(360λ³).</summary>
    public static TheoryData<string, double[], double> Entropies => new()
    {
        { "Poisson", [0], 0 },
        { "Poisson", [0.01], 0.056086311342591 },
        { "Poisson", [3], 1.93147019814857 },
        { "Poisson", [200], 4.06767950147673 },
        { "Poisson", [1e4], 6.02410038544271 },
        { "Poisson", [1e8], 10.6292789043475 },
        { "NegativeBinomial", [0.5, 0], 0 },
        { "NegativeBinomial", [0.5, 0.3], 0.562621879038058 },
        { "NegativeBinomial", [2.5, 0.9], 3.97828172202796 },
        { "NegativeBinomial", [0.05, 0.99], 1.29231064830331 },
        { "NegativeBinomial", [0.5, 0.9995], 7.70395092341026 },
        { "NegativeBinomial", [30, 0.99], 7.70847783672165 },
        { "BetaBinomial", [0, 1, 1], 0 },
        { "BetaBinomial", [10, 0.5, 2], 1.87737577404907 },
        { "BetaBinomial", [20000, 0.3, 0.7], 9.07918342200849 },
        { "BetaBinomial", [20000, 200, 300], 7.51279669110761 },
        { "BetaBinomial", [5000, 3, 2], 8.28278597200477 },
        // Uniform over n + 1 counts.
        { "BetaBinomial", [16_000_000, 1, 1], 16.588099342893 },
    };

    private static readonly double[] Probabilities = [1e-300, 1e-12, 1e-4, 0.3, 0.5, 0.75, 0.999, 1 - 1e-12];

    [Theory]
    [MemberData(nameof(FarOut))]
    public void FarOutTheyHaveAllTheirDigits(string family, double[] arguments, double value, double expected)
    {
        using var scope = NewDisposeScope();
        var cdf = Of(family, arguments).Cdf(tensor(value)).item<double>();
        // A parameter of 10⁸ leaves the point itself that much less to tell: 10⁻¹⁶ of the value is 10⁻¹² of a deviation.
        Assert.Equal(1, cdf / expected, 2e-11);
        double[] rounded = [.. arguments.Select(number => (double)(float)number)];
        var single = Of(family, arguments, ScalarType.Float32).Cdf(tensor((float)value)).item<float>();
        Assert.Equal(Of(family, rounded).Cdf(tensor((double)(float)value)).item<double>(), single, 1e-7);
    }

    [Fact]
    public void TheyAreMathNets()
    {
        using var scope = NewDisposeScope();
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            var (a, b, x) = (Math.Exp(6 * random.NextDouble() - 2), Math.Exp(6 * random.NextDouble() - 2), random.NextDouble());
            Near(MathNet.Numerics.Distributions.Beta.CDF(a, b, x), Of("Beta", [a, b]), x);
            Near(SpecialFunctions.GammaLowerRegularized(a, 2 * a * x), Of("Gamma", [a, 1]), 2 * a * x);
            Near(MathNet.Numerics.Distributions.StudentT.CDF(0.5, 2, a, 8 * x - 4), Of("StudentT", [a, 0.5, 2]), 8 * x - 4);
            var (n, k) = (random.Next(1, 60), random.Next(0, 60));
            Near(MathNet.Numerics.Distributions.Binomial.CDF(x, n, Math.Min(k, n)), Of("Binomial", [n, x]), k);
            Near(MathNet.Numerics.Distributions.NegativeBinomial.CDF(a, 1 - x, k), Of("NegativeBinomial", [a, x]), k);
            Near(MathNet.Numerics.Distributions.Poisson.CDF(a, k), Of("Poisson", [a]), k);
        }

        static void Near(double expected, Distribution distribution, double at)
        {
            // MathNet has no answer for a few.
            if (!double.IsNaN(expected))
            {
                Assert.Equal(expected, distribution.Cdf(tensor(at)).item<double>(), 1e-11);
            }
        }
    }

    [Theory]
    [InlineData("Binomial", new[] { 12, 0.3 })]
    [InlineData("Binomial", new[] { 12, 0.0 })]
    [InlineData("Binomial", new[] { 12, 1.0 })]
    [InlineData("Binomial", new[] { 0, 0.5 })]
    [InlineData("NegativeBinomial", new[] { 2.5, 0.4 })]
    [InlineData("NegativeBinomial", new[] { 2.5, 0.0 })]
    [InlineData("Poisson", new[] { 3.5 })]
    [InlineData("Poisson", new[] { 0.0 })]
    public void CountsSumTheirMasses(string family, double[] arguments)
    {
        using var scope = NewDisposeScope();
        var distribution = Of(family, arguments);
        var top = family == "Binomial" ? (int)arguments[0] : 12;
        var masses = distribution.Score(arange(top + 1, dtype: ScalarType.Float64)).exp().cumsum(0).data<double>().ToArray();
        var cdf = distribution.Cdf(arange(top + 1, dtype: ScalarType.Float64).add(0.25)).data<double>().ToArray();
        Assert.All(masses.Zip(cdf), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        // Counts come as whole numbers too.
        Assert.Equal(cdf, distribution.Cdf(arange(top + 1)).data<double>().ToArray());
        Assert.Equal([0.0, 1, 1], distribution.Cdf(tensor([-1.0, 1e12, double.PositiveInfinity])).data<double>().ToArray());
    }

    [Theory]
    [InlineData("Gamma", new[] { 2.5, 3 })]
    [InlineData("Gamma", new[] { 0.05, 1 })]
    [InlineData("Gamma", new[] { 1e7, 10 })]
    [InlineData("InverseGamma", new[] { 2.5, 3 })]
    [InlineData("Chi2", new[] { 3.0 })]
    [InlineData("Beta", new[] { 2.5, 0.7 })]
    [InlineData("Beta", new[] { 1e6, 3e6 })]
    [InlineData("StudentT", new[] { 2.5, 1, 3 })]
    [InlineData("StudentT", new[] { 1e9, 0, 1 })]
    public void QuantilesHaveTheirProbabilities(string family, double[] arguments)
    {
        using var scope = NewDisposeScope();
        var distribution = Of(family, arguments);
        var values = distribution.InverseCdf(tensor(Probabilities));
        var again = distribution.Cdf(values).data<double>().ToArray();
        var tiny = values.data<double>().ToArray().Select(x => Math.Abs(x) <= 1e-307).ToArray();
        for (var i = 0; i < again.Length; i++)
        {
            // Beyond the least number of the type there is no quantile; elsewhere x by its last digit is p by as many deviations.
            Assert.True(tiny[i] || Math.Abs(again[i] - Probabilities[i]) <= 1e-9 * Math.Min(Probabilities[i], 0.03 + 1 - Probabilities[i]), $"{family}: {again[i]} for {Probabilities[i]}");
        }

        var single = Of(family, arguments, ScalarType.Float32).InverseCdf(tensor([0.25f, 0.5f, 0.875f]));
        Assert.Equal(ScalarType.Float32, single.dtype);
        var exact = distribution.InverseCdf(tensor([0.25, 0.5, 0.875])).data<double>().ToArray();
        Assert.All(single.data<float>().ToArray().Zip(exact), pair => Assert.Equal(pair.Second, pair.First, 2e-7 * Math.Max(1, Math.Abs(pair.Second))));
    }

    /// <summary>First and second derivatives in every argument, the point and the probability, where one has an implicit gradient.</summary>
    [Theory]
    [InlineData("Gamma", new[] { 2.5, 3 }, 0.7)]
    [InlineData("Gamma", new[] { 0.3, 1 }, 2)]
    [InlineData("Gamma", new[] { 3500.0, 1 }, 3550)]
    [InlineData("InverseGamma", new[] { 2.5, 3 }, 0.7)]
    [InlineData("Beta", new[] { 2.5, 0.7 }, 0.6)]
    [InlineData("Beta", new[] { 0.3, 4 }, 0.01)]
    [InlineData("Beta", new[] { 3500.0, 4000 }, 0.47)]
    [InlineData("StudentT", new[] { 2.5, 1, 3 }, -2)]
    [InlineData("StudentT", new[] { 7.0, 1, 3 }, 1.5)]
    [InlineData("StudentT", new[] { 7.0, 0, 1 }, 0.0)]
    [InlineData("NegativeBinomial", new[] { 2.5, 0.4 }, 3)]
    [InlineData("Poisson", new[] { 2.5 }, 3)]
    public void DerivativesAreFiniteDifferences(string family, double[] arguments, double at)
    {
        using var scope = NewDisposeScope();
        var isCount = family is "NegativeBinomial" or "Poisson";
        Tensor[] inputs = [.. arguments.Select(number => tensor(number)), tensor(at)];
        Hold(from => Build(family, from[..^1]).Cdf(from[^1]), inputs, isCount);
        if (!isCount)
        {
            inputs[^1] = tensor(0.3);
            Hold(from => Build(family, from[..^1]).InverseCdf(from[^1]), inputs, isCount);
        }
    }

    [Theory]
    [MemberData(nameof(Entropies))]
    public void EntropiesAreTheirSums(string family, double[] arguments, double expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Of(family, arguments).Entropy.item<double>(), expected > 8 ? 1e-6 : 1e-8);
        Assert.Equal(expected, Of(family, arguments, ScalarType.Float32).Entropy.item<float>(), 1e-4);
    }

    [Fact]
    public void EntropiesOfABatchAreThoseOfItsElements()
    {
        using var scope = NewDisposeScope();
        var rates = tensor([0.5, 3000, 20]);
        var whole = Poisson.FromRate(rates).Entropy.data<double>().ToArray();
        Assert.Equal(rates.data<double>().ToArray().Select(rate => Of("Poisson", [rate]).Entropy.item<double>()).Select(number => Math.Round(number, 10)), whole.Select(number => Math.Round(number, 10)));
        Assert.Equal([2L, 3L], Poisson.FromRate(rates).Expand([2, 3]).Entropy.shape);
    }

    private static void Hold(Func<Tensor[], Tensor> function, Tensor[] inputs, bool isCount)
    {
        Tensor[] leaves = [.. inputs.Select(input => input.clone().requires_grad_(true))];
        var first = Gradients.Of(function(leaves), leaves, differentiable: true);
        for (var i = 0; i < inputs.Length - (isCount ? 1 : 0); i++)
        {
            var numeric = FiniteDifferences.Gradient(inputs, i, from => function(from).item<double>(), Step(inputs[i])).Single();
            Assert.Equal(numeric, first[i].item<double>(), 1e-6 * Math.Max(1, Math.Abs(numeric)));
            for (var j = 0; j < inputs.Length - (isCount ? 1 : 0); j++)
            {
                var second = first[i].requires_grad ? Gradients.Of(first[i], [leaves[j]], keepGraph: true)[0].item<double>() : 0;
                var expected = FiniteDifferences.Gradient(inputs, j, from => Slope(from, i), Step(inputs[j])).Single();
                Assert.Equal(expected, second, 1e-5 * Math.Max(1, Math.Abs(expected)));
            }
        }

        static double Step(Tensor input) => input.item<double>() is var number && number == 0 ? 1e-5 : 3e-6 * Math.Abs(number);

        double Slope(Tensor[] from, int which)
        {
            using var gradients = enable_grad();
            Tensor[] moved = [.. from.Select(input => input.clone().requires_grad_(true))];
            return Gradients.Of(function(moved), moved)[which].item<double>();
        }
    }

    private static Distribution Of(string family, double[] arguments, ScalarType dtype = ScalarType.Float64) => Build(family, [.. arguments.Select(number => tensor(number, dtype))]);

    private static Distribution Build(string family, Tensor[] a) => family switch
    {
        "Gamma" => Gamma.FromShapeRate(a[0], a[1]),
        "InverseGamma" => InverseGamma.FromShapeScale(a[0], a[1]),
        "Chi2" => new Chi2(a[0]),
        "Beta" => new Beta(a[0], a[1]),
        "StudentT" => new StudentT(a[0], a[1], a[2]),
        "Binomial" => Binomial.FromProbs(a[0], a[1]),
        "NegativeBinomial" => NegativeBinomial.FromProbs(a[0], a[1]),
        "BetaBinomial" => new BetaBinomial(a[0], a[1], a[2]),
        _ => Poisson.FromRate(a[0]),
    };
}
