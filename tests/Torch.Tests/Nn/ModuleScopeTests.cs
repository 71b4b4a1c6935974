using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class ModuleScopeTests
{
    [Fact]
    public void ModulesOutliveTheScopeTheyWereMadeIn()
    {
        TorchSharp.Modules.Sequential model;
        using (NewDisposeScope())
        {
            model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1));
        }

        using (model)
        {
            Assert.All(model.parameters(), parameter => Assert.False(parameter.IsInvalid));
            using var output = model.call(ones(2, 3));
            Assert.Equal([2, 1], output.shape);
        }
    }

    [Fact]
    public void ConvertedModulesOutliveTheScope()
    {
        using var model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4));
        using (NewDisposeScope())
        {
            model.to(float64);
        }

        Assert.All(model.parameters(), parameter => Assert.False(parameter.IsInvalid));
        Assert.All(model.buffers(), buffer => Assert.False(buffer.IsInvalid));
    }

    [Fact]
    public void ASequenceKeepsOnlyItsResult()
    {
        using var model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1));
        using var scope = NewDisposeScope();
        var input = ones(2, 3);
        var before = scope.DisposablesCount;

        model.call(input);

        Assert.Equal(before + 1, scope.DisposablesCount);
        Assert.False(input.IsInvalid);
    }

    [Fact]
    public void AnIdentityGivesAResultOfItsOwn()
    {
        using var identity = nn.Identity();
        using var input = ones(2);

        identity.call(input).Dispose();

        Assert.False(input.IsInvalid);
    }

    [Fact]
    public void TrainingStepsLeaveNoTensorBehind()
    {
        using var model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1));
        using var optimizer = optim.Adam(model.parameters(), lr: 1e-3);
        using var input = randn(16, 3);
        using var target = randn(16, 1);
        Train(model, optimizer, input, target, steps: 2);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        Train(model, optimizer, input, target, steps: 200);

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static void Train(nn.Module<Tensor, Tensor> model, optim.Optimizer optimizer, Tensor input, Tensor target, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.mse_loss(model.call(input), target);
            loss.backward();
            optimizer.step();
        }
    }
}
