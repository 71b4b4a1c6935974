using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;

namespace ProbVae.Tests.Models;

/// <summary>Programs that cannot work: each is an exception that lists every problem in these words.</summary>
public sealed class InvalidProgramsTests
{
    private static readonly Linear Forgotten = nn.Linear(1, 1);

    internal static readonly Dictionary<string, ProblemCase> Cases = new()
    {
        ["the guide misses a latent variable"] = new(
            () => Guide.For(Two(out var a, out _)).Sample(a, _ => Q()).Build(),
            "Site 'b' is latent in the model 'two' and missing from the guide; add .Sample(b, ...), or .SumOut(b) for a discrete one that Elbo.Enumerated is to sum out."),

        ["the guide adds a latent variable"] = new(
            () => Guide.For(Two(out var a, out var b)).Sample(a, _ => Q()).Sample(b, _ => Q()).Sample(new Latent("c"), _ => Q()).Build(),
            "Site 'c' is no latent variable of the model 'two'; its latent variables are a, b."),

        ["the guide has a handle of another model"] = new(
            () =>
            {
                Other(out var mu);
                Guide.For(Two(out var a, out var b)).Sample(a, _ => Q()).Sample(b, _ => Q()).Sample(mu, _ => Q()).Build();
            },
            "Site 'mu' belongs to the model 'other' and not to 'two'."),

        ["the guide has four problems at once"] = new(
            () =>
            {
                Other(out var mu);
                Guide.For(Two(out var a, out _)).Sample(a, _ => Q()).Sample(a, _ => Q()).Sample(mu, _ => Q()).Sample(new Latent("c"), _ => Q()).Build();
            },
            "Site 'a' is sampled 2 times in the guide; once is needed.",
            "Site 'mu' belongs to the model 'other' and not to 'two'.",
            "Site 'b' is latent in the model 'two' and missing from the guide; add .Sample(b, ...), or .SumOut(b) for a discrete one that Elbo.Enumerated is to sum out.",
            "Site 'c' is no latent variable of the model 'two'; its latent variables are a, b."),

        ["a guide program misses one latent variable and adds two"] = new(
            () =>
            {
                var model = Two(out var a, out _);
                Step(model, Guide.Program(model, (p, _) => { p.Sample(a, Q()); p.Sample(new Latent("c"), Q()); p.Sample(new Latent("d"), Q()); }));
            },
            "Site 'b' is latent in the model and missing from the guide; every latent variable needs a site there.",
            "Site 'c' is in the guide and is no latent variable of the model; drop it, or use the handle that the model samples.",
            "Site 'd' is in the guide and is no latent variable of the model; drop it, or use the handle that the model samples."),

        ["two sites of one name, declared"] = new(
            () => Model.Given<Tensor>("m").Sample("a", Q(), out _).Sample("a", Q(), out _).Build(),
            "Site 'a' is declared 2 times; each site needs its own name."),

        ["two sites of one name, in a program"] = new(
            () => Run(Model.Program<Tensor>("m", (p, _) => { p.Sample(new Latent("a"), Q()); p.Sample(new Latent("a"), Q()); })),
            "Site 'a' occurs twice in one run; each site needs its own name (in a loop, z[t])."),

        ["a declaration with three problems"] = new(
            () => Model.Given<string>("m").EndPlate().Sample("a", Q(), out _).Sample("a", Q(), out _).Observe("x", _ => Q(), out _).Build(),
            "EndPlate(): no plate is open here.",
            "Site 'x': the data is a String; say which tensor of it is observed, as in Observe(\"x\", likelihood, data => data.Y, out ...).",
            "Site 'a' is declared 2 times; each site needs its own name."),

        ["a declaration without a site"] = new(
            () => Model.Given<Tensor>("m").Plate("points", total: 6).Build(),
            "The model 'm' has no site."),

        ["With on a site that a declaration has not"] = new(
            () => Two(out _, out _).With(new Latent("z"), Q()),
            "With('z'): the model 'two' has no such site; its sites are a, b, x."),

        ["With on two sites that a program does not come to"] = new(
            () =>
            {
                Latent a = new("a");
                var model = Model.Program<Tensor>("m", (p, _) => p.Sample(a, Q())).With(new Latent("z"), Q());
                Step(model, Guide.For(model).Sample(a, _ => Q(Inferences.Scalar(0))).Build());
            },
            "With('z'): the model does not come to that site."),

        ["a guide of another model"] = new(
            () =>
            {
                var other = Other(out var mu);
                Inferences.Svi(Two(out _, out _), Guide.For(other).Sample(mu, _ => Q()).Build());
            },
            "The guide of other cannot serve the model 'two': it was written for another model's sites."),

        ["nothing to train"] = new(
            () =>
            {
                var other = Other(out var mu);
                Inferences.Svi(other, Guide.For(other).Sample(mu, _ => Q()).Build());
            },
            "The model 'other' and its guide have no parameter to train. Let a lambda capture a module or a Parameter, or name modules with Uses(...)."),

        ["a handle of another model in a program"] = new(
            () =>
            {
                Other(out var mu);
                var two = Two(out var a, out var b);
                Step(two, Guide.Program(two, (p, _) => { p.Sample(a, Q()); p.Sample(b, Q()); p.Sample(mu, Q()); }));
            },
            "Site 'mu' belongs to the model 'other' and was used in 'two'."),

        ["a latent variable read before it is sampled, in a program"] = new(
            () => Run(Model.Program<Tensor>("m", (p, _) => p.Sample(new Latent("a"), new Normal(p[new Latent("b")], 1)))),
            "Site 'b' was read before it was sampled."),

        ["a latent variable read before it is sampled, in a guide"] = new(
            () =>
            {
                var two = Two(out var a, out var b);
                Step(two, Guide.For(two).Sample(a, (_, s) => new Normal(s[b], 1)).Sample(b, _ => Q()).Build());
            },
            "Site 'b' was read before it was sampled."),

        ["an observation in a guide"] = new(
            () =>
            {
                var two = Two(out var a, out var b);
                Observed y = new("y");
                Step(two, Guide.Program(two, (p, x) => { p.Sample(a, Q()); p.Sample(b, Q()); p.Observe(y, Q(), x); }));
            },
            "Site 'y': a guide has no observations; it samples the model's latent variables."),

        ["a plate of another name in the guide"] = new(
            () =>
            {
                Latent z = new("z");
                var model = Model.Program<Tensor>("m", (p, _) => { using var rows = p.Plate("rows", 3); p.Sample(z, Q()); });
                Step(model, Guide.Program(model, (p, _) => { using var columns = p.Plate("columns", 3); p.Sample(z, Q()); }));
            },
            "Site 'z' stands in plates [columns (3)] in the guide and [rows (3)] in the model; enter the same plates in both."),

        ["a plate that only the model enters"] = new(
            () =>
            {
                Latent z = new("z");
                var model = Model.Program<Tensor>("m", (p, _) => { using var rows = p.Plate("rows", 3); p.Sample(z, Q()); });
                Step(model, Guide.Program(model, (p, _) => p.Sample(z, Q())));
            },
            "Site 'z': the guide gives Normal batch () event (), the model Normal batch (3) event (); model and guide must agree axis by axis."),

        ["a guide of another event shape"] = new(
            () =>
            {
                var model = Model.Given<Tensor>("m").Sample("z", Normal.Standard(4), out var z).Build();
                Step(model, Guide.For(model).Sample(z, _ => new Normal(zeros(3), 1)).Build());
            },
            "Site 'z': the guide gives Normal batch () event (3), the model Normal batch () event (4); model and guide must agree axis by axis."),

        ["a network in a static field of the guide"] = new(
            () =>
            {
                var other = Other(out var mu);
                Step(other, Guide.For(other).Sample(mu, _ => new Normal(Forgotten.call(ones(1)).squeeze(-1), 1)).Build());
            },
            "Site 'mu' (guide): Normal's loc depends on a tensor that asks for a gradient and is no parameter of this inference, so it would not be trained. Name its module with Uses((\"name\", module)), or let the lambda capture the module or a Parameter."),

        ["a network in a static field of the model"] = new(
            () =>
            {
                var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
                    .Observe("x", s => new Normal(Forgotten.call(s[mu].unsqueeze(-1)).squeeze(-1), 1), out _).Build();
                Step(model, Guide.For(model).Sample(mu, _ => Q()).Build(), tensor(1f));
            },
            "Site 'x' (model): Normal's loc depends on a tensor that asks for a gradient and is no parameter of this inference, so it would not be trained. Name its module with Uses((\"name\", module)), or let the lambda capture the module or a Parameter."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AnInvalidProgramIsAnExceptionThatListsEveryProblem(string name)
    {
        var problem = Assert.Throws<ModelException>(Cases[name].Run);
        Assert.Equal(string.Join("\n", Cases[name].Problems), string.Join("\n", problem.Problems));
        Assert.StartsWith(string.Join(Environment.NewLine, problem.Problems), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AProblemFoundInARunComesWithATableOfTheSitesBeforeIt()
    {
        Latent a = new("a"), b = new("b");
        var model = Model.Program<Tensor>("m", (p, _) => { p.Sample(a, Normal.Standard(4)); p.Sample(b, Q()); p.Sample(b, Q()); });
        var problem = Assert.Throws<ModelException>(() => Run(model));
        Assert.Equal(
            """
            Site 'b' occurs twice in one run; each site needs its own name (in a loop, z[t]).

              site  role    family  batch  event  value  plates
              a     latent  Normal  ()     (4)    (4)
              b     latent  Normal  ()     ()     ()
            """.ReplaceLineEndings(),
            problem.Message);
    }

    private static Normal Q(Tensor? loc = null) => new(loc ?? tensor(0f), 1);

    private static Model<Tensor> Two(out Latent a, out Latent b) => Model.Given<Tensor>("two")
        .Sample("a", new Normal(0, 1), out a).Sample("b", new Normal(0, 1), out b).Observe("x", _ => Q(), out _).Build();

    private static Model<Tensor> Other(out Latent mu) => Model.Given<Tensor>("other").Sample("mu", new Normal(0, 1), out mu).Build();

    private static void Run(Model<Tensor> model) => model.Trace(tensor(0f), new RandomKey(1));

    // Uses gives the inference something to train where the program itself has nothing.
    private static void Step(Model<Tensor> model, Guide<Tensor> guide, Tensor? data = null)
    {
        var spare = Inferences.Scalar(0);
        var kept = Guide.Program(model, (p, x) => { _ = spare; guide.SampleSites(p, x); });
        using var svi = Inferences.Svi(model, kept);
        svi.Step(data ?? tensor(0f));
    }
}
