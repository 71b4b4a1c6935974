using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>
/// The compiler puts all locals that the lambdas of one method capture into one object. Two inferences written in one method
/// share that object and must still be two.
/// </summary>
public sealed class SharedClosureTests
{
    [Fact]
    public void AParameterThatOnlyAnotherInferencesLambdaUsesIsNotThisOnes()
    {
        var (first, second) = Two(1, 2);
        Assert.Equal(["one"], first.Parameters.ByName.Keys);
        Assert.Equal(["two"], second.Parameters.ByName.Keys);
    }

    [Fact]
    public void StepsOfOneLeaveTheOthersParametersAlone()
    {
        var (first, second) = Two(1, 2);
        using var data = tensor(0f);
        for (var step = 0; step < 5; step++)
        {
            // AdamW shrinks every parameter that it was given, with or without a gradient.
            first.Step(data);
        }

        Assert.Equal([2], Inferences.Numbers(second.Parameters.ByName["two"]));
    }

    [Fact]
    public async Task OneMayBeMeasuredWhileTheOtherTakesSteps()
    {
        var (_, alone) = Two(1, 2);
        var (busy, stepping) = Two(1, 2);
        using var data = tensor(0f);
        var expected = Enumerable.Range(0, 300).Select(_ => alone.Step(data).Elbo).ToArray();
        using var done = new CancellationTokenSource();
        var measuring = Task.Factory.StartNew(() =>
        {
            while (!done.IsCancellationRequested)
            {
                busy.Explain(data);
            }
        }, TaskCreationOptions.LongRunning);
        var found = await Task.Factory.StartNew(() => Enumerable.Range(0, 300).Select(_ => stepping.Step(data).Elbo).ToArray(), TaskCreationOptions.LongRunning);
        await done.CancelAsync();
        await measuring;
        Assert.Equal(expected, found);
    }

    private static (Svi<Tensor> First, Svi<Tensor> Second) Two(double start, double otherStart)
    {
        Parameter one = Inferences.Scalar(start), two = Inferences.Scalar(otherStart);
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
        var first = Guide.For(model).Sample(z, _ => new Normal(one, 1)).Build();
        var second = Guide.For(model).Sample(z, _ => new Normal(two, 1)).Build();
        return (Svi(model, first), Svi(model, second));
    }

    private static Svi<Tensor> Svi(Model<Tensor> model, Guide<Tensor> guide) => ProbVae.Svi.For(model, guide, Elbo.MeanField(), parameters => optim.AdamW(parameters, lr: 0.1, weight_decay: 0.5));
}
