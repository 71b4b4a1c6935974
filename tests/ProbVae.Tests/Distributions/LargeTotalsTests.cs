using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Case B8: totals above 2²⁴, which float32 does not count to, are exact in float64 and refused in float32.</summary>
public sealed class LargeTotalsTests
{
    public static TheoryData<string> Families => ["Binomial", "Multinomial", "BetaBinomial", "DirichletMultinomial"];

    [Theory]
    [MemberData(nameof(Families))]
    public void TheyAreExactOrRefused(string family)
    {
        using var scope = NewDisposeScope();
        TensorLike[] forms = [20_000_001.0, tensor(20_000_001L), tensor(20_000_001.0), new[] { 5.0, 20_000_001 }];
        foreach (var total in forms)
        {
            if (total.Tensor is null || !total.Tensor.is_floating_point())
            {
                var error = Assert.Throws<ArgumentException>(() => Of(family, total, ScalarType.Float32));
                Assert.Equal($"{family}: totalCount must be a number of float32, which above 16777216 has no odd ones; received 20000001. Give the other argument as a float64 tensor, as in tensor(p, float64), and an observation as one of float64 or whole numbers.", error.Message);
            }

            var distribution = Of(family, total, ScalarType.Float64);
            var draws = distribution.Sample(new RandomKey(3), 50);
            Assert.Equal(ScalarType.Float64, draws.dtype);
            var score = distribution.LogProb(draws);
            Assert.True(score.isfinite().all().ToBoolean());
            Assert.Equal(score.data<double>().ToArray(), distribution.LogProb(draws.to(ScalarType.Int64)).data<double>().ToArray());
        }

        Of(family, 16_777_216, ScalarType.Float32).LogProb(Of(family, 16_777_216, ScalarType.Float32).Sample(new RandomKey(1), 20));
    }

    private static Distribution Of(string family, TensorLike total, ScalarType dtype) => family switch
    {
        "Binomial" => Binomial.FromProbs(total, tensor(0.3, dtype)),
        "Multinomial" => Multinomial.FromProbs(total, tensor([0.2, 0.3, 0.5], dtype)),
        "BetaBinomial" => new BetaBinomial(total, tensor(2.0, dtype), tensor(3.0, dtype)),
        _ => new DirichletMultinomial(total, tensor([2.0, 3, 4], dtype)),
    };
}
