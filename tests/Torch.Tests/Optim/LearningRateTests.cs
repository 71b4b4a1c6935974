using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using LRScheduler = TorchSharp.torch.optim.lr_scheduler.LRScheduler;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Optim;

public sealed class LearningRateTests
{
    private const double Initial = 0.8;

    public static TheoryData<string, Func<Optimizer, LRScheduler>, Func<int, double>> Schedules => new()
    {
        { "StepLR", optimizer => lr_scheduler.StepLR(optimizer, 3, 0.5), epoch => Initial * Math.Pow(0.5, epoch / 3) },
        { "MultiStepLR", optimizer => lr_scheduler.MultiStepLR(optimizer, [2, 5], 0.1), epoch => Initial * (epoch < 2 ? 1 : epoch < 5 ? 0.1 : 0.01) },
        { "ExponentialLR", optimizer => lr_scheduler.ExponentialLR(optimizer, 0.9), epoch => Initial * Math.Pow(0.9, epoch) },
        { "ConstantLR", optimizer => lr_scheduler.ConstantLR(optimizer, 0.25, 4), epoch => Initial * (epoch < 4 ? 0.25 : 1) },
        { "LinearLR", optimizer => lr_scheduler.LinearLR(optimizer, 0.5, 1.0, 4), epoch => Initial * (0.5 + (0.5 * Math.Min(epoch, 4) / 4)) },
        { "CosineAnnealingLR", optimizer => lr_scheduler.CosineAnnealingLR(optimizer, 6, 0.1), epoch => 0.1 + ((Initial - 0.1) * (1 + Math.Cos(Math.PI * epoch / 6)) / 2) },
        { "LambdaLR", optimizer => lr_scheduler.LambdaLR(optimizer, epoch => 1.0 / (1 + epoch)), epoch => Initial / (1 + epoch) },
        { "MultiplicativeLR", optimizer => lr_scheduler.MultiplicativeLR(optimizer, _ => 0.7), epoch => Initial * Math.Pow(0.7, epoch) },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void RatesFollowTheirSchedule(string name, Func<Optimizer, LRScheduler> make, Func<int, double> expected)
    {
        using var weights = new Parameter(zeros(1));
        using var optimizer = SGD([weights], Initial);
        var scheduler = make(optimizer);

        for (var epoch = 0; epoch <= 10; epoch++)
        {
            Assert.True(Math.Abs(expected(epoch) - Rate(optimizer)) < 1e-12, $"{name} at epoch {epoch}: {Rate(optimizer)}, expected {expected(epoch)}.");
            Assert.Equal([Rate(optimizer)], scheduler.get_last_lr());
            scheduler.step();
        }
    }

    [Fact]
    public void OneCycleGoesUpAndDown()
    {
        using var weights = new Parameter(zeros(1));
        using var optimizer = SGD([weights], 0.1, momentum: 0.9);
        var scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr: 1.0, total_steps: 11, pct_start: 0.3, div_factor: 10, final_div_factor: 100);
        var rates = new List<double>();
        for (var step = 0; step < 11; step++)
        {
            rates.Add(Rate(optimizer));
            if (step < 10)
            {
                scheduler.step();
            }
        }

        // The first phase ends at step 0.3 * 11 - 1 = 2.3, the second at step 10.
        Assert.Equal(0.1, rates[0], 1e-12);
        Assert.Equal(1.0 + ((0.1 - 1.0) / 2 * (Math.Cos(Math.PI / 2.3) + 1)), rates[1], 1e-12);
        Assert.Equal(0.001 + ((1.0 - 0.001) / 2 * (Math.Cos(Math.PI * (3 - 2.3) / 7.7) + 1)), rates[3], 1e-12);
        Assert.Equal(0.001, rates[10], 1e-12);
        Assert.Equal(rates.Skip(3).OrderDescending(), rates.Skip(3));
    }

    [Fact]
    public void APlateauReducesTheRateOncePatienceIsSpent()
    {
        using var weights = new Parameter(zeros(1));
        using var optimizer = SGD([weights], Initial);
        var scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor: 0.5, patience: 2);

        foreach (var metric in new[] { 1.0, 0.9, 0.9, 0.9 })
        {
            scheduler.step(metric);
        }
        Assert.Equal(Initial, Rate(optimizer));
        scheduler.step(0.9);
        Assert.Equal(Initial / 2, Rate(optimizer));
        Assert.Throws<InvalidOperationException>(scheduler.step);
    }

    [Fact]
    public void SequencesChangeSchedulesAtTheirMilestones()
    {
        using var weights = new Parameter(zeros(1));
        using var optimizer = SGD([weights], Initial);
        var scheduler = lr_scheduler.SequentialLR(
            optimizer,
            [lr_scheduler.ConstantLR(optimizer, 0.5, 10), lr_scheduler.ExponentialLR(optimizer, 0.5)],
            [2]);

        var rates = new List<double>();
        for (var epoch = 0; epoch < 5; epoch++)
        {
            rates.Add(Rate(optimizer));
            scheduler.step();
        }

        Assert.Equal([0.4, 0.4, 0.8, 0.4, 0.2], rates, (left, right) => Math.Abs(left - right) < 1e-12);
    }

    private static double Rate(Optimizer optimizer) => optimizer.ParamGroups.Single().LearningRate;
}
