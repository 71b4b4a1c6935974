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
}
