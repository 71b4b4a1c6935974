using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>The mistakes that probabilistic programming systems let pass: what each gets here, and the nearest right program, which runs.</summary>
public sealed class SilentMistakesTests
{
    private static readonly Linear Forgotten = nn.Linear(1, 1);

    internal static readonly Dictionary<string, ProblemCase> Cases = new()
    {
        ["a latent variable that the guide leaves out"] = new(() => Fit(zOnly: true), "Site 'w' is latent in the model 'pair' and missing from the guide; add .Sample(w, ...), or .SumOut(w) for a discrete one that Elbo.Enumerated is to sum out.")
        {
            Instead = "sample every latent variable in the guide.", Right = () => Fit(zOnly: false),
        },

        ["a site that only the guide has"] = new(
            () => Extra(new Latent("c")),
            "Site 'c' is in the guide and is no latent variable of the model; drop it, or use the handle that the model samples.")
        {
            Instead = "sample the model's own handles.", Right = () => Extra(null),
        },

        ["a guide that can leave the prior's support"] = new(
            () => Positive(loc => new Normal(loc, 1)),
            "Site 'rate': the guide's Normal can take a real number, the prior Gamma only a real number > 0; use a guide family with that support.")
        {
            Instead = "a family with the prior's support: LogNormal.", Right = () => Positive(loc => new LogNormal(loc, 1)),
        },

        ["a misspelt key in Condition, declared"] = new(
            () => Pair(out _, out _).Condition(new Latent("zz"), 0.5),
            "Condition('zz'): the model 'pair' has no such site; its sites are z, w, x.")
        {
            Instead = "the handle that the declaration gave.", Right = () => Pair(out var z, out _).Condition(z, 0.5),
        },

        ["a handle of the right name in Condition that is not the model's"] = new(
            () => Pair(out _, out _).Condition(new Latent("z"), 0.5),
            "Condition('z'): the model 'pair' has no such site; its sites are z, w, x. Its 'z' has another handle: pass the one that declaring the model gave."),

        ["a misspelt key in Condition, in a program"] = new(
            () => Program(z => new Latent("zz")),
            "Condition('zz'): the model does not come to that site.")
        {
            Instead = "the handle that the program samples.", Right = () => Program(z => z),
        },

        ["a network whose parameters would not be trained"] = new(
            () => Untrained(builder => builder),
            "Site 'x' (model): Normal's loc depends on a tensor that asks for a gradient and is no parameter of this inference, so it would not be trained. Name its module with Uses((\"name\", module)), or let the lambda capture the module or a Parameter.")
        {
            Instead = "capture the network in the lambda, or name it with Uses.", Right = () => Untrained(builder => builder.Uses(("forgotten", Forgotten))),
        },

        ["(N, 1) against (N) in a plate"] = new(
            () => Columns(column => column),
            "Site 'y': Normal batch (5, 1) event () stands in plate rows (5), so its batch shape must be (5) or broadcast to it. Drop the axes that are too many (squeeze), or make them an event with ToEvent.")
        {
            Instead = "squeeze the axis that is too many.", Right = () => Columns(column => column.squeeze(-1)),
        },

        ["(N) against (N, 1) in a plate"] = new(
            () => Model.Given<Tensor>("m").Plate("rows", total: 5).Observe("x", _ => new Normal(zeros(5), 1), out _).Build().Trace(zeros(5, 1), new RandomKey(1)),
            "Site 'x': the observed value has shape (5, 1) and the distribution Normal batch (5) and event (5); after the plates' axes (5) the two must agree axis by axis.")
        {
            Instead = "data of the likelihood's shape.",
            Right = () => Model.Given<Tensor>("m").Plate("rows", total: 5).Observe("x", _ => new Normal(zeros(5), 1), out _).Build().Trace(zeros(5), new RandomKey(1)),
        },

        ["model and guide at different rows of a plate"] = new(
            () => Rowed(guide: new Rows([0, 3])),
            "Site 'z' stands in plate rows (2 of 4) at rows 0, 3 in the guide and at rows 0, 2 in the model; two minibatches are out of step: give both the rows of the same data.")
        {
            Instead = "one Rows object in the data for both.", Right = () => Rowed(guide: new Rows([0, 2])),
        },

        ["a row beyond the plate's total"] = new(
            () => Rowed(guide: new Rows([0, 2]), total: 2),
            "Plate 'rows': row 2 was asked for, and the plate has a total of 2; rows are counted from 0."),

        ["a minibatch with a row twice"] = new(
            () => Rowed(guide: new Rows([2, 2])),
            "Rows: index 2 occurs 2 times; a minibatch holds each element once."),

        ["two sites of one name"] = new(
            () => Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out _).Sample("z", new Normal(0, 1), out _).Build(),
            "Site 'z' is declared 2 times; each site needs its own name.")
        {
            Instead = "a name each.", Right = () => Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out _).Sample("z2", new Normal(0, 1), out _).Build(),
        },

        ["an observation outside its support"] = new(
            () => Waits(tensor(new[] { 0.5f, -1 })),
            "Site 'wait': Exponential: a value must be a real number ≥ 0; received -1 at (1) of shape (2).")
        {
            Instead = "waits ≥ 0.", Right = () => Waits(tensor(new[] { 0.5f, 1 })),
        },

        ["a discrete site under a pathwise estimator"] = new(
            () => Switch(loc => Bernoulli.FromLogits(loc)),
            "Site 'c': the guide's Bernoulli is not reparameterized: its draws carry no gradient to its arguments, so this ELBO cannot train it. Use a reparameterized family, or an estimator that needs none: Elbo.ScoreFunction(), .At(c, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws), or enumerate it (Bernoulli's arguments may also be held fixed).")
        {
            Instead = "hold its arguments fixed, or use an estimator for such sites.", Right = () => Switch(loc => Bernoulli.FromLogits(loc.detach())),
        },

        ["a closed-form KL where it would be biased"] = new(() => { }, "KL by Monte Carlo: its prior reads 'a', which the guide draws from 'b'")
        {
            Said = () => Reversed(reversed: true),
            Instead = "nothing needs to be done: that one term is estimated from draws, and `Explain` says so.",
            Right = () => Assert.Equal("KL in closed form", Reversed(reversed: false)),
        },

        ["a likelihood scaled to the whole data twice"] = new(
            () => Scaled((model, x) => model.Scale(x, 10)),
            "Scale('x', 10): the plate rows (5 of 50) scales that site by 10 already, so the likelihood would be scaled twice; drop this Scale.")
        {
            Instead = "leave it to the plate; another factor weighs the likelihood on purpose.", Right = () => Scaled((model, x) => model.Scale(x, 0.5)),
        },

        ["a computed quantity without the plates' axes"] = new(
            () => Computed(x => zeros(3)),
            "Site 'd': the computed value has shape (3) and stands in plate rows (5); it must begin with the axes (5) of the plates, and its event comes after them.")
        {
            Instead = "one value, or one event, for each element.", Right = () => Computed(x => zeros(x.shape[0], 3)),
        },

        ["a lambda that averages over particles"] = new(
            () => Averaged(z => z.mean()),
            "Site 'x': Normal batch () event () was made from 'z', whose 4 particles are its first axis, and has lost them; reduce over the last axes only (sum(-1)), or run the particles one by one: vectorized: false. An element of 'z' is s[z].select(-1, 0), not s[z][0]; a matrix times it is X.matmul(s[z].unsqueeze(-1)).squeeze(-1), not X.matmul(s[z]).")
        {
            Instead = "reduce over the last axes only.", Right = () => Averaged(z => z.mean([-1L])),
        },

        ["a scalar beside a vector, with as many particles as the plate has elements"] = new(
            () => Beside(sigma => sigma),
            "Normal: the arguments' shapes do not broadcast: loc (2, 8, 3), scale (2, 1).",
            "The shapes were tried with 2 particles, the size of no other axis. With 8 the program runs only because another axis has that size too, and one would be taken for the other.")
        {
            Instead = "give the scalar an axis of the event's own: s[sigma].unsqueeze(-1).", Right = () => Beside(sigma => sigma.unsqueeze(-1)),
        },

        ["a likelihood that takes a latent variable out of torch"] = new(
            () => Averaged(z => tensor(z.mean([-1L]).ToSingle()), 1),
            "Site 'x' reads 'z' and carries none of its gradient, so 'z' would not learn from it: the value was taken out of torch (ToDouble, item), detached, rounded or compared, or computed under no_grad. Compute with the tensor itself; where there is no gradient by nature, choose an estimator that needs none: Elbo.Trace().At(z, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws).")
        {
            Instead = "compute with the tensor itself.", Right = () => Averaged(z => z.mean([-1L]), 1),
        },

        ["a guide's lambda under no_grad"] = new(
            () => Guided(off: true),
            "The programs use 'loc' and the loss has no gradient in it, so it would not be trained: its value was computed with under no_grad, detached, or taken out of torch (ToDouble, item). Compute with the parameter itself; to hold one fixed on purpose, call requires_grad_(false) on it, or svi.Freeze(\"loc\").")
        {
            Instead = "leave gradients on where parameters are used.", Right = () => Guided(off: false),
        },

        ["an optimizer of other parameters"] = new(
            () => Optimized((_, other) => optim.Adam([other])),
            "No optimizer has 'loc', so it would stay as it is. Give the optimizer all parameters that its lambda is handed, as in parameters => optim.Adam(parameters); to leave one alone, call requires_grad_(false) on it first, or freeze it by svi.Freeze(\"loc\").")
        {
            Instead = "an optimizer of the parameters that its lambda is handed.", Right = () => Optimized((found, _) => optim.Adam(found)),
        },

        ["a distribution for a computed quantity"] = new(
            () =>
            {
                var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out _).Deterministic("twice", s => s.Data * 2, out var twice).Build();
                model.With(twice, new Normal(0, 1));
            },
            "With('twice'): that site is computed and has no distribution; change a site that it is computed from."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AMistakeGetsItsSentence(string name) => Assert.Equal(string.Join("\n", Cases[name].Problems), string.Join("\n", Cases[name].Get()));

    [Theory]
    [MemberData(nameof(Names))]
    public void TheNearestRightProgramRuns(string name) => Cases[name].Right?.Invoke();

    private static Model<Tensor> Pair(out Latent z, out Latent w)
    {
        var model = Model.Given<Tensor>("pair").Sample("z", new Normal(0, 1), out var first)
            .Sample("w", s => new Normal(s[first], 1), out w).Observe("x", s => new Normal(s[first], 1), out _).Build();
        z = first;
        return model;
    }

    private static void Fit(bool zOnly)
    {
        var (model, loc) = (Pair(out var z, out var w), Inferences.Scalar(0));
        var guide = Guide.For(model).Sample(z, _ => new Normal(loc, 1));
        Step(model, (zOnly ? guide : guide.Sample(w, _ => new Normal(loc, 1))).Build());
    }

    private static void Extra(Latent? extra)
    {
        var (model, loc) = (Pair(out var z, out var w), Inferences.Scalar(0));
        Step(model, Guide.Program(model, (p, _) =>
        {
            p.Sample(z, new Normal(loc, 1));
            p.Sample(w, new Normal(loc, 1));
            if (extra is not null)
            {
                p.Sample(extra, new Normal(loc, 1));
            }
        }));
    }

    private static void Positive(Func<Tensor, Distribution> posterior)
    {
        var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("rate", Gamma.FromShapeRate(2, 1), out var rate).Build();
        Step(model, Guide.For(model).Sample(rate, _ => posterior(loc)).Build());
    }

    private static void Program(Func<Latent, Latent> key)
    {
        var (z, loc) = (new Latent("z"), Inferences.Scalar(0));
        var model = Model.Program<Tensor>("m", (p, x) => p.Observe(new Observed("x"), new Normal(p.Sample(z, new Normal(0, 1)), (0 * loc).exp()), x)).Condition(key(z), 0.5);
        Step(model, Guide.Program(model, (p, _) =>
        {
            if (key(z) != z)
            {
                p.Sample(z, new Normal(loc, 1));
            }
        }));
    }

    private static void Untrained(Func<ModelBuilder<Tensor>, ModelBuilder<Tensor>> uses)
    {
        var loc = Inferences.Scalar(0);
        var model = uses(Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s => new Normal(Forgotten.call(s[z].unsqueeze(-1)).squeeze(-1), 1), out _)).Build();
        Step(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build());
    }

    private static void Columns(Func<Tensor, Tensor> squeezed)
    {
        var net = nn.Linear(2, 1);
        Model.Given<(Tensor X, Tensor Y)>("m").Plate("rows", total: 5)
            .Observe("y", s => new Normal(squeezed(net.call(s.Data.X)), 1), d => d.Y, out _).Build().Trace((zeros(5, 2), zeros(5)), new RandomKey(1));
    }

    private static void Rowed(Rows guide, long total = 4)
    {
        var (z, table) = (new Latent("z"), new Parameter(zeros(4)));
        var model = Model.Program<(Rows Model, Rows Guide)>("m", (p, d) =>
        {
            using var rows = p.Plate("rows", total, d.Model);
            p.Sample(z, new Normal(zeros(2), 1));
        });
        var guided = Guide.Program(model, (p, d) =>
        {
            using var rows = p.Plate("rows", total, d.Guide);
            p.Sample(z, new Normal(d.Guide.Of(table), 1));
        });
        using var svi = Inferences.Svi(model, guided);
        svi.Step((new Rows([0, 2]), guide));
    }

    private static void Waits(Tensor data) => Model.Given<Tensor>("m").Plate("rows", total: 2).Observe("wait", _ => new Exponential(ones(2)), out _).Build().Trace(data, new RandomKey(1));

    private static void Switch(Func<Tensor, Distribution> posterior)
    {
        var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("c", Bernoulli.FromProbs(0.5), out var c).Observe("x", s => new Normal(s[c], (0 * loc).exp()), out _).Build();
        Step(model, Guide.For(model).Sample(c, _ => posterior(loc)).Build());
    }

    // The guide draws b first and a from it; the prior of b reads a.
    private static string Reversed(bool reversed)
    {
        var loc = Inferences.Scalar(0.2);
        var model = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out var a).Sample("b", s => new Normal(s[a], 1), out var b).Build();
        var guide = reversed
            ? Guide.For(model).Sample(b, _ => new Normal(loc, 1)).Sample(a, (_, s) => new Normal(loc * s[b], 1)).Build()
            : Guide.For(model).Sample(a, _ => new Normal(loc, 1)).Sample(b, (_, s) => new Normal(loc * s[a], 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        return svi.Explain(tensor(0f)).Sites[1].How;
    }

    private static void Scaled(Func<Model<Tensor>, Observed, Model<Tensor>> scale)
    {
        var loc = Inferences.Scalar(0);
        var model = scale(Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z)
            .Plate("rows", total: 50).Observe("x", s => new Normal(s[z], 1), out var x).Build(), x);
        Step(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build(), zeros(5));
    }

    private static void Computed(Func<Tensor, Tensor> value) => Model.Given<Tensor>("m").Plate("rows", total: 5)
        .Deterministic("d", s => value(s.Data), out _).Build().Trace(zeros(5), new RandomKey(1));

    private static void Beside(Func<Tensor, Tensor> scale)
    {
        Parameter loc = Inferences.Scalar(0), many = new(zeros(8, 3));
        var model = Model.Given<Tensor>("m").Sample("sigma", new LogNormal(0, 1), out var sigma).Plate("rows", 8)
            .Sample("z", new Normal(zeros(8, 3), 1), out var z).Observe("x", s => new Normal(s[z], scale(s[sigma])), out _).Build();
        Step(model, Guide.For(model).Sample(sigma, _ => new LogNormal(loc, 1)).Sample(z, _ => new Normal(many, 1)).Build(), zeros(8, 3), particles: 8);
    }

    private static void Guided(bool off)
    {
        var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
        Step(model, Guide.For(model).Sample(z, _ =>
        {
            using var noGrad = off ? no_grad() : null;
            return new Normal(loc * 1, 1);
        }).Build());
    }

    private static void Optimized(Func<IReadOnlyCollection<Parameter>, Parameter, optim.Optimizer> optimizer)
    {
        var (loc, other) = (Inferences.Scalar(0), Inferences.Scalar(0));
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Build();
        using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build(), Elbo.MeanField(), found => optimizer(found, other));
        svi.Step(tensor(0f));
    }

    private static void Averaged(Func<Tensor, Tensor> mean, int particles = 4)
    {
        var loc = Inferences.Scalar(0);
        var model = Model.Given<Tensor>("m").Sample("z", Normal.Standard(3), out var z).Observe("x", s => new Normal(mean(s[z]), 1), out _).Build();
        Step(model, Guide.For(model).Sample(z, _ => new Normal(loc.expand(3), 1)).Build(), particles: particles);
    }

    private static void Step(Model<Tensor> model, Guide<Tensor> guide, Tensor? data = null, int particles = 1)
    {
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField(particles));
        svi.Step(data ?? tensor(0f));
    }
}
