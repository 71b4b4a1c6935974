using ProbVae.Tests.Inference;
using static TorchSharp.torch;

namespace ProbVae.Tests.Models;

/// <summary>Shapes and numbers that do not fit: never a broadcast, always an exception that shows both sides.</summary>
public sealed class ShapeProblemsTests
{
    internal static readonly Dictionary<string, ProblemCase> Cases = new()
    {
        ["a likelihood of shape (6, 1) against data of shape (6)"] = new(
            () => Observe(plate: 6, loc: zeros(6, 1), data: zeros(6)),
            "Site 'x': Normal batch (6, 1) event () stands in plate points (6), so its batch shape must be (6) or broadcast to it. Drop the axes that are too many (squeeze), or make them an event with ToEvent."),

        ["a likelihood of shape (6) against data of shape (6, 1)"] = new(
            () => Observe(plate: 6, loc: zeros(6), data: zeros(6, 1)),
            "Site 'x': the observed value has shape (6, 1) and the distribution Normal batch (6) and event (6); after the plates' axes (6) the two must agree axis by axis."),

        ["a likelihood of shape (1, 6) against data of shape (6)"] = new(
            () => Observe(plate: 6, loc: zeros(1, 6), data: zeros(6)),
            "Site 'x': Normal batch (1, 6) event () stands in plate points (6), so its batch shape must be (6) or broadcast to it. Drop the axes that are too many (squeeze), or make them an event with ToEvent."),

        ["a likelihood of five elements in a plate of six"] = new(
            () => Observe(plate: 6, loc: zeros(5), data: zeros(6)),
            "Site 'x': Normal batch (5) event () stands in plate points (6), so its batch shape must be (6) or broadcast to it. If these axes are the event of each element, say so with ToEvent."),

        ["data of another length than its plate"] = new(
            () => Observe(plate: 6, loc: zeros(6), data: zeros(4), batch: 6),
            "Site 'x': the observed value has shape (4), which must begin with the axes (6) of its plates points (6)."),

        ["a scalar in a plate"] = new(
            () => Observe(plate: 6, loc: zeros(6), data: tensor(0f)),
            "Site 'x': the observed value has shape (), which must begin with the axes (6) of its plates points (6)."),

        ["an event of three against data of four"] = new(
            () => Observe(plate: 6, loc: zeros(6, 3), data: zeros(6, 4)),
            "Site 'x': the observed value has shape (6, 4) and the distribution Normal batch (6) and event (3); after the plates' axes (6) the two must agree axis by axis."),

        ["a likelihood without the event's axes"] = new(
            () => Observe(plate: 6, loc: tensor(0f), data: zeros(6, 4)),
            "Site 'x': Normal batch () event () stands in plate points (6), so its batch shape must be (6) or broadcast to it. If these axes are the event of each element, say so with ToEvent."),

        ["a plate's batch greater than its total"] = new(
            () => Observe(plate: 5, loc: zeros(6), data: zeros(6)),
            "Plate 'points': a batch of 6 out of a total of 5 along axis -1 is impossible; the batch must be from 1 to the total, the axis negative. Give as total how many elements the whole data has (total: d => ... where each data has its own number), and as batch: d => ... how many of them one run sees; without batch it is the length of a tensor's first axis."),

        ["an empty batch"] = new(
            () => Observe(plate: 5, loc: zeros(0), data: zeros(0)),
            "Plate 'points': a batch of 0 out of a total of 5 along axis -1 is impossible; the batch must be from 1 to the total, the axis negative."),

        ["a plate along an axis from the left"] = new(
            () => Run(p => p.Plate("rows", 3, axis: 0)),
            "Plate 'rows': a batch of 3 out of a total of 3 along axis 0 is impossible; the batch must be from 1 to the total, the axis negative."),

        ["two open plates along one axis"] = new(
            () => Run(p => { p.Plate("rows", 3); p.Plate("columns", 4, axis: -1); }),
            "Plate 'columns' along axis -1 cannot be entered inside plate 'rows' along axis -1: each open plate has its own name and axis."),

        ["a plate inside itself"] = new(
            () => Run(p => { p.Plate("rows", 3); p.Plate("rows", 3); }),
            "Plate 'rows' along axis -2 cannot be entered inside plate 'rows' along axis -1: each open plate has its own name and axis."),

        ["a plate that changes its size"] = new(
            () => Run(p => { p.Plate("rows", 3).Dispose(); p.Plate("rows", 4).Dispose(); }),
            "Plate 'rows' was entered as rows (3) along axis -1 and now as rows (4) along axis -1; a plate keeps its size and axis through a run."),

        ["a latent variable whose axes are not its plate's"] = new(
            () => Run(p => { using var rows = p.Plate("rows", 3); p.Sample(new Latent("z"), new Normal(zeros(5), 1)); }),
            "Site 'z': Normal batch (5) event () stands in plate rows (3), so its batch shape must be (3) or broadcast to it. If these axes are the event of each element, say so with ToEvent."),

        ["a scale that is not positive"] = new(
            () => Run(p => p.Sample(new Latent("z"), new Normal(zeros(2, 2), tensor(new float[,] { { 1, 1 }, { 1, -0.5f } })))),
            "Site 'z': Normal: scale must be a real number > 0; received -0.5 at (1, 1) of shape (2, 2)."),

        ["a program that takes the particle axis for its own"] = new(
            () =>
            {
                var weight = Inferences.Scalar(0);
                var model = Model.Given<Tensor>("m").Sample("w", Normal.Standard(3), out var w)
                    .Observe("x", s => new Normal(s[w].sum(dim: 0), 1), out _).Build();
                var guide = Guide.For(model).Sample(w, _ => new Normal(weight.expand(3), 1)).Build();
                Inferences.Svi(model, guide, Elbo.MeanField(particles: 4)).Step(tensor(0f));
            },
            "Site 'x': Normal batch (3) event () stands in no plate with 4 particles as the first axis, so its batch shape must be (4). If the program cannot take a leading particle axis, run the particles one by one: vectorized: false. An element of 'w' is s[w].select(-1, 0), not s[w][0]; a matrix times it is X.matmul(s[w].unsqueeze(-1)).squeeze(-1), not X.matmul(s[w])."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ShapesAndNumbersThatDoNotFitAreAnException(string name)
    {
        var problem = Assert.Throws<ModelException>(Cases[name].Run);
        Assert.Equal(string.Join("\n", Cases[name].Problems), string.Join("\n", problem.Problems));
    }

    [Fact]
    public void AConstantOutsideItsRangeIsRefusedWhereItIsWritten()
    {
        var problem = Assert.Throws<ArgumentException>(() => new Normal(0, new double[] { 1, 0 }));
        Assert.Equal("Normal: scale must be a real number > 0; received 0 at (1) of shape (2).", problem.Message);
    }

    [Fact]
    public void LoopedParticlesRunAProgramThatTakesNoParticleAxis()
    {
        var weight = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("w", Normal.Standard(3), out var w)
            .Observe("x", s => new Normal(s[w].sum(dim: 0), 1), out _).Build();
        var guide = Guide.For(model).Sample(w, _ => new Normal(weight.expand(3), 1)).Build();
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField(particles: 4, vectorized: false));
        Assert.True(double.IsFinite(svi.Step(tensor(0f)).Elbo));
    }

    [Fact]
    public void WithoutValidationNumbersAreNotHeldAgainstTheirRanges()
    {
        var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(s[z], tensor(-1f)), out _).Build();
        var guide = Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build();
        using var careless = Svi.For(model, guide, Elbo.MeanField(), Inferences.Adam(), validate: false);
        // log(−1) is not a number, and that a step always notices.
        Assert.Throws<NonFiniteException>(() => careless.Step(tensor(0f)));
        using var careful = Inferences.Svi(model, guide);
        Assert.Equal(["Site 'x': Normal: scale must be a real number > 0; received -1."], Assert.Throws<ModelException>(() => careful.Step(tensor(0f))).Problems);
    }

    private static void Observe(long plate, Tensor loc, Tensor data, long? batch = null) => Model.Given<Tensor>("m")
        .Plate("points", plate, x => batch ?? (x.dim() == 0 ? plate : x.shape[0]))
        .Observe("x", _ => new Normal(loc, 1), out _).Build().Trace(data, new RandomKey(1));

    private static void Run(Action<Run> program) => Model.Program<Tensor>("m", (p, _) => program(p)).Trace(tensor(0f), new RandomKey(1));
}
