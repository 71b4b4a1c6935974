using ProbVae.Tests.Inference;
using ProbVae.Tests.Models;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Handlers;

/// <summary>Handlers that cannot do what they are asked: what each gets, word for word.</summary>
public sealed class HandlerMistakesTests
{
    internal static readonly Dictionary<string, ProblemCase> Cases = new()
    {
        ["Condition twice at one variable"] = new(
            () => Build(out var z, out _).Condition(z, 0.5).Condition(z, 0.7), "Condition('z'): Condition('z') gives that variable its value already; keep one of the two."),

        ["Condition on a decentered variable"] = new(
            () => Build(out var z, out _).Decenter(z, out _).Condition(z, 0.5),
            "Condition('z'): Decenter('z') gives that variable its value already; keep one of the two.")
        {
            Instead = "condition alone: the value leaves nothing to decenter.",
            Right = () => Build(out var z, out _).Condition(z, 0.5).Trace(zeros(4), new RandomKey(1)),
        },

        ["a conditioned value of another shape"] = new(
            () => Build(out var z, out _).Condition(z, zeros(4, 1)).Trace(zeros(4), new RandomKey(1)),
            "Condition('z'): the value has shape (4, 1), and the variable (4): the axes (4) of its plates, then the event () of Normal.")
        {
            Instead = "a value of the variable's shape, or a number for all elements.",
            Right = () => { _ = (Build(out var z, out _).Condition(z, zeros(4)).Trace(zeros(4), new RandomKey(1)), Build(out var w, out _).Condition(w, 0).Trace(zeros(4), new RandomKey(1))); },
        },

        ["a conditioned value outside the prior's support"] = new(
            () => Build(out _, out var tau).Condition(tau, -1).Trace(zeros(4), new RandomKey(1)), "Condition('tau'): Gamma: a value must be a real number > 0; received -1."),

        ["a conditioned number between those of a discrete variable"] = new(
            () => Discrete(1.5), "Condition('k'): Categorical: a value must be a whole number from 0 to 2; received 1.5.")
        {
            Instead = "a number that the variable can have.", Right = () => Discrete(1),
        },

        ["a conditioned value that asks for a gradient"] = new(
            () => Build(out _, out var tau).Condition(tau, Inferences.Scalar(0).exp()),
            "Condition('tau'): the value asks for a gradient, and one that is computed once cannot be trained; give a lambda that computes it in each run, Condition(tau, data => ...), or detach it.")
        {
            Instead = "compute it in each run.",
            Right = () =>
            {
                var value = Inferences.Scalar(0);
                var model = Build(out var z, out var tau).Condition(tau, _ => value.exp());
                using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, x => new Normal(0.1 * x, 1)).Build());
                svi.Step(zeros(4));
                Assert.NotNull(value.grad);
            },
        },

        ["a joint guide of a variable that is conditioned afterwards"] = new(
            () =>
            {
                var model = Build(out var z, out var tau);
                using var svi = Inferences.Svi(model.Condition(tau, 0.5), Guide.AutoMultivariateNormal(model, zeros(4)), Elbo.Trace());
                svi.Step(zeros(4));
            },
            "Condition('tau'): the guide computes that variable together with others from 'AutoMultivariateNormal(tau, …)', so it cannot leave it out; make the guide for the handled model.")
        {
            Instead = "a guide of the handled model, or one in which each variable has a site of its own.",
            Right = () =>
            {
                var model = Build(out _, out var tau);
                using var svi = Inferences.Svi(model.Condition(tau, 0.5), Guide.AutoNormal(model, zeros(4)));
                svi.Step(zeros(4));
            },
        },

        ["a prior that brings a site of a name that is taken"] = new(
            () => Build(out var z, out _).With(z, brings: [new Latent("tau")], run => new Normal(0, 1)),
            "With('z'): its prior brings a site named 'tau', and the model 'm' has one; give the new one another name."),

        ["a guide that still samples a blocked variable"] = new(() => OldGuide((model, z) => model.Block(z)), "Site 'z' is in the guide and blocked in the model, by a handler; leave it out of the guide: write the guide for the handled model."),

        ["a guide that still samples a decentered variable"] = new(() => OldGuide((model, z) => model.Decenter(z, out _)), "Site 'z_raw' is latent in the model and missing from the guide; every latent variable needs a site there.",
            "Site 'z' is in the guide and deterministic in the model, by a handler; leave it out of the guide: write the guide for the handled model."),

        ["a decentered variable in a declared guide"] = new(
            () =>
            {
                var model = Build(out var z, out var tau).Decenter(z, out _);
                Guide.For(model).Sample(tau, _ => new LogNormal(0, 1)).Sample(z, _ => new Normal(0, 1)).Build();
            },
            "Site 'z_raw' is latent in the model 'm' and missing from the guide; add .Sample(z_raw, ...), or .SumOut(z_raw) for a discrete one that Elbo.Enumerated is to sum out.",
            "Site 'z' is no latent variable of the model 'm'; its latent variables are tau, z_raw."),

        ["an intervention outside the variable's support"] = new(
            () => Build(out _, out var tau).Intervene(tau, -1).Trace(zeros(4), new RandomKey(1)),
            "Intervene('tau'): Gamma: a value must be a real number > 0; received -1. To set the variable beyond that, give it a prior with such values by With first.")
        {
            Instead = "give the variable a prior with that value in its support by With first.",
            Right = () => Build(out _, out var tau).With(tau, new LogNormal(0, 1)).Intervene(tau, 2).Trace(zeros(4), new RandomKey(1)),
        },

        ["a substituted value beside a guide that gives another"] = new(
            () =>
            {
                var (model, loc) = (Build(out var z, out var tau), Inferences.Scalar(1));
                Step(model.Substitute(tau, 2), Guide.For(model).Sample(tau, _ => new Delta(loc)).Sample(z, x => new Normal(x, 1)).Build());
            },
            "Substitute('tau'): the guide gives that variable another value; leave one of the two out, or condition on the value and leave the variable out of the guide."),

        ["a substituted value that the guide leaves out"] = new(
            () =>
            {
                var (model, loc) = (Build(out var z, out var tau), Inferences.Scalar(1));
                Step(model.Substitute(tau, 2), Guide.Program(model, (p, x) => { using var rows = p.Plate("rows", 4); p.Sample(z, new Normal(x * loc, 1)); }));
            },
            "Substitute('tau'): the variable stays latent and is missing from the guide; give it a Delta at that value there, or condition on the value."),

        ["Replay of a trace with nothing to replay"] = new(
            () => Build(out var z, out var tau).Replay(Build(out var w, out var other).Block(w).Block(other).Trace(zeros(4), new RandomKey(1))), "Replay: the trace has no latent variable, so there is nothing to replay."),

        ["Replay of another minibatch"] = new(
            () =>
            {
                var model = Model.Given<Rows>("m").Plate("rows", total: 9, rows: d => d).Sample("z", _ => new Normal(0, 1), out _).Build();
                model.Replay(model.Trace(new Rows([1, 2]), new RandomKey(1))).Trace(new Rows([1, 3]), new RandomKey(1));
            },
            "Replay: site 'z' stands in plate rows (2 of 9) at rows 1, 2 in the trace and at rows 1, 3 in the model; two minibatches are out of step: give both the rows of the same data."),

        ["Block of a variable whose discrete prior is trained"] = new(
            () =>
            {
                var logits = Inferences.Scalar(0);
                var model = Model.Given<Tensor>("m").Sample("c", _ => Bernoulli.FromLogits(logits), out var c)
                    .Plate("rows", total: 4).Sample("z", s => new Normal(s[c].unsqueeze(-1).expand(4), 1), out var z).Build().Block(c);
                Step(model, Guide.For(model).Sample(z, x => new Normal(x + logits, 1)).Build());
            },
            "Block('c'): Bernoulli is not reparameterized, so drawing the variable in each run gives logits no gradient and it would be trained wrongly; hold it fixed (detach), or keep the variable in the inference."),

        ["a masked prior beside a guide without the mask"] = new(
            () => Masked(q => q),
            "Site 'z': the prior leaves elements out by a mask that the guide's distribution does not have, so nothing would hold these elements' posterior; mask it in the guide too, with the same mask.")
        {
            Instead = "the same mask in the guide.", Right = () => Masked(q => q.Mask(tensor(new[] { true, true, false, true }))),
        },

        ["a mask of the elements of one event"] = new(
            () => Pixels((model, x) => model.Mask(x, ones(4, 3, dtype: ScalarType.Bool))),
            "Mask('x'): the mask has shape (4, 3), which does not broadcast to the axes (4) of the site's plates; a mask has one boolean for each event, here Normal event (3). To leave out parts of an event, mask the distribution by With(x, (s, old) => old.Mask(...)).")
        {
            Instead = "one boolean for each event, or a mask of the distribution itself.",
            Right = () =>
            {
                Pixels((model, x) => model.Mask(x, tensor(new[] { true, false, true, true })));
                Pixels((model, x) => model.With(x, (s, old) => old.Mask(ones(4, 3, dtype: ScalarType.Bool))));
            },
        },

        ["a mask that is spread over a larger batch"] = new(
            () => Pixels((model, x) => model.Mask(x, ones(2, 4, dtype: ScalarType.Bool))), "Mask('x'): the mask has shape (2, 4), which does not broadcast to the axes (4) of the site's plates; a mask has one boolean for each event, here Normal event (3). To leave out parts of an event, mask the distribution by With(x, (s, old) => old.Mask(...))."),

        ["a mask of a blocked variable"] = new(
            () => Build(out var z, out _).Block(z).Mask(z, ones(4, dtype: ScalarType.Bool)).Trace(zeros(4), new RandomKey(1)), "Mask('z'): that site is blocked in this model and is in no density."),

        ["a negative factor in Scale"] = new(() => Build(out var z, out _).Scale(z, -1), "Scale('z', -1): the factor must be greater than 0 and finite; to leave elements out, use Mask."),

        ["Scale twice at one site"] = new(
            () => Build(out var z, out _).Scale(z, 0.5).Scale(z, 0.5),
            "Scale('z', 0.5): that site is scaled by 0.5 already; if both are meant, multiply the two factors and call Scale once.")
        {
            Instead = "one factor.", Right = () => Build(out var z, out _).Scale(z, 0.25).Trace(zeros(4), new RandomKey(1)),
        },

        ["Scale of all sites twice"] = new(() => Build(out _, out _).Scale(2).Scale(3), "Scale(3): every site is scaled by 2 already; if both are meant, multiply the two factors and call Scale once."),

        ["Scale of a variable without a density"] = new(() => Build(out var z, out _).Block(z).Scale(z, 2).Trace(zeros(4), new RandomKey(1)), "Scale('z'): that site is blocked in this model and is in no density."),

        ["Seed twice"] = new(() => Build(out _, out _).Seed(new RandomKey(1)).Seed(new RandomKey(2)), "Seed: the model 'm' has a seed already; seed the model that it was made from."),

        ["Decenter of a family without location and scale"] = new(
            () => Build(out _, out var tau).Decenter(tau, out _).Trace(zeros(4), new RandomKey(1)), "Decenter('tau'): Gamma is not decentered; that is possible for Normal, Laplace, Cauchy, StudentT, Logistic, Gumbel and LogNormal (for a TransformedDistribution use Reparameterize first)."),

        ["a centeredness above 1"] = new(() => Build(out var z, out _).Decenter(z, out _, centeredness: 2), "Decenter('z'): a centeredness of 2 is impossible; it must be from 0 (decentered) to 1 (as written)."),

        ["Reparameterize of a family that is not transformed"] = new(
            () => Build(out var z, out _).Reparameterize(z, out _).Trace(zeros(4), new RandomKey(1)),
            "Reparameterize('z'): Normal is no TransformedDistribution; for a location and a scale use Decenter.")
        {
            Instead = "Decenter, or a TransformedDistribution.",
            Right = () => Build(out var z, out _).With(z, (s, old) => new TransformedDistribution(old, new AffineTransform(1, 2))).Reparameterize(z, out _).Trace(zeros(4), new RandomKey(1)),
        },

        ["Lift of a parameter that the model reads past the handler"] = new(
            () => Lifted((s, slope) => s.Data * slope),
            "Lift('slope'): the model never reads that parameter through s[parameter] or s.Call(network, input), so the latent variable in its place has no effect; read it so wherever the model uses it.")
        {
            Instead = "read it as s[slope].", Right = () => Lifted((s, slope) => s.Data * s[slope]),
        },

        ["Lift of a parameter that the model reads in two ways"] = new(
            () => Lifted((s, slope) => (s.Data * s[slope]) + slope), "Site 'y' (model): Normal's loc depends on a tensor that asks for a gradient and is no parameter of this inference, so it would not be trained. Name its module with Uses((\"name\", module)), or let the lambda capture the module or a Parameter."),

        ["Lift of one parameter twice"] = new(
            () => { var slope = Inferences.Scalar(1); Build(out _, out _).Lift(slope, new Normal(0, 1), out _).Lift(slope, new Normal(0, 2), out _); }, "Lift('slope'): that parameter was lifted to 'slope' already; swap the prior with With(slope, ...)."),

        ["Lift under a name that is taken"] = new(
            () => { var z = Inferences.Scalar(1); Build(out _, out _).Lift(z, new Normal(0, 1), out _); }, "Lift('z'): the model 'm' has a site of that name; give another one, Lift(parameter, prior, out ..., name: \"...\")."),

        ["Lift with a prior of another shape"] = new(
            () => { var slope = new Parameter(zeros(3)); Build(out _, out _).Lift(slope, Normal.Standard(2), out _); },
            "Lift('slope'): the prior Normal batch () event (2) does not broadcast to the parameter's shape (3).")
        {
            Instead = "a prior of the parameter's shape, or of one element for all.",
            Right = () => { var slope = new Parameter(zeros(3)); Build(out _, out _).Lift(slope, new Normal(0, 1), out _); },
        },

        ["Lift of a network without a prior for any parameter"] = new(
            () => { var net = nn.Linear(1, 1); Build(out _, out _).Lift(net, _ => null, out _); }, "Lift('net'): no parameter of that module was given a prior, so nothing is lifted."),

        ["Lift of a module that runs within libtorch"] = new(
            () => Called(nn.Sequential(nn.Embedding(3, 2), nn.Linear(2, 1)), zeros(5, ScalarType.Int64)),
            "Lift('net.0.weight'): Embedding runs within libtorch, where no other value can take its parameter's place; leave it a parameter (give null for its prior), or write the module in C# with a Parameter of its own.")
        {
            Instead = "lift the Linear and leave the Embedding a parameter.",
            Right = () => Called(nn.Sequential(nn.Embedding(3, 2), nn.Linear(2, 1)), zeros(5, ScalarType.Int64), p => p.shape is [1, 2] or [1] ? new Normal(0, 1) : null, features: 0),
        },

        ["s.Call of a module that runs within libtorch"] = new(
            () =>
            {
                var net = nn.Embedding(3, 2);
                Model.Given<Tensor>("m").Plate("rows", total: 5).Sample("z", s => new Normal(s.Call(net, zeros(5, ScalarType.Int64), features: 0), 1), out _).Build()
                    .Lift(net.get_parameter("weight")!, new Normal(0, 1), out _, "weight").Trace(zeros(5), new RandomKey(1));
            },
            "s.Call: Embedding runs within libtorch, where no other value can take its parameter's place; leave it a parameter (give null for its prior), or write the module in C# with a Parameter of its own."),

        ["s.Call of a lifted network outside its plate"] = new(
            () => Called(nn.Linear(2, 1), zeros(5, 5, 2)), "s.Call: Linear has lifted parameters and received an input of shape (5, 5, 2), which must be the axes of the plates (1 here) and then 1 of features; open a plate for the input's rows, and call the network inside it."),

        ["s.Call of a lifted network that does not tell its features"] = new(
            () => Called(nn.Sequential(nn.LayerNorm(2), nn.Linear(2, 1)), zeros(5, 2)), "s.Call: a Sequential has lifted parameters and does not tell how many axes of its input of shape (5, 2) are features, as one that begins with a Linear or a Conv2d does; say so, as in s.Call(network, input, features: 1).")
        {
            Instead = "say how many.",
            Right = () => Called(nn.Sequential(nn.LayerNorm(2), nn.Linear(2, 1)), zeros(5, 2), features: 1),
        },
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AMistakeGetsItsSentence(string name) => Assert.Equal(string.Join("\n", Cases[name].Problems), string.Join("\n", Cases[name].Get()));

    [Theory]
    [MemberData(nameof(Names))]
    public void TheNearestRightProgramRuns(string name) => Cases[name].Right?.Invoke();

    private static void Discrete(double value) =>
        Model.Given<Tensor>("m").Sample("k", Categorical.FromLogits(zeros(3)), out var k).Build().Condition(k, value).Trace(zeros(1), new RandomKey(1));

    private static Model<Tensor> Build(out Latent z, out Latent tau)
    {
        var model = Model.Given<Tensor>("m").Sample("tau", Gamma.FromShapeRate(2, 1), out var scale)
            .Plate("rows", total: 4).Sample("z", s => new Normal(zeros(4), s[scale]), out var local).Observe("x", s => new Normal(s[local], 1), out _).Build();
        (z, tau) = (local, scale);
        return model;
    }

    private static void OldGuide(Func<Model<Tensor>, Latent, Model<Tensor>> handle)
    {
        var (model, loc) = (Build(out var z, out var tau), Inferences.Scalar(0));
        Step(handle(model, z), Guide.For(model).Sample(tau, _ => new LogNormal(loc, 1)).Sample(z, x => new Normal(x, 1)).Build());
    }

    private static void Masked(Func<Distribution, Distribution> masked)
    {
        var (model, loc) = (Build(out var z, out var tau), Inferences.Scalar(0));
        Step(model.Mask(z, tensor(new[] { true, true, false, true })), Guide.For(model).Sample(tau, _ => new LogNormal(loc, 1)).Sample(z, x => masked(new Normal(x, 1))).Build());
    }

    private static void Pixels(Func<Model<Tensor>, Observed, Model<Tensor>> masked) => masked(
        Model.Given<Tensor>("m").Plate("rows", total: 4).Observe("x", _ => new Normal(zeros(4, 3), 1), out var x).Build(), x).Trace(zeros(4, 3), new RandomKey(1));

    private static void Lifted(Func<Scope<Tensor>, Parameter, Tensor> mean)
    {
        var (slope, loc) = (Inferences.Scalar(1), Inferences.Scalar(0));
        var model = Model.Given<Tensor>("m").Plate("rows", total: 4).Observe("y", s => new Normal(mean(s, slope), 1), out _).Build().Lift(slope, new Normal(0, 1), out var site);
        Step(model, Guide.For(model).Sample(site, _ => new Normal(loc, 1)).Build());
    }

    private static void Called(nn.Module<Tensor, Tensor> net, Tensor input, Func<Parameter, Distribution?>? prior = null, int? features = null) =>
        Model.Given<Tensor>("m").Plate("rows", total: 5).Sample("z", s => new Normal(s.Call(net, input, features), 1), out _).Build()
            .Lift(net, prior ?? (_ => new Normal(0, 1)), out _).Trace(zeros(5), new RandomKey(1));

    private static void Step(Model<Tensor> model, Guide<Tensor> guide)
    {
        using var svi = Inferences.Svi(model, guide);
        svi.Step(zeros(4));
    }
}
