using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>
/// Gradients of draws keep 1e-4 at the ends of the arguments' ranges, in float32 as in float64: draw by draw they are −(∂F/∂θ)/p at the
/// draw (Figurnov, Mohamed and Mnih 2018), with F and p worked out in float64.
/// </summary>
public sealed class PathwiseTests
{
    private const double Tolerance = 1e-4;
    private const int Draws = 24;

    private static readonly RandomKey Key = new(41);

    private static readonly double[] Shapes = [1e-8, 1e-3, 0.3, 1, 5.5, 63, 1e3, 1e6, 1e9, 1e12];
    private static readonly double[] Scales = [1e-30, 1e-8, 1, 1e30];

    public static TheoryData<string, ScalarType> Rows { get; } = new(Families.Keys.SelectMany(name => new[] { (name, ScalarType.Float32), (name, ScalarType.Float64) }));

    private static Dictionary<string, (Func<Tensor[], Distribution> Make, double[][] Arguments)> Families => new()
    {
        ["Gamma"] = (a => Gamma.FromShapeRate(a[0], a[1]), Grid(Shapes, Scales)),
        ["Gamma by scale"] = (a => Gamma.FromShapeScale(a[0], a[1]), Grid(Shapes, Scales)),
        ["Gamma by moments"] = (a => Gamma.FromMeanAndStandardDeviation(a[0], a[1]), [.. Grid([1e-20, 1, 1e20], [1e-6, 1e-3, 0.3, 1, 8]).Select(pair => new[] { pair[0], pair[0] * pair[1] })]),
        ["Chi2"] = (a => new Chi2(a[0]), Grid(Shapes)),
        ["InverseGamma"] = (a => InverseGamma.FromShapeScale(a[0], a[1]), Grid(Shapes, Scales)),
        ["Normal"] = (a => new Normal(a[0], a[1]), Grid([0], Scales)),
        ["LogNormal"] = (a => new LogNormal(a[0], a[1]), Grid([-60, 0, 50], [1e-6, 1e-3, 1, 5])),
        ["HalfNormal"] = (a => new HalfNormal(a[0]), Grid(Scales)),
        ["Exponential"] = (a => new Exponential(a[0]), Grid(Scales)),
        ["Laplace"] = (a => new Laplace(a[0], a[1]), Grid([0], Scales)),
        ["Logistic"] = (a => new Logistic(a[0], a[1]), Grid([0], Scales)),
        ["Gumbel"] = (a => new Gumbel(a[0], a[1]), Grid([0], Scales)),
        ["Cauchy"] = (a => new Cauchy(a[0], a[1]), Grid([0], Scales)),
        ["HalfCauchy"] = (a => new HalfCauchy(a[0]), Grid(Scales)),
        ["Uniform"] = (a => new Uniform(a[0], a[1]), Grid([0], Scales)),
        ["Weibull"] = (a => new Weibull(a[0], a[1]), Grid(Scales, Shapes)),
        ["Pareto"] = (a => new Pareto(a[0], a[1]), Grid(Scales, Shapes)),
        ["Kumaraswamy"] = (a => new Kumaraswamy(a[0], a[1]), Grid([1e-3, 0.3, 1, 5.5, 1e3, 1e6], [1e-3, 0.3, 1, 5.5, 1e3, 1e6, 1e12])),
        ["ContinuousBernoulli"] = (a => ContinuousBernoulli.FromLogits(a[0]), Grid([-1e4, -80, -3, -1e-3, 0, 1e-5, 0.7, 20, 1e4])),
        ["RelaxedBernoulli"] = (a => RelaxedBernoulli.FromLogits(a[0], a[1]), Grid([1e-3, 0.1, 1, 30, 1e4], [-1e4, -30, -1, 0, 0.5, 10])),
        ["RelaxedBernoulli by probs"] = (a => RelaxedBernoulli.FromProbs(a[0], a[1]), Grid([0.1, 1, 30], [1e-30, 1e-3, 0.4, 0.999])),
        ["TruncatedNormal"] = (a => new TruncatedNormal(a[0], a[1], a[2], a[3]),
        [
            [0, 1, -1, 2], [0, 1, 3, 5], [0, 1, 30, 31], [0, 1, 1e4, 2e4], [0, 1, -1e4, -9e3], [0, 1, -40, 0.5], [3, 1e-3, 3, 4], [0, 1e30, -1e30, 2e30], [0, 1e-30, 1e-30, 3e-30],
            [0, 1e8, -1, 1], [5, 2, 0, double.PositiveInfinity], [0, 1, 20, double.PositiveInfinity], [0, 1, double.NegativeInfinity, -7], [0, 1, 1, 1.0009765625],
        ]),
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Gradients_of_draws_keep_their_digits(string family, ScalarType dtype)
    {
        var (make, all) = Families[family];
        List<string> problems = [];
        var held = 0;
        foreach (var numbers in all)
        {
            using var scope = NewDisposeScope();
            var inputs = numbers.Select(number => full(Draws, number, dtype).requires_grad_()).ToArray();
            var draws = make(inputs).Sample(Key);
            draws.sum().backward();
            var at = draws.detach();
            // The draw is rounded, and so is what it tells of itself: its neighbours' gradients stand beside its own.
            var expected = new[] { 0, -4, 4 }.Select(ulps => Implicit(make, inputs, at.to(ScalarType.Float64).mul(1 + (ulps * finfo(dtype).eps)))).ToArray();
            // Draws that were kept to the numbers of their type do not move.
            var inside = at.abs().gt(finfo(dtype).tiny * (dtype == ScalarType.Float64 ? 1e40 : 1.01)).logical_and(at.abs().lt(finfo(dtype).max * 0.99));
            for (var i = 0; i < inputs.Length; i++)
            {
                var slope = (inputs[i].grad ?? zeros_like(inputs[i])).to(ScalarType.Float64);
                for (var draw = 0; draw < Draws; draw++)
                {
                    double[] around = [.. expected.Select(each => each[i][draw].item<double>())];
                    if (!inside[draw].ToBoolean() || !around.All(double.IsFinite) || !double.IsFinite(numbers[i]))
                    {
                        continue;
                    }

                    // Small differences: of what a truncated normal's bounds do where it is all but uniform, of what shape and rate do to a narrow gamma.
                    var terms = family switch
                    {
                        "TruncatedNormal" => 1e-14 * (i == 1 ? numbers.Where(double.IsFinite).Max(Math.Abs) / numbers[1] : 1),
                        "Gamma by moments" => 1e-10 * numbers[0] / numbers[1],
                        // The reference's own (x/λ)ᵏ.
                        "Weibull" or "Pareto" => 1e-15 * numbers[1] * Math.Abs(around[0]),
                        _ => 0,
                    };
                    var (found, error) = (slope[draw].item<double>(), Tolerance * Math.Abs(around[0]) + terms + finfo(dtype).tiny);
                    var beyond = Math.Abs(around[0]) >= finfo(dtype).max && Math.Abs(found) >= finfo(dtype).max * 0.99;
                    held++;
                    if (!beyond && !(found >= around.Min() - error && found <= around.Max() + error))
                    {
                        problems.Add(FormattableString.Invariant($"{family}({string.Join(", ", numbers)}) at {at[draw].ToDouble():G9}: slope {i} is {found:G9}, not {around[0]:G9} ({around[1]:G9}, {around[2]:G9})"));
                    }
                }
            }
        }

        Assert.True(problems.Count == 0, $"{problems.Count} of {held} gradients are off:\n{string.Join('\n', problems.Take(40))}");
        Assert.True(held > all.Length * Draws / 2, $"{held} gradients were held against theirs.");
    }

    /// <summary>By mpmath, also where the draw is below the numbers of float64.</summary>
    [Fact]
    public void A_gamma_draws_slope_has_seven_digits()
    {
        foreach (var row in Slopes("StandardGamma"))
        {
            var (log, shape) = (row.Value[0], row.Arguments[0][0]);
            var slope = Slope(log, shape);
            Assert.True(Math.Abs(slope / row.Result[0] - 1) < 1e-7, $"{row}: {slope:G12}, not {row.Result[0]:G12}");
            // In a draw's ratio to its mean, all that is left is what it differs from 1/α by.
            var (rest, expected) = (slope * shape - 1, row.Result[0] * shape - 1);
            Assert.True(Math.Abs(rest / expected - 1) < Tolerance, $"{row}: {slope:G12}, not {row.Result[0]:G12}");
        }
    }

    /// <summary>Through Z √(ν/2G) by G's slope; with ½/ν − G's, of which little is left where ν is large.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Draws_of_a_Student_t_keep_their_slopes(ScalarType dtype)
    {
        foreach (var df in Shapes)
        {
            using var scope = NewDisposeScope();
            var (shape, loc, scale) = (full(Draws, df, dtype).requires_grad_(), full(Draws, 0.0, dtype).requires_grad_(), full(Draws, 1.0, dtype).requires_grad_());
            var draws = new StudentT(shape, loc, scale).Sample(Key);
            draws.sum().backward();
            var inner = Stirling.IsEveryday(shape.mul(0.5)) ? dtype : ScalarType.Float64;
            using var generator = Key.NewGenerator();
            var logs = Numbers(StandardGamma.LogDraw(shape.detach().to(inner).mul(0.5), [Draws], generator));
            var (values, found) = (Numbers(draws), Numbers(shape.grad!));
            for (var i = 0; i < Draws; i++)
            {
                var (nu, log) = (shape[i].ToDouble(), logs[i]);
                if (Math.Abs(values[i]) < 1e-2 * finfo(dtype).max * Math.Exp(-2))
                {
                    var expected = values[i] / (2 * nu) * (1 - nu / 2 * Slope(log, nu / 2));
                    Assert.True(Math.Abs(found[i] - expected) <= Tolerance * Math.Abs(expected) + finfo(dtype).tiny, $"{df}: {found[i]:G9}, not {expected:G9}");
                }
            }
        }
    }

    /// <summary>Through σ(log G − log H) by their slopes: z (1 − z) times G's.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Draws_of_a_beta_keep_their_slopes(ScalarType dtype)
    {
        foreach (var numbers in Grid(Shapes, Shapes))
        {
            using var scope = NewDisposeScope();
            var (one, zero) = (full(Draws, numbers[0], dtype).requires_grad_(), full(Draws, numbers[1], dtype).requires_grad_());
            var draws = new Beta(one, zero).Sample(Key);
            draws.sum().backward();
            var inner = Stirling.IsEveryday(one) && Stirling.IsEveryday(zero) ? dtype : ScalarType.Float64;
            using var generator = Key.NewGenerator();
            var logG = Numbers(StandardGamma.LogDraw(one.detach().to(inner), [Draws], generator));
            var logH = Numbers(StandardGamma.LogDraw(zero.detach().to(inner), [Draws], generator));
            var (values, byOne, byZero) = (Numbers(draws), Numbers(one.grad!), Numbers(zero.grad!));
            for (var i = 0; i < Draws; i++)
            {
                var limits = finfo(dtype);
                if (values[i] > limits.tiny * 1.01 && values[i] < 1 - limits.eps)
                {
                    var complement = 1 / (1 + Math.Exp(logG[i] - logH[i]));
                    // Next to 1 a draw's distance from 1 is rounded with it.
                    var rounded = Tolerance + finfo(inner).eps / complement;
                    Near(byOne[i], values[i] * complement * Slope(logG[i], one[i].ToDouble()), rounded);
                    Near(byZero[i], -values[i] * complement * Slope(logH[i], zero[i].ToDouble()), rounded);
                }
            }

            void Near(double found, double expected, double error) => Assert.True(
                Math.Abs(found - expected) <= error * Math.Abs(expected) + finfo(dtype).tiny, $"{string.Join(", ", numbers)}: {found:G9}, not {expected:G9}");
        }
    }

    /// <summary>By mpmath.</summary>
    [Fact]
    public void A_von_Mises_draws_slope_keeps_its_digits()
    {
        using var scope = NewDisposeScope();
        foreach (var row in Slopes("VonMises"))
        {
            var (angle, concentration) = (tensor(row.Value[0]), tensor(row.Arguments[0][0]));
            var slope = VonMises.Slope(angle, concentration, new VonMises(0, concentration).Variance).item<double>();
            Assert.True(Math.Abs(slope / row.Result[0] - 1) < Tolerance, $"{row}: {slope:G12}, not {row.Result[0]:G12}");
        }
    }

    private static double Slope(double log, double shape) => StandardGamma.LogSlope(Math.Exp(log), log, shape, tensor(shape).add(1).digamma().item<double>());

    private static double[] Numbers(Tensor numbers) => numbers.detach().to(ScalarType.Float64).data<double>().ToArray();

    private static ExtremeRow[] Slopes(string family)
    {
        ExtremeRow[] rows = [.. ExtremeRow.All.Where(row => row.Family == family && row.Quantity == "slope")];
        Assert.NotEmpty(rows);
        return rows;
    }

    /// <summary>−(∂F/∂θ)/p in each argument.</summary>
    private static Tensor[] Implicit(Func<Tensor[], Distribution> make, Tensor[] inputs, Tensor value)
    {
        var arguments = inputs.Select(input => input.detach().to(ScalarType.Float64).clone().requires_grad_()).ToArray();
        var distribution = make(arguments);
        var cdf = distribution.Cdf(value);
        cdf.sum().backward();
        using var noGrad = no_grad();
        // Where F is rounded to 0 or 1 its derivatives may be, too.
        var density = distribution.Score(value).exp().masked_fill(cdf.le(0).logical_or(cdf.ge(1 - 1e-12)), double.NaN);
        return [.. arguments.Select(argument => argument.grad!.neg().div(density))];
    }

    private static double[][] Grid(params double[][] axes) =>
        axes.Aggregate((double[][])[[]], (rows, axis) => [.. rows.SelectMany(row => axis.Select(number => (double[])[.. row, number]))]);
}
