using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Averages of parameters: against sums by hand, swapped in and back, through checkpoints.</summary>
public sealed class ParameterAverageTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(0.9)]
    [InlineData(0.0)]
    public void TheAverageIsThatByHand(double? decay)
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var average = svi.AverageParameters(decay, from: 2);
        var byHand = double.NaN;
        for (var step = 0; step < 12; step++)
        {
            svi.Step(conjugate.Data);
            var now = (double)conjugate.Location.item<float>();
            // From the third step on; the first of them is the average as it stands.
            byHand = step < 2 ? double.NaN : step == 2 ? now : decay is { } kept ? (kept * byHand) + ((1 - kept) * now) : ((byHand * (step - 2)) + now) / (step - 1);
        }

        Assert.Equal(10, average.Count);
        // Ten updates in single precision of numbers near 4.
        Assert.Equal(byHand, average.Tensors["location"].item<float>(), 4e-6);
    }

    [Fact]
    public void TheAverageSwapsInAndBackBitForBit()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var average = svi.AverageParameters(0.5);
        Assert.Throws<InvalidOperationException>(average.SwapIn);
        svi.Step(conjugate.Data);
        svi.Step(conjugate.Data);
        var before = Inferences.Snapshot(svi);
        using (average.SwapIn())
        {
            Assert.True(average.IsSwappedIn);
            Assert.Equal(average.Tensors["location"].item<float>(), conjugate.Location.item<float>());
            svi.Evaluate(conjugate.Data);
            var refusal = Assert.Throws<InvalidOperationException>(() => svi.Step(conjugate.Data));
            Assert.Contains("A step cannot be taken while the parameters hold their average", refusal.Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => svi.Save(new MemoryStream()));
            Assert.Throws<InvalidOperationException>(average.SwapIn);
        }

        Assert.Equal(before, Inferences.Snapshot(svi));
    }

    [Fact]
    public void ARunWithAnAverageAndAScheduleContinuesBitForBit()
    {
        Conjugate whole = new(loc: 4), part = new(loc: 4), resumed = new(loc: 0);
        using Svi<Tensor> first = Averaged(whole), second = Averaged(part), third = Averaged(resumed);
        first.Fit(whole.Data, steps: 9);
        second.Fit(part.Data, steps: 4);
        third.Load(new MemoryStream(Inferences.Snapshot(second)));
        third.Fit(resumed.Data, steps: 5);
        Assert.Equal(Inferences.Snapshot(first), Inferences.Snapshot(third));
    }

    [Fact]
    public void ACheckpointWithoutTheAverageIsRefusedByARunThatHasOne()
    {
        var conjugate = new Conjugate();
        using Svi<Tensor> plain = conjugate.Svi(), averaged = Averaged(conjugate);
        Assert.Contains("it has 2 tensors, the model 5", Assert.Throws<CheckpointException>(() => averaged.Load(new MemoryStream(Inferences.Snapshot(plain)))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void ADecayOutOfItsRangeIsRefused(double decay)
    {
        using var svi = new Conjugate().Svi();
        Assert.Throws<ArgumentOutOfRangeException>(() => svi.AverageParameters(decay));
    }

    private static Svi<Tensor> Averaged(Conjugate conjugate)
    {
        var svi = conjugate.Svi().Schedule(LearningRateSchedule.Cosine(10).WarmedUp(3));
        svi.AverageParameters(0.8);
        return svi;
    }
}
