namespace ProbVae.Reports;

/// <summary>Where the nodes and plates of a graph are drawn: a node one layer below the lowest that it reads, plates side by side.</summary>
internal sealed class GraphLayout
{
    public const double NodeHeight = 46;
    public const double LayerHeight = 96;

    private const double LetterWidth = 7.2;
    private const double Gap = 36;
    private const double PlatePadding = 18;
    private const double PlateLabel = 22;

    private GraphLayout(IReadOnlyList<ChartPoint> nodes, IReadOnlyList<PlateBox> plates, double width, double height) =>
        (Nodes, Plates, Width, Height) = (nodes, plates, width, height);

    public IReadOnlyList<ChartPoint> Nodes { get; }

    public IReadOnlyList<PlateBox> Plates { get; }

    public double Width { get; }

    public double Height { get; }

    public static double RadiusOf(GraphNode node) => Math.Max(34, (Math.Max(node.Name.Length, node.Label.Length) * LetterWidth / 2) + 14);

    public static GraphLayout Of(GraphicalModel graph)
    {
        var layers = Layers(graph);
        var places = new ChartPoint[graph.Nodes.Count];
        var right = Place(graph, layers, [.. Enumerable.Range(0, graph.Nodes.Count)], 0, PlatePadding, places);
        var plates = Boxes(graph, places);
        var left = Math.Min(0, plates.Select(plate => plate.Left - 6).DefaultIfEmpty(0).Min());
        var bottom = plates.Select(plate => plate.Bottom + 6).Append(((layers.DefaultIfEmpty(0).Max() + 1) * LayerHeight) + PlatePadding).Max();
        // A place for the bow of edges that pass layers by.
        var width = plates.Select(plate => plate.Right + 6).Append(right).Max() - left + (graph.Edges.Any(edge => layers[edge.To] - layers[edge.From] > 1) ? 40 : 0);
        var top = Math.Min(0, plates.Select(plate => plate.Top - 6).DefaultIfEmpty(0).Min());
        return new(
            [.. places.Select(place => new ChartPoint(place.X - left, place.Y - top))],
            [.. plates.Select(plate => plate with { Left = plate.Left - left, Right = plate.Right - left, Top = plate.Top - top, Bottom = plate.Bottom - top })],
            width, bottom - top);
    }

    // Edges lead forward, from sites that ran before.
    private static int[] Layers(GraphicalModel graph)
    {
        var layers = new int[graph.Nodes.Count];
        foreach (var edge in graph.Edges.OrderBy(edge => edge.To))
        {
            layers[edge.To] = Math.Max(layers[edge.To], layers[edge.From] + 1);
        }

        return layers;
    }

    // Nodes outside of deeper plates share columns' tops; each plate gets columns of its own, so that no box cuts another.
    private static double Place(GraphicalModel graph, int[] layers, int[] nodes, int depth, double left, ChartPoint[] places)
    {
        var here = nodes.Where(node => graph.Nodes[node].Plates.Count == depth).ToArray();
        var inside = nodes.Where(node => graph.Nodes[node].Plates.Count > depth).GroupBy(node => graph.Nodes[node].Plates[depth]).ToList();
        var right = left;
        if (here.Length > 0)
        {
            var width = here.GroupBy(node => layers[node]).Max(layer => layer.Sum(node => 2 * RadiusOf(graph.Nodes[node])) + (Gap * (layer.Count() - 1)));
            foreach (var layer in here.GroupBy(node => layers[node]))
            {
                var x = left + ((width - layer.Sum(node => 2 * RadiusOf(graph.Nodes[node])) - (Gap * (layer.Count() - 1))) / 2);
                foreach (var node in layer)
                {
                    places[node] = new(x + RadiusOf(graph.Nodes[node]), (layers[node] * LayerHeight) + (LayerHeight / 2));
                    x += (2 * RadiusOf(graph.Nodes[node])) + Gap;
                }
            }

            right = left + width + Gap;
        }

        foreach (var plate in inside)
        {
            var start = right;
            right = Place(graph, layers, [.. plate], depth + 1, start + PlatePadding, places) + PlatePadding;
            right = Math.Max(right, start + LabelWidth(plate.Key) + Gap);
        }

        return right;
    }

    // From the innermost outwards: a box holds its nodes and the boxes in it.
    private static List<PlateBox> Boxes(GraphicalModel graph, ChartPoint[] places)
    {
        var boxes = new List<PlateBox>();
        for (var depth = graph.Nodes.Select(node => node.Plates.Count).DefaultIfEmpty(0).Max(); depth > 0; depth--)
        {
            foreach (var group in Enumerable.Range(0, places.Length).Where(node => graph.Nodes[node].Plates.Count >= depth).GroupBy(node => PathOf(graph.Nodes[node], depth)))
            {
                var inner = boxes.Where(box => box.Path.StartsWith(group.Key, StringComparison.Ordinal)).ToList();
                var name = graph.Nodes[group.First()].Plates[depth - 1];
                var left = group.Select(node => places[node].X - RadiusOf(graph.Nodes[node])).Concat(inner.Select(box => box.Left)).Min() - PlatePadding;
                var right = group.Select(node => places[node].X + RadiusOf(graph.Nodes[node])).Concat(inner.Select(box => box.Right)).Max() + PlatePadding;
                var top = group.Select(node => places[node].Y - (NodeHeight / 2)).Concat(inner.Select(box => box.Top)).Min() - PlatePadding;
                var bottom = group.Select(node => places[node].Y + (NodeHeight / 2)).Concat(inner.Select(box => box.Bottom)).Max() + PlateLabel + 8;
                boxes.Add(new(group.Key, name, left, top, Math.Max(right, left + LabelWidth(name)), bottom));
            }
        }

        boxes.Reverse();
        return boxes;
    }

    private static string PathOf(GraphNode node, int depth) => string.Concat(node.Plates.Take(depth).Select(plate => $"{plate}\n"));

    private static double LabelWidth(string name) => (name.Length * LetterWidth) + 20;

    /// <summary>The box of a plate.</summary>
    internal sealed record PlateBox(string Path, string Name, double Left, double Top, double Right, double Bottom);
}
