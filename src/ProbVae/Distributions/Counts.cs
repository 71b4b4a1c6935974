using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What the families of counts share: exact densities of large counts, draws that no rate overflows, sums over every count.</summary>
internal static class Counts
{
    // Up to here k log λ − λ − log k! loses no more than 1e-5 in float32; above, its terms grow and their difference does not.
    private const double ExactInSinglePrecision = 64;

    // 2²⁴: the whole numbers up to it are numbers of float32.
    private const long WholeInSinglePrecision = 1L << 24;

    // Above, torch's Poisson sampler overflows its integers, and a draw differs from its rate by less than 1e-7 of it.
    private const double GreatestDrawnRate = 1e15;

    /// <summary>The type in which a density of these counts keeps float32's precision.</summary>
    public static ScalarType WorkingType(Tensor counts, ScalarType dtype) =>
        dtype == ScalarType.Float64 || counts.numel() == 0 || Greatest(counts) <= ExactInSinglePrecision ? dtype : ScalarType.Float64;

    /// <summary>k log p for a count k and a probability, 0 where k is 0 whatever the logarithm is.</summary>
    public static Tensor TimesLog(Tensor count, Tensor log) => count.mul(log.masked_fill(count.eq(0).logical_and(log.isinf()), 0));

    /// <summary>log n! − log k! − log (n − k)!</summary>
    public static Tensor LogChoose(Tensor total, Tensor count) =>
        total.add(1).lgamma().sub(count.add(1).lgamma()).sub(total.sub(count).add(1).lgamma());

    /// <summary>A count of trials as a tensor of whole numbers would come: in the other argument's type.</summary>
    public static TensorLike In(TensorLike total, TensorLike other) =>
        total.Tensor is { } given && !given.is_floating_point() && other.Tensor is { } tensor && tensor.is_floating_point() ? given.to(tensor.dtype) : total;

    /// <summary>A total of counts in the other arguments' type.</summary>
    /// <param name="family">The family, for the sentence.</param>
    /// <param name="total">The total.</param>
    /// <param name="others">The other arguments.</param>
    /// <exception cref="ArgumentException">That type is float32, and the total is no number of float32.</exception>
    public static TensorLike Whole(string family, TensorLike total, params ReadOnlySpan<TensorLike> others)
    {
        var type = total.Tensor is { } own && own.is_floating_point() ? own.dtype : ScalarType.Float32;
        if (type == ScalarType.Float32)
        {
            foreach (var other in others)
            {
                if (other.Tensor is { } tensor && tensor.is_floating_point() && (total.Tensor is null || !total.Tensor.is_floating_point()))
                {
                    type = tensor.dtype;
                    break;
                }
            }
        }

        var given = total.Greatest;
        return type != ScalarType.Float32 || !(given > WholeInSinglePrecision) || given == (float)given ? InType(total, type) : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"{family}: totalCount must be a number of float32, which above {WholeInSinglePrecision} has no odd ones; received {given}. Give the other argument as a float64 tensor, as in tensor(p, float64), and an observation as one of float64 or whole numbers."));
    }

    private static TensorLike InType(TensorLike total, ScalarType type) => total.Tensor is { } given && !given.is_floating_point() ? given.to(type) : total;

    /// <summary>Poisson draws (Hörmann 1993, The Transformed Rejection Method for Generating Poisson Random Variables, as torch has it).</summary>
    /// <param name="rate">The rates in float64, of the draws' shape; they may be infinite.</param>
    /// <param name="dtype">The draws' type, whose greatest number they do not exceed.</param>
    /// <param name="generator">The stream.</param>
    public static Tensor PoissonDraw(Tensor rate, ScalarType dtype, Generator generator)
    {
        var draws = rate.clamp_max(GreatestDrawnRate).poisson(generator);
        return where(rate.gt(GreatestDrawnRate), rate.floor(), draws).clamp_max(finfo(dtype).max).to(dtype);
    }

    /// <summary>Binomial draws in float64 by inversion or rejection (Hörmann 1993, The Generation of Binomial Random Variates, as torch has it).</summary>
    public static Tensor BinomialDraw(Tensor total, Tensor probs, Shape shape, Generator generator) =>
        total.to(ScalarType.Float64).expand(shape.ToArray()).contiguous().binomial(probs.to(ScalarType.Float64).expand(shape.ToArray()).contiguous(), generator);

    /// <summary>
    /// Counts of each category in so many draws: one binomial after another of what the categories before left over
    /// (Devroye 1986, Non-Uniform Random Variate Generation, XI.1.4).
    /// </summary>
    /// <param name="total">How many draws; broadcasts with the probabilities' batch.</param>
    /// <param name="probs">Probabilities in float64 along the last axis, whose sum may be any.</param>
    /// <param name="shape">Sample + batch + categories.</param>
    /// <param name="generator">The stream.</param>
    public static Tensor MultinomialDraw(Tensor total, Tensor probs, Shape shape, Generator generator)
    {
        var (batch, categories) = (shape[..^1], shape[shape.Rank - 1]);
        var remaining = total.to(ScalarType.Float64).expand(batch.ToArray());
        var mass = probs.flip(-1).cumsum(-1).flip(-1);
        var counts = new List<Tensor>();
        for (var k = 0L; k < categories - 1; k++)
        {
            var (here, left) = (probs.select(-1, k), mass.select(-1, k));
            var share = here.div(left.masked_fill(left.eq(0), 1)).clamp(0, 1);
            counts.Add(BinomialDraw(remaining, share, batch, generator));
            remaining = remaining.sub(counts[^1]);
        }

        return stack([.. counts, remaining], -1);
    }

    /// <summary>Σ P(k) f(k) over the counts from 0 to each element's total, along a new first axis.</summary>
    /// <param name="total">The greatest count of each element.</param>
    /// <param name="batch">The elements' shape.</param>
    /// <param name="logMass">log P of counts of shape K + 1 before the batch.</param>
    /// <param name="function">f, of the counts and of log P where P is not 0.</param>
    public static Tensor Expect(Tensor total, Shape batch, Func<Tensor, Tensor> logMass, Func<Tensor, Tensor, Tensor> function)
    {
        var all = arange((long)Greatest(total) + 1, dtype: total.dtype, device: total.device)
            .reshape([-1, .. Enumerable.Repeat(1L, batch.Rank)]);
        var counts = all.minimum(total).detach();
        var log = logMass(counts);
        var impossible = all.gt(total).logical_or(log.isneginf());
        var finite = log.masked_fill(impossible, 0);
        return finite.exp().mul(function(counts, finite)).masked_fill(impossible, 0).sum(dim: 0);
    }

    private static double Greatest(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return HostNumbers.Range(value) is var (_, greatest) ? greatest : value.max().to(ScalarType.Float64).item<double>();
    }
}
