using System.Globalization;
using System.Xml.Linq;
using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

public sealed class ModelGraphTests
{
    [Fact]
    public void SitesStandBelowWhatTheyReadAndPlatesAroundTheirSites()
    {
        using var data = zeros(6, 3);
        var model = Model.Given<Tensor>("<factors>")
            .Sample("scale", new HalfNormal(1), out var scale)
            .Plate("rows", total: 6, batch: x => x.shape[0])
            .Sample("z", Normal.Standard(2), out var z)
            .Observe("x", s => new Normal(s[z].sum(dim: -1, keepdim: true).expand(-1, 3), s[scale]).ToEvent(1), x => x, out _)
            .Build();
        var graph = model.Render(data);
        var page = new Page(new ModelGraph("The graph", graph));
        Assert.Equal(["scale", "z", "x"], page.OfClass("text", "name").Select(text => text.Value));
        Assert.Equal(["HalfNormal", "Normal", "Normal"], graph.Nodes.Select(node => node.Label));
        Assert.Equal([(0, 2), (1, 2)], graph.Edges.Select(edge => (edge.From, edge.To)));
        var nodes = page.OfClass("ellipse", "node");
        Assert.Equal([false, false, true], nodes.Select(node => node.Attribute("class")!.Value.Contains("observed", StringComparison.Ordinal)));
        Assert.All(graph.Edges, edge => Assert.True(Number(nodes[edge.From], "cy") < Number(nodes[edge.To], "cy")));
        Assert.Equal(2, page.OfClass("path", "edge").Count);

        var plate = Assert.Single(page.OfClass("rect", "plate"));
        Assert.Equal([false, true, true], nodes.Select(node => IsInside(node, plate)));
        Assert.Contains("rows (6)", page.Texts("text"));
    }

    [Fact]
    public void NodesDoNotCoverOneAnotherAndStayInTheDrawing()
    {
        using var data = zeros(4);
        var (state, seen) = (new Latent("a rather long name"), new Observed("x"));
        var model = Model.Program<Tensor>("many", (run, x) =>
        {
            var sum = zeros(4);
            for (var i = 0; i < 8; i++)
            {
                sum = sum + run.Sample(state[i], new Normal(0, 1));
            }

            run.Observe(seen, new Normal(sum, 1).ToEvent(1), x);
        });
        var page = new Page(new ModelGraph("The graph", model.Render(data)));
        var nodes = page.OfClass("ellipse", "node");
        Assert.Equal(9, nodes.Count);
        foreach (var (i, node) in nodes.Index())
        {
            Assert.All(nodes.Skip(i + 1), other => Assert.True(
                Math.Abs(Number(node, "cx") - Number(other, "cx")) >= Number(node, "rx") + Number(other, "rx") || Math.Abs(Number(node, "cy") - Number(other, "cy")) >= 2 * Number(node, "ry")));
        }

        var size = page.All("svg")[0].Attribute("viewBox")!.Value.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToList();
        Assert.All(nodes, node => Assert.True(Number(node, "cx") - Number(node, "rx") >= 0 && Number(node, "cx") + Number(node, "rx") <= size[2] && Number(node, "cy") + Number(node, "ry") <= size[3]));
        Assert.Contains("Dotted: a program's site may read any latent variable before it.", page.Texts("p"));
    }

    [Fact]
    public void APlateInAPlateIsABoxInABox()
    {
        using var data = zeros(5, 20);
        var model = Model.Given<Tensor>("schools")
            .Sample("mu", new Normal(0, 5), out var mu)
            .Plate("schools", total: 5, axis: -2)
            .Sample("theta", s => new Normal(s[mu], 1), out var theta)
            .Plate("pupils", total: 1000, batch: d => d.shape[1])
            .Observe("score", s => new Normal(s[theta], 2), d => d, out _)
            .Build();
        var page = new Page(new ModelGraph("The graph", model.Render(data)));
        var (nodes, plates) = (page.OfClass("ellipse", "node"), page.OfClass("rect", "plate"));
        Assert.Equal([false, true, true, false, false, true], plates.SelectMany(plate => nodes.Select(node => IsInside(node, plate))));
        var (outer, inner) = (plates[0], plates[1]);
        Assert.True(Number(outer, "x") < Number(inner, "x") && Number(outer, "x") + Number(outer, "width") > Number(inner, "x") + Number(inner, "width"));
        Assert.True(Number(outer, "y") < Number(inner, "y") && Number(outer, "y") + Number(outer, "height") > Number(inner, "y") + Number(inner, "height"));
    }

    private static bool IsInside(XElement node, XElement box) =>
        Number(node, "cx") - Number(node, "rx") > Number(box, "x") && Number(node, "cx") + Number(node, "rx") < Number(box, "x") + Number(box, "width")
        && Number(node, "cy") - Number(node, "ry") > Number(box, "y") && Number(node, "cy") + Number(node, "ry") < Number(box, "y") + Number(box, "height");

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
