using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Optim;

public sealed class OptimizerUpdateTests
{
    private const int Steps = 7;

    [Fact]
    public void GradientDescent() => AssertFollows(
        parameters => optim.SGD(parameters, 0.1),
        () => (w, g, _) => w - (0.1 * g));

    [Fact]
    public void GradientAscent() => AssertFollows(
        parameters => optim.SGD(parameters, 0.05, maximize: true),
        () => (w, g, _) => w + (0.05 * g));

    [Theory]
    [InlineData(false, 0.0, 0.0)]
    [InlineData(false, 0.3, 0.2)]
    [InlineData(true, 0.0, 0.2)]
    public void GradientDescentWithMomentum(bool nesterov, double dampening, double decay) => AssertFollows(
        parameters => optim.SGD(parameters, 0.05, 0.9, dampening, decay, nesterov),
        () =>
        {
            var velocity = 0.0;
            return (w, g, step) =>
            {
                g += decay * w;
                velocity = step == 1 ? g : (0.9 * velocity) + ((1 - dampening) * g);
                return w - (0.05 * (nesterov ? g + (0.9 * velocity) : velocity));
            };
        });

    [Theory]
    [InlineData(0.0, false, false)]
    [InlineData(0.1, false, false)]
    [InlineData(0.0, true, false)]
    [InlineData(0.0, false, true)]
    [InlineData(0.2, true, true)]
    public void Adam(double decay, bool amsgrad, bool maximize) => AssertFollows(
        parameters => optim.Adam(parameters, 0.1, 0.8, 0.95, 1e-3, decay, amsgrad, maximize),
        () =>
        {
            var moments = new Moments(0.8, 0.95, 1e-3, amsgrad);
            return (w, g, step) => w - (0.1 * moments.Direction((maximize ? -g : g) + (decay * w), step));
        });

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.3, false)]
    [InlineData(0.3, true)]
    public void AdamW(double decay, bool amsgrad) => AssertFollows(
        parameters => optim.AdamW(parameters, 0.1, 0.8, 0.95, 1e-3, decay, amsgrad),
        () =>
        {
            var moments = new Moments(0.8, 0.95, 1e-3, amsgrad);
            return (w, g, step) => (w * (1 - (0.1 * decay))) - (0.1 * moments.Direction(g, step));
        });

    [Theory]
    [InlineData(0.0, false, 0.0)]
    [InlineData(0.5, false, 0.1)]
    [InlineData(0.0, true, 0.0)]
    [InlineData(0.5, true, 0.1)]
    public void RmsProp(double momentum, bool centered, double decay) => AssertFollows(
        parameters => optim.RMSProp(parameters, 0.02, 0.9, 1e-3, decay, momentum, centered),
        () =>
        {
            var (square, mean, velocity) = (0.0, 0.0, 0.0);
            return (w, g, _) =>
            {
                g += decay * w;
                square = (0.9 * square) + (0.1 * g * g);
                mean = (0.9 * mean) + (0.1 * g);
                var scaled = g / (Math.Sqrt(centered ? square - (mean * mean) : square) + 1e-3);
                velocity = (momentum * velocity) + scaled;
                return w - (0.02 * velocity);
            };
        });

    [Fact]
    public void Adagrad() => AssertFollows(
        parameters => optim.Adagrad(parameters, 0.2, 0.1, 0.05, 0.3, 1e-3),
        () =>
        {
            var sum = 0.3;
            return (w, g, step) =>
            {
                g += 0.05 * w;
                sum += g * g;
                return w - (0.2 / (1 + ((step - 1) * 0.1)) * g / (Math.Sqrt(sum) + 1e-3));
            };
        });

    [Fact]
    public void ParametersWithoutAGradientStayAndStartTheirOwnCount()
    {
        using var early = new Parameter(tensor(new[] { 1.0 }));
        using var late = new Parameter(tensor(new[] { 1.0 }));
        using var optimizer = optim.Adam([early, late], lr: 0.1);
        early.grad = tensor(new[] { 2.0 });
        optimizer.step();
        Assert.Equal(1.0, late.item<double>());

        late.grad = tensor(new[] { -3.0 });
        optimizer.step();

        // The first step of Adam has the length of the learning rate, whatever the gradient.
        Assert.Equal(1.1, late.item<double>(), 1e-8);
        Assert.Equal(0.8, early.item<double>(), 1e-8);
    }

    [Fact]
    public void GroupsHaveTheirOwnSettings()
    {
        using var slow = new Parameter(tensor(new[] { 1.0 })) { grad = tensor(new[] { 1.0 }) };
        using var fast = new Parameter(tensor(new[] { 1.0 })) { grad = tensor(new[] { 1.0 }) };
        using var optimizer = optim.SGD(
            [new TorchSharp.Modules.SGD.ParamGroup([slow], lr: 0.01), new TorchSharp.Modules.SGD.ParamGroup { Parameters = [fast] }],
            0.5);

        optimizer.step();

        Assert.Equal(0.99, slow.item<double>(), 1e-12);
        Assert.Equal(0.5, fast.item<double>(), 1e-12);
        Assert.Equal([0.01, 0.5], optimizer.ParamGroups.Select(group => group.LearningRate));
    }

    [Fact]
    public void AClosureGivesTheLossAndRecordsGradients()
    {
        using var descent = new Descent(parameters => optim.SGD(parameters, 0.1));
        var before = descent.Loss().item<double>();

        using var loss = descent.Optimizer.step(() =>
        {
            var value = descent.Loss();
            value.backward();
            return value;
        });

        Assert.Equal(before, loss.item<double>(), 1e-12);
        Assert.True(descent.Loss().item<double>() < before);
    }

    [Fact]
    public void MeaninglessSettingsAreRefused()
    {
        using var weights = new Parameter(zeros(1));

        Assert.Throws<ArgumentException>(() => optim.Adam([weights], lr: -1));
        Assert.Throws<ArgumentException>(() => optim.Adam([weights], beta1: 1.0));
        Assert.Throws<ArgumentException>(() => optim.SGD([weights], 0.1, nesterov: true));
    }

    private static void AssertFollows(Func<IEnumerable<Parameter>, optim.Optimizer> make, Func<Func<double, double, int, double>> newRule)
    {
        using var descent = new Descent(make).Run(Steps);

        Assert.Equal(Descent.Expected(Steps, newRule), descent.Values(), (left, right) => Math.Abs(left - right) < 1e-10);
    }

    private sealed class Moments(double beta1, double beta2, double epsilon, bool amsgrad)
    {
        private double _mean;
        private double _square;
        private double _largest;

        public double Direction(double gradient, int step)
        {
            _mean = (beta1 * _mean) + ((1 - beta1) * gradient);
            _square = (beta2 * _square) + ((1 - beta2) * gradient * gradient);
            _largest = Math.Max(_largest, _square);
            var second = (amsgrad ? _largest : _square) / (1 - Math.Pow(beta2, step));
            return _mean / (1 - Math.Pow(beta1, step)) / (Math.Sqrt(second) + epsilon);
        }
    }
}
