using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Nn;

public sealed class ModuleRegistrationTests
{
    [Fact]
    public void ComponentsAreNamedAfterTheirFields()
    {
        using var model = new Model();

        Assert.Equal(["inner.bias", "inner.weight", "scale"], model.named_parameters().Select(named => named.name).Order(StringComparer.Ordinal));
        Assert.Equal(["counter"], model.named_buffers().Select(named => named.name));
        Assert.Equal(["inner"], model.named_children().Select(named => named.name));
    }

    [Fact]
    public void ParametersAreTheSameObjectsEachTime()
    {
        using var model = new Model();

        Assert.All(model.parameters().Zip(model.parameters()), pair => Assert.Same(pair.First, pair.Second));
        Assert.Same(model.Scale, model.get_parameter("scale"));
        Assert.Same(model.Inner.weight, model.get_parameter("inner.weight"));
        Assert.Same(model.Counter, model.get_buffer("counter"));
    }

    [Fact]
    public void ComponentsAreFoundByName()
    {
        using var model = new Model();

        Assert.True(model.has_parameter("inner.bias"));
        Assert.False(model.has_parameter("inner.scale"));
        Assert.True(model.has_buffer("counter"));
        Assert.False(model.has_buffer("scale"));
        Assert.Null(model.get_parameter("nothing.weight"));
    }

    [Fact]
    public void ANameCanBeTakenOnce()
    {
        using var model = new Model();
        using var other = nn.Linear(1, 1);

        Assert.Throws<InvalidOperationException>(() => model.register_parameter("scale", new Parameter(zeros(1))));
        Assert.Throws<InvalidOperationException>(() => model.register_buffer("counter", zeros(1)));
        Assert.Throws<InvalidOperationException>(() => model.register_module("inner", other));
        Assert.Throws<ArgumentException>(() => model.register_module("a.b", other));
    }

    [Fact]
    public void SharedParametersAreListedOnce()
    {
        using var linear = nn.Linear(2, 2);
        using var twice = nn.Sequential(("a", linear), ("b", linear));

        Assert.Equal(["a.weight", "a.bias"], twice.named_parameters().Select(named => named.name));
    }

    [Fact]
    public void NonPersistentBuffersAreNotSaved()
    {
        using var model = new Model();
        model.register_buffer("scratch", zeros(3), persistent: false);

        Assert.DoesNotContain("scratch", model.state_dict().Keys);
        Assert.Contains("counter", model.state_dict().Keys);
    }

    [Fact]
    public void TrainingReachesAllSubmodules()
    {
        using var dropout = nn.Dropout(0.5);
        using var model = nn.Sequential(nn.Sequential(dropout));

        Assert.True(dropout.training);
        model.eval();
        Assert.False(dropout.training);
        model.train();
        Assert.True(dropout.training);
    }

    [Fact]
    public void ApplyVisitsChildrenBeforeParents()
    {
        using var first = nn.Linear(1, 1);
        using var second = nn.ReLU();
        using var model = nn.Sequential(first, second);
        var visited = new List<nn.Module>();

        model.apply(visited.Add);

        Assert.Equal([first, second, model], visited);
    }

    [Fact]
    public void ListsAndDictionariesNameTheirMembers()
    {
        using var model = new Containers();

        Assert.Equal(
            ["layers.0.weight", "layers.1.weight", "named.first.weight", "parts.0", "parts.1", "table.a"],
            model.named_parameters().Select(named => named.name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void DisposalReachesAllParameters()
    {
        var model = new Model();
        var parameters = model.parameters().ToList();

        model.Dispose();

        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear inner = nn.Linear(2, 2);
        private readonly Parameter scale = new(ones(2));
        private readonly Tensor counter = zeros(1);

        public Model()
            : base(nameof(Model)) => RegisterComponents();

        public TorchSharp.Modules.Linear Inner => inner;

        public Parameter Scale => scale;

        public Tensor Counter => counter;

        public override Tensor forward(Tensor input) => inner.call(input) * scale;
    }

    private sealed class Containers : nn.Module
    {
        private readonly TorchSharp.Modules.ModuleList<TorchSharp.Modules.Linear> layers = nn.ModuleList(nn.Linear(1, 1, hasBias: false), nn.Linear(1, 1, hasBias: false));
        private readonly TorchSharp.Modules.ModuleDict<TorchSharp.Modules.Linear> named = nn.ModuleDict(("first", nn.Linear(1, 1, hasBias: false)));
        private readonly TorchSharp.Modules.ParameterList parts = nn.ParameterList(new Parameter(zeros(1)), new Parameter(zeros(1)));
        private readonly TorchSharp.Modules.ParameterDict table = nn.ParameterDict(("a", new Parameter(zeros(1))));

        public Containers()
            : base(nameof(Containers))
        {
            RegisterComponents();
            Size = layers.Count + named.Count + parts.Count + table.Count;
        }

        public int Size { get; }
    }
}
