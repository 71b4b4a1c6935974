using static TorchSharp.torch;

namespace ProbVae.Tests.Models;

/// <summary>Models as text for Mermaid and Graphviz, word for word.</summary>
public sealed class RenderTests
{
    [Fact]
    public void ADeclaredModelHasPlatesInPlatesAndAnEdgeForEachRead()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("schools")
            .Sample("mu", new Normal(0, 5), out var mu)
            .Sample("tau", new HalfCauchy(5), out var tau)
            .Plate("schools", total: 5, axis: -2)
            .Sample("theta", s => new Normal(s[mu], s[tau]), out var theta)
            .Deterministic("grade", s => s[theta] / 10, out _)
            .Plate("pupils", total: 1000, batch: d => d.shape[1])
            .Observe("score", s => new Normal(s[theta], 2), out _)
            .Build();
        var graph = model.Render(zeros(5, 20));
        Assert.Equal(
            """
            flowchart TD
              %% schools
              s0(["mu<br/>Normal"]):::latent
              s1(["tau<br/>HalfCauchy"]):::latent
              subgraph plate0["schools (5)"]
                s2(["theta<br/>Normal"]):::latent
                s3(["grade<br/>computed"]):::computed
                subgraph plate1["pupils (20 of 1000)"]
                  s4(["score<br/>Normal"]):::observed
                end
              end
              s0 --> s2
              s1 --> s2
              s2 --> s3
              s2 --> s4
              classDef latent fill:#fff,stroke:#333,color:#000
              classDef observed fill:#ccc,stroke:#333,color:#000
              classDef computed fill:#fff,stroke:#333,color:#000,stroke-dasharray:4 3

            """,
            graph.ToMermaid(), ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
            digraph "schools" {
              node [shape=ellipse, style=filled, fillcolor=white];
              s0 [label="mu\nNormal"];
              s1 [label="tau\nHalfCauchy"];
              subgraph cluster0 {
                label="schools (5)"; labeljust=r; labelloc=b;
                s2 [label="theta\nNormal"];
                s3 [label="grade\ncomputed", style="filled,dashed"];
                subgraph cluster1 {
                  label="pupils (20 of 1000)"; labeljust=r; labelloc=b;
                  s4 [label="score\nNormal", fillcolor=lightgray];
                }
              }
              s0 -> s2;
              s1 -> s2;
              s2 -> s3;
              s2 -> s4;
            }

            """,
            graph.ToDot(), ignoreLineEndingDifferences: true);
        Assert.Equal(graph.ToMermaid(), graph.ToString());
    }

    [Fact]
    public void AProgramsEdgesAreDottedAndNamesAreEscaped()
    {
        using var scope = NewDisposeScope();
        var (z, x) = (new Latent("z"), new Observed("say \"x\" <&> #1 \\"));
        var model = Model.Program<Tensor>("a \"walk\"\nof two", (p, data) =>
        {
            var value = p.Sample(z[0], new Normal(0, 1));
            p.Observe(x, new Normal(value, 1), data);
        });
        var graph = model.Render(tensor(1f));
        Assert.Equal(
            """
            flowchart TD
              %% a "walk" of two
              %% dotted: a program's site may read any latent variable before it
              s0(["z[0]<br/>Normal"]):::latent
              s1(["say #34;x#34; #60;#38;#62; #35;1 #92;<br/>Normal"]):::observed
              s0 -.-> s1
              classDef latent fill:#fff,stroke:#333,color:#000
              classDef observed fill:#ccc,stroke:#333,color:#000
              classDef computed fill:#fff,stroke:#333,color:#000,stroke-dasharray:4 3

            """,
            graph.ToMermaid(), ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
            digraph "a \"walk\"\nof two" {
              // dotted: a program's site may read any latent variable before it
              node [shape=ellipse, style=filled, fillcolor=white];
              s0 [label="z[0]\nNormal"];
              s1 [label="say \"x\" <&> #1 \\\nNormal", fillcolor=lightgray];
              s0 -> s1 [style=dotted];
            }

            """,
            graph.ToDot(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void SitesOfOnePlateShareItsBoxWhereverTheyStand()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("two").Plate("rows", total: 3).Sample("a", new Normal(0, 1), out var a).EndPlate()
            .Sample("b", new Normal(0, 1), out var b).Plate("rows", total: 3).Observe("x", s => new Normal(s[a] + s[b], 1), out _).Build();
        var text = model.Render(zeros(3)).ToMermaid();
        Assert.Equal(1, text.Split("subgraph").Length - 1);
        Assert.Contains("s0 --> s2\n  s1 --> s2", text, StringComparison.Ordinal);
    }
}
