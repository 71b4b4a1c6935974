using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Arguments outside their range are refused by family, name, value and place.</summary>
public sealed class ArgumentTests
{
    public static TheoryData<string> Names => Families.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void An_argument_outside_its_range_is_refused(string name)
    {
        var family = Families.ByName(name);
        for (var i = 0; i < family.Arguments.Length; i++)
        {
            var argument = family.Arguments[i];
            foreach (var invalid in argument.Invalid)
            {
                var inputs = family.Repeated(family.Example(0), [3]);
                inputs[i][1] = tensor(invalid).reshape(inputs[i][1].shape);
                var distribution = family.Build(inputs);
                foreach (var use in new Action[] { () => distribution.LogProb(zeros(3, ScalarType.Float64)), () => distribution.Sample(new RandomKey(1)) })
                {
                    var error = Assert.Throws<ArgumentException>(use);
                    Assert.StartsWith($"{distribution.Family}: {argument.Name} must be ", error.Message, StringComparison.Ordinal);
                    Assert.Contains(invalid[0].ToString("G6", CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
                    Assert.Matches(@"at \(1(, 0)?\) of shape \(3", error.Message);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Expanding_does_not_hide_an_argument_outside_its_range(string name)
    {
        var family = Families.ByName(name);
        var inputs = family.Tensors(family.Example(0));
        inputs[0] = tensor(family.Arguments[0].Invalid[0]).reshape(inputs[0].shape);
        Assert.Throws<ArgumentException>(() => family.Build(inputs).Expand([2, 3]).ToEvent().Sample(new RandomKey(1)));
    }

    [Fact]
    public void Numbers_are_refused_at_construction()
    {
        var error = Assert.Throws<ArgumentException>(() => new Normal(0, -1));
        Assert.Equal("Normal: scale must be a real number > 0; received -1.", error.Message);
    }

    [Fact]
    public void Uniform_bounds_out_of_order_are_refused()
    {
        var uniform = new Uniform(tensor([0.0, 2.0]), 1);
        var error = Assert.Throws<ArgumentException>(() => uniform.Sample(new RandomKey(1)));
        Assert.Equal("Uniform: low must be less than high; received low 2 and high 1 at (1) of shape (2).", error.Message);
        Assert.Contains("received low 1 and high 1.", Assert.Throws<ArgumentException>(() => new Uniform(1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_that_do_not_sum_to_one_are_refused_with_their_sum()
    {
        var error = Assert.Throws<ArgumentException>(() => Categorical.FromProbs(new[] { 0.25, 0.5, 0.5 }));
        Assert.Equal("Categorical: probs must be a vector of numbers ≥ 0 that sum to 1; received [0.25, 0.5, 0.5] with the sum 1.25.", error.Message);
    }

    [Fact]
    public void A_grey_value_is_told_the_way_out()
    {
        var error = Assert.Throws<ArgumentException>(() => Bernoulli.FromLogits(0).LogProb(tensor(0.5)));
        Assert.StartsWith("Bernoulli: a value must be 0 or 1; received 0.5. Binarize the value, or take numbers between 0 and 1 as expected bits: Bernoulli.FromLogits(logits, soft: true).", error.Message, StringComparison.Ordinal);
        var soft = Assert.Throws<ArgumentException>(() => Bernoulli.FromLogits(0, soft: true).LogProb(tensor(1.5)));
        Assert.DoesNotContain("Binarize", soft.Message, StringComparison.Ordinal);
    }
}
