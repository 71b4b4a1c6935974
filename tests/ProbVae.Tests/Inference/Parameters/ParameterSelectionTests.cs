using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Names, beginnings, patterns and modules select just the parameters that they say.</summary>
public sealed class ParameterSelectionTests
{
    [Theory]
    [InlineData("", "decoder.bias decoder.weight decoder2.bias decoder2.weight")]
    [InlineData("decoder", "decoder.bias decoder.weight")]
    [InlineData("decoder.", "decoder.bias decoder.weight")]
    [InlineData("decoder2", "decoder2.bias decoder2.weight")]
    [InlineData("decoder.bias", "decoder.bias")]
    [InlineData("*.bias", "decoder.bias decoder2.bias")]
    [InlineData("decoder*", "decoder.bias decoder.weight decoder2.bias decoder2.weight")]
    public void ATextSelectsByWholePartsOfNames(string text, string names)
    {
        using var svi = OfTwoDecoders();
        svi.Freeze(text);
        Assert.Equal(names, string.Join(' ', svi.FrozenParameters.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("decod")]
    [InlineData("decoder.b")]
    [InlineData("bias")]
    [InlineData("*.bia")]
    [InlineData("Decoder")]
    [InlineData("decoder..")]
    public void ATextThatSelectsNothingIsRefusedWithTheNamesThatThereAre(string text)
    {
        using var svi = OfTwoDecoders();
        var refusal = Assert.Throws<ArgumentException>(() => svi.Freeze(text));
        Assert.StartsWith($"None of the inference's parameters is '{text}'; there are decoder.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("decoder2.weight", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(svi.FrozenParameters);
    }

    [Fact]
    public void AModuleAndAParameterSelectTheirOwn()
    {
        var (decoder, decoder2) = (nn.Linear(1, 1), nn.Linear(1, 1));
        using var svi = Of(decoder, decoder2);
        svi.Freeze(decoder2);
        Assert.All(svi.FrozenParameters, name => Assert.StartsWith("decoder2.", name, StringComparison.Ordinal));
        Assert.Equal(2, svi.FrozenParameters.Count);
        svi.Freeze(decoder.bias!);
        Assert.Equal(3, svi.FrozenParameters.Count);
        Assert.Throws<ArgumentException>(() => svi.Freeze(nn.Linear(1, 1)));
    }

    private static Svi<Tensor> OfTwoDecoders() => Of(nn.Linear(1, 1), nn.Linear(1, 1));

    private static Svi<Tensor> Of(TorchSharp.Modules.Linear decoder, TorchSharp.Modules.Linear decoder2)
    {
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(zeros(1), 1), out var z)
            .Observe("x", s => new Normal(decoder.call(s[z]) + decoder2.call(s[z]), 1), out _).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(zeros(1), 1)).Build();
        return Inferences.Svi(model, guide);
    }
}
