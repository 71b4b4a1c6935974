using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ProbVae.Analyzers.Tests;

/// <summary>What each mistake gets, word for word; and what comes near to one and gets nothing.</summary>
public sealed class SentencesTests
{
    private const string Pair = """
        var model = Model.Given<Tensor>("pair").Sample("a", new Normal(0, 1), out var a).Sample("b", new Normal(0, 1), out var b).Observe("x", s => new Normal(s[a] + s[b], 1), out _).Build();
        """;

    private const string Other = """
        var other = Model.Given<Tensor>("other").Sample("mu", new Normal(0, 1), out var mu).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        """;

    [Theory]
    [InlineData(
        """_ = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Deterministic("z", s => s[z] + 1, out _).Build();""",
        "PV0001 Site 'z' is declared twice in one model; each site needs its own name: give this one another")]
    [InlineData(
        Pair + "var guide = Guide.For(model).Sample(a, _ => new Normal(0, 1)).Build();",
        "PV0002 Site 'b' is latent in the model and missing from this guide; add .Sample(b, ...), or .SumOut(b) for a discrete one that Elbo.Enumerated is to sum out")]
    [InlineData(
        """
        var model = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out _).Observe("x", s => new Normal(0, 1), out _).Build();
        var guide = Guide.For(model).Build();
        """,
        "PV0002 Site 'a' is latent in the model and missing from this guide; keep its handle (out var a) and add .Sample(a, ...), or .SumOut(a) for a discrete one that Elbo.Enumerated is to sum out")]
    [InlineData(
        """Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z);""",
        "PV0003 What Sample returns is dropped, so nothing is declared: no word changes the builder that it is said to. End the sentence with .Build() and keep the model.")]
    [InlineData(
        Pair + "_ = Guide.For(model).Sample(a, _ => new Normal(0, 1));",
        "PV0003 What Sample returns is dropped, so nothing is declared: no word changes the builder that it is said to. End the sentence with .Build() and keep the guide.")]
    [InlineData(
        Pair + Other + "var guide = Guide.For(model).Sample(a, _ => new Normal(0, 1)).Sample(b, _ => new Normal(0, 1)).Sample(mu, _ => new Normal(0, 1)).Build();",
        "PV0004 Site 'mu' belongs to the model 'other' and is used in the guide of 'pair'; use the handle that declaring 'pair' gave")]
    [InlineData(
        Pair + Other + "var part = Guide.For(model).Sample(a, (_, s) => new Normal(s[mu], 1)).BuildPart();",
        "PV0004 Site 'mu' belongs to the model 'other' and is used in the guide of 'pair'; use the handle that declaring 'pair' gave")]
    [InlineData(
        Other + """var model = Model.Given<Tensor>("m").Observe("x", s => new Normal(s[mu], 1), out _).Build();""",
        "PV0004 Site 'mu' belongs to the model 'other' and is used in the model 'm'; use the handle that declaring 'm' gave")]
    [InlineData(
        "using TorchSharp.Modules; Console.WriteLine(nn.Linear(1, 1));",
        "PV0005 'using TorchSharp.Modules;' brings in other classes of our distributions' names, as Bernoulli, Beta, Binomial; name each class that you need, as in 'using Linear = TorchSharp.Modules.Linear;'")]
    [InlineData(
        """_ = Model.Given<Tensor>("m").Sample("b", _ => new Normal(zeros(3), ones(3) * 2), out var b).Observe("x", s => new Normal(s[b][-1], 1), out _).Build();""",
        "PV0006 s[b][-1] holds for one particle only: of several draws of the vector 'b', the first axis is which draw. Write s[b].select(-1, -1).")]
    [InlineData(
        """
        var x = randn(5, 3);
        _ = Model.Given<Tensor>("m").Sample("b", Normal.Standard(3), out var b).Observe("x", s => new Normal(matmul(2 * x, s[b]), 1), out _).Build();
        """,
        "PV0006 matmul(2 * x, s[b]) holds for one particle only: of several draws of the vector 'b', the first axis is which draw. Write (2 * x).matmul(s[b].unsqueeze(-1)).squeeze(-1).")]
    [InlineData(
        """
        var x = randn(5, 3);
        _ = Model.Given<Tensor>("m").Sample("b", Normal.Standard(3), out var b).Plate("rows", 5).Observe("x", s => new Normal(x.mv(s[b]), 1), out _).Build();
        """,
        "PV0006 x.mv(s[b]) holds for one particle only: of several draws of the vector 'b', the first axis is which draw. Write s[b].mul(x).sum(-1).")]
    [InlineData(
        """
        var (z, y) = (new Latent("z"), new Observed("y"));
        _ = Model.Program<Tensor>("m", (p, x) =>
        {
            var w = p.Sample(z, Normal.Standard(3));
            p.Observe(y, new Normal(w[0], 1), x);
        });
        """,
        "PV0006 w[0] holds for one particle only: of several draws of the vector 'z', the first axis is which draw. Write w.select(-1, 0).")]
    public async Task AMistakeGetsItsSentence(string program, string sentence) => Assert.Equal(sentence, Assert.Single(await Analyzed.Sentences(program)));

    [Theory]
    [InlineData("two models with one site's name", Other + """var more = Model.Given<Tensor>("more").Sample("mu", new Normal(0, 1), out var nu).Build();""")]
    [InlineData("names that are computed", """var name = Console.ReadLine()!; _ = Model.Given<Tensor>("m").Sample(name, new Normal(0, 1), out _).Sample(name + 2, new Normal(0, 1), out _).Build();""")]
    [InlineData("a part of a guide", Pair + "_ = Guide.For(model).Sample(a, _ => new Normal(0, 1)).BuildPart();")]
    [InlineData("a variable that is summed out", Pair + "_ = Guide.For(model).Sample(a, _ => new Normal(0, 1)).SumOut(b).Build();")]
    [InlineData("handles in an array", Pair + "Latent[] sites = [a, b]; _ = Guide.For(model).SumOut(sites).Build();")]
    [InlineData("a handle under two names", Pair + "var c = b; _ = Guide.For(model).Sample(a, _ => new Normal(0, 1)).Sample(c, _ => new Normal(0, 1)).Build();")]
    [InlineData("a guide of the model that a handler made", Pair + "_ = Guide.For(model.Condition(b, zeros(1)[0])).Sample(a, _ => new Normal(0, 1)).Build();")]
    [InlineData("a model that is another by then", Pair + "model = model.Condition(b, zeros(1)[0]); _ = Guide.For(model).Sample(a, _ => new Normal(0, 1)).Build();")]
    [InlineData("a handle that another sentence takes over", """
        var first = Model.Given<Tensor>("first").Sample("z", new Normal(0, 1), out var z).Build();
        var second = Model.Given<Tensor>("second").Sample("z", new Normal(0, 1), out z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        """)]
    [InlineData("a scope from elsewhere", Other + """
        Func<Scope<Tensor>, Tensor> read = s => s[mu];
        var model = Model.Given<Tensor>("m").Observe("x", s => new Normal(read(s), 1), out _).Build();
        """)]
    [InlineData("a builder that is kept", """var builder = Model.Given<Tensor>("m"); builder = builder.Sample("z", new Normal(0, 1), out _); _ = builder.Build();""")]
    [InlineData("an alias of a module", "using Linear = TorchSharp.Modules.Linear; Linear layer = nn.Linear(1, 1);")]
    [InlineData("a vector in a plate", """_ = Model.Given<Tensor>("m").Plate("rows", 5).Sample("b", Normal.Standard(3), out var b).Observe("x", s => new Normal(s[b][0], 1), out _).Build();""")]
    [InlineData("a vector after a builder of which nothing is known", """void Add(ModelBuilder<Tensor> builder) => builder.Sample("b", Normal.Standard(3), out var b).Observe("x", s => new Normal(s[b][0], 1), out _).Build();""")]
    [InlineData("a matrix", """_ = Model.Given<Tensor>("m").Sample("b", Normal.Standard(3, 2), out var b).Observe("x", s => new Normal(zeros(5, 3).matmul(s[b]), 1), out _).Build();""")]
    [InlineData("particles one by one", """
        _ = Model.Given<Tensor>("m").Sample("b", Normal.Standard(3), out var b).Observe("x", s => new Normal(s[b][0], 1), out _).Build();
        _ = Elbo.Trace(particles: 2, vectorized: false);
        """)]
    [InlineData("a range of the last axis", """_ = Model.Given<Tensor>("m").Sample("b", Normal.Standard(3), out var b).Observe("x", s => new Normal(s[b][TensorIndex.Ellipsis, 0], 1), out _).Build();""")]
    public async Task WhatIsNoMistakeForCertainGetsNothing(string what, string program)
    {
        Assert.NotEmpty(what);
        Assert.Empty(await Analyzed.Sentences(program));
    }

    /// <summary>Programs as they are while someone writes them: cut off anywhere, or without one of their lines' ends.</summary>
    [Theory]
    [InlineData(Pair + Other + "var guide = Guide.For(model).Sample(a, (_, s) => new Normal(s[mu], 1)).SumOut(b, mu).Build();")]
    [InlineData("using TorchSharp.Modules; var x = randn(5, 3); _ = Model.Given<Tensor>(\"m\").Sample(\"b\", s => new Normal(zeros(3), -ones(3)), out var b).Observe(\"x\", s => new Normal(x.matmul(s[b])[0] + s[b][0], 1), out _).Build();")]
    [InlineData("var z = new Latent(\"z\"); _ = Model.Program<Tensor>(\"m\", (p, x) => { var w = p.Sample(z, Normal.Standard(3).ToEvent(1)); var v = x.mv(w); using var rows = p.Plate(\"rows\", 3); });")]
    public async Task ABrokenProgramDoesNotBreakTheAnalyzer(string program)
    {
        for (var end = 1; end < program.Length; end += 7)
        {
            Assert.DoesNotContain(await Analyzed.Findings(program[..end]), finding => finding.Id == "AD0001");
            Assert.DoesNotContain(await Analyzed.Findings(program.Remove(end, Math.Min(5, program.Length - end))), finding => finding.Id == "AD0001");
        }
    }

    [Fact]
    public async Task AnAnalyzerThatThrowsIsSeen() => Assert.Equal("AD0001", Assert.Single(await Analyzed.Findings(Analyzed.Bound(Pair), new Throwing())).Id);

#pragma warning disable RS1036, RS1038, RS1041 // No compiler loads it.
    [DiagnosticAnalyzer(LanguageNames.CSharp)]
    private sealed class Throwing : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => new DslAnalyzer().SupportedDiagnostics;

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterOperationBlockAction(_ => throw new InvalidOperationException("seen"));
        }
    }
}
