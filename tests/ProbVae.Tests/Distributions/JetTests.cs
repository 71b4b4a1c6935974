namespace ProbVae.Tests.Distributions;

/// <summary>Numbers with their derivatives; that arithmetic on them differentiates is held by the distribution functions made of it.</summary>
public sealed class JetTests
{
    [Fact]
    public void A_jet_is_constant_where_none_of_its_derivatives_moves()
    {
        Assert.True(new Jet(3).IsConstantWithin(0));
        Assert.True(new Jet(3, 0.1, -0.1, 0.1, -0.1, 0.1).IsConstantWithin(0.51));
        Assert.All(new Jet[] { new(3, A: -1), new(3, B: -1), new(3, AA: -1), new(3, AB: -1), new(3, BB: -1) }, jet => Assert.False(jet.IsConstantWithin(0.99)));
    }

    /// <summary>f = a² b at (3, 2) and e^f at (0, 2), where only ∂²/∂a² = 2b is left.</summary>
    [Fact]
    public void A_product_and_a_power_of_e_have_their_derivatives()
    {
        var (a, b) = (new Jet(3, A: 1), new Jet(2, B: 1));
        Assert.Equal(new Jet(18, 12, 9, 4, 6, 0), a * a * b);
        Assert.Equal(new Jet(18, 9, 12, 0, 6, 4), (a * a * b).Exchanged());
        var zero = new Jet(0, A: 1);
        Assert.Equal(new Jet(1, 0, 0, 4, 0, 0), (zero * zero * b).Exp());
    }

    /// <summary>Every operation on two jets whose derivatives all differ from 0, against differences of the same operation on numbers.</summary>
    [Fact]
    public void Arithmetic_on_jets_differentiates()
    {
        Hold((x, y) => x + y, (x, y) => x + y);
        Hold((x, y) => x - y, (x, y) => x - y);
        Hold((x, y) => x * y, (x, y) => x * y);
        Hold((x, y) => x / y, (x, y) => x / y);
        Hold((x, _) => 1.5 * x, (x, _) => 1.5 * x);
        Hold((x, _) => x.Exp(), (x, _) => Math.Exp(x));
        Hold((x, _) => x.Exchanged(), (x, _) => x, exchanged: true);

        static void Hold(Func<Jet, Jet, Jet> onJets, Func<double, double, double> onNumbers, bool exchanged = false)
        {
            const double h = 1e-4;
            // x = a²b + 2a + 3b² and y = a³ + ab² + b at (0.6, 0.8).
            var result = onJets(new(3.408, 2.96, 5.16, 1.6, 1.2, 6), new(1.4, 1.72, 1.96, 3.6, 1.6, 1.2));
            double At(double a, double b)
            {
                (a, b) = (0.6 + a, 0.8 + b);
                return onNumbers(a * a * b + 2 * a + 3 * b * b, a * a * a + a * b * b + b);
            }

            double[] expected =
            [
                At(0, 0), (At(h, 0) - At(-h, 0)) / (2 * h), (At(0, h) - At(0, -h)) / (2 * h), (At(h, 0) - 2 * At(0, 0) + At(-h, 0)) / (h * h),
                (At(h, h) - At(h, -h) - At(-h, h) + At(-h, -h)) / (4 * h * h), (At(0, h) - 2 * At(0, 0) + At(0, -h)) / (h * h),
            ];
            double[] found = exchanged ? [result.V, result.B, result.A, result.BB, result.AB, result.AA] : [result.V, result.A, result.B, result.AA, result.AB, result.BB];
            Assert.Equal(expected, found, (number, other) => Math.Abs(number - other) <= 1e-5 * Math.Max(1, Math.Abs(number)));
        }
    }
}
