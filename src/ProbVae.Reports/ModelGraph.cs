namespace ProbVae.Reports;

/// <summary>
/// A model's graph as a drawing: sites in layers, each below what it reads; latent variables white, observations shaded, computed
/// quantities dashed; a box around the sites of a plate.
/// </summary>
/// <param name="Title">What the graph shows.</param>
/// <param name="Graph">The graph, from <see cref="ModelRendering.Render{TData}"/>.</param>
public sealed record ModelGraph(string Title, GraphicalModel Graph) : Chart(Title)
{
    internal override (double Width, double Height) Size => (Layout.Width, Layout.Height);

    internal override string Kind => "graph";

    // Letters about as large as the page's.
    internal override double? MostWidth => Layout.Width * 1.2;

    internal override string Note => Graph.Edges.Any(edge => !edge.IsKnown) ? "Dotted: a program's site may read any latent variable before it." : "";

    private GraphLayout Layout => GraphLayout.Of(Graph ?? throw new InvalidOperationException("A model graph has no graph; give it what Render returns."));

    internal override void Draw(Markup markup)
    {
        var layout = Layout;
        markup.Raw("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>");
        foreach (var plate in layout.Plates)
        {
            markup.Empty("rect", ("class", "plate"), ("x", Number.Coordinate(plate.Left)), ("y", Number.Coordinate(plate.Top)),
                ("width", Number.Coordinate(plate.Right - plate.Left)), ("height", Number.Coordinate(plate.Bottom - plate.Top)), ("rx", "8"));
            markup.Element("text", plate.Name, ("class", "end"), ("x", Number.Coordinate(plate.Right - 8)), ("y", Number.Coordinate(plate.Bottom - 7)));
        }

        foreach (var edge in Graph.Edges)
        {
            Edge(markup, edge, layout.Nodes[edge.From], layout.Nodes[edge.To]);
        }

        for (var i = 0; i < Graph.Nodes.Count; i++)
        {
            Node(markup, Graph.Nodes[i], layout.Nodes[i]);
        }
    }

    private static void Node(Markup markup, GraphNode node, ChartPoint place)
    {
        var kind = node.Kind switch { GraphNodeKind.Observed => "node observed", GraphNodeKind.Computed => "node computed", _ => "node" };
        markup.Empty("ellipse", ("class", kind), ("cx", Number.Coordinate(place.X)), ("cy", Number.Coordinate(place.Y)),
            ("rx", Number.Coordinate(GraphLayout.RadiusOf(node))), ("ry", Number.Coordinate(GraphLayout.NodeHeight / 2)));
        markup.Element("text", node.Name, ("class", "middle name"), ("x", Number.Coordinate(place.X)), ("y", Number.Coordinate(place.Y - 2)));
        markup.Element("text", node.Label, ("class", "middle"), ("x", Number.Coordinate(place.X)), ("y", Number.Coordinate(place.Y + 13)));
    }

    // From the lower end of one node to the upper end of another; over several layers with a bow, so as not to run through nodes between.
    private static void Edge(Markup markup, GraphEdge edge, ChartPoint from, ChartPoint to)
    {
        var (start, end) = (from.Y + (GraphLayout.NodeHeight / 2), to.Y - (GraphLayout.NodeHeight / 2) - 1);
        var bow = to.Y - from.Y > 1.5 * GraphLayout.LayerHeight ? 60 : 0;
        var half = (end - start) / 2;
        markup.Empty("path", ("class", edge.IsKnown ? "edge" : "edge unknown"), ("marker-end", "url(#tip)"),
            ("d", $"M{Number.Coordinate(from.X)} {Number.Coordinate(start)}C{Number.Coordinate(from.X + bow)} {Number.Coordinate(start + half)} {Number.Coordinate(to.X + bow)} {Number.Coordinate(end - half)} {Number.Coordinate(to.X)} {Number.Coordinate(end)}"));
    }
}
