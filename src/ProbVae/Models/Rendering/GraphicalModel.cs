using System.Text;

namespace ProbVae;

/// <summary>
/// A directed graphical model: latent variables as white nodes, observations shaded, computed quantities dashed, plates as boxes.
/// </summary>
/// <remarks>
/// An edge leads from each latent variable that a site's distribution was made from. A computed quantity that a site reads counts as
/// the latent variables behind it. Of a program it is not known what a site reads; a dotted edge from each latent variable before it says so.
/// </remarks>
public sealed class GraphicalModel
{
    private GraphicalModel(string name, IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphEdge> edges) => (Name, Nodes, Edges) = (name, nodes, edges);

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The sites, in the order in which the model ran them.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Which site reads which latent variable.</summary>
    public IReadOnlyList<GraphEdge> Edges { get; }

    private bool HasUnknownEdges => Edges.Any(edge => !edge.IsKnown);

    internal static GraphicalModel Of(string name, Trace trace)
    {
        var nodes = trace.Sites.Select(site => new GraphNode(site.Name, LabelOf(site), KindOf(site), [.. site.Plates.Select(plate => plate.ToString())])).ToList();
        var edges = new List<GraphEdge>();
        for (var to = 0; to < trace.Sites.Count; to++)
        {
            var reads = trace.Sites[to].Reads;
            for (var from = 0; from < to; from++)
            {
                if (trace.Sites[from].Key is Latent latent && trace.Sites[from] is LatentSite or BlockedSite && (reads is null || reads.Contains(latent)))
                {
                    edges.Add(new(from, to, reads is not null));
                }
            }
        }

        return new(name, nodes, edges);
    }

    /// <summary>The graph in Mermaid's flowchart language, which Markdown pages show as a picture.</summary>
    public string ToMermaid()
    {
        var text = new StringBuilder().Append("flowchart TD\n").Append($"  %% {OneLine(Name)}\n");
        if (HasUnknownEdges)
        {
            text.Append("  %% dotted: a program's site may read any latent variable before it\n");
        }

        var boxes = 0;
        Nest(Nodes.Select((node, i) => (node, i)), 0, 1,
            (node, i, indent) => text.Append(indent).Append(MermaidNode(node, i)).Append('\n'),
            (plate, indent) => text.Append(indent).Append($"subgraph plate{boxes++}[\"{MermaidText(plate)}\"]\n"),
            indent => text.Append(indent).Append("end\n"));
        foreach (var (from, to, known) in Edges)
        {
            text.Append($"  s{from} {(known ? "-->" : "-.->")} s{to}\n");
        }

        return text.Append("  classDef latent fill:#fff,stroke:#333,color:#000\n")
            .Append("  classDef observed fill:#ccc,stroke:#333,color:#000\n")
            .Append("  classDef computed fill:#fff,stroke:#333,color:#000,stroke-dasharray:4 3\n").ToString();
    }

    /// <summary>The graph in Graphviz's language, for <c>dot -Tsvg</c>.</summary>
    public string ToDot()
    {
        var text = new StringBuilder().Append($"digraph {DotText(Name)} {{\n");
        if (HasUnknownEdges)
        {
            text.Append("  // dotted: a program's site may read any latent variable before it\n");
        }

        text.Append("  node [shape=ellipse, style=filled, fillcolor=white];\n");
        var boxes = 0;
        Nest(Nodes.Select((node, i) => (node, i)), 0, 1,
            (node, i, indent) => text.Append(indent).Append(DotNode(node, i)).Append('\n'),
            (plate, indent) => text.Append(indent).Append($"subgraph cluster{boxes++} {{\n").Append(indent).Append($"  label={DotText(plate)}; labeljust=r; labelloc=b;\n"),
            indent => text.Append(indent).Append("}\n"));
        foreach (var (from, to, known) in Edges)
        {
            text.Append($"  s{from} -> s{to}{(known ? "" : " [style=dotted]")};\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>The graph in Mermaid's language.</summary>
    public override string ToString() => ToMermaid();

    // Sites of one plate go into one box, wherever in the run they stand; a plate inside a plate is a box in its box.
    private static void Nest(IEnumerable<(GraphNode Node, int Index)> nodes, int depth, int level, Action<GraphNode, int, string> node, Action<string, string> open, Action<string> close)
    {
        var indent = new string(' ', 2 * level);
        var here = nodes.ToList();
        foreach (var (inside, index) in here.Where(entry => entry.Node.Plates.Count == depth))
        {
            node(inside, index, indent);
        }

        foreach (var box in here.Where(entry => entry.Node.Plates.Count > depth).GroupBy(entry => entry.Node.Plates[depth]))
        {
            open(box.Key, indent);
            Nest(box, depth + 1, level + 1, node, open, close);
            close(indent);
        }
    }

    private static string LabelOf(Site site) => site switch
    {
        DeterministicSite => "computed",
        IntervenedSite => "set",
        _ => site.Distribution.Family,
    };

    private static GraphNodeKind KindOf(Site site) => site switch
    {
        ObservedSite => GraphNodeKind.Observed,
        DeterministicSite or IntervenedSite => GraphNodeKind.Computed,
        _ => GraphNodeKind.Latent,
    };

    private static string MermaidNode(GraphNode node, int index)
    {
        var label = $"\"{MermaidText(node.Name)}<br/>{MermaidText(node.Label)}\"";
        return $"s{index}([{label}]):::{node.Kind switch { GraphNodeKind.Observed => "observed", GraphNodeKind.Computed => "computed", _ => "latent" }}";
    }

    private static string DotNode(GraphNode node, int index)
    {
        var style = node.Kind switch { GraphNodeKind.Observed => ", fillcolor=lightgray", GraphNodeKind.Computed => ", style=\"filled,dashed\"", _ => "" };
        return $"s{index} [label={DotText($"{node.Name}\n{node.Label}")}{style}];";
    }

    // Mermaid's own escapes: # and a code, ended by a semicolon. What could open a tag, a string or Markdown is written so.
    private static string MermaidText(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in OneLine(text))
        {
            escaped.Append(character is '"' or '#' or '&' or '<' or '>' or '`' or '\\' ? $"#{(int)character};" : character.ToString());
        }

        return escaped.ToString();
    }

    // Graphviz reads \n as a new line, and a backslash before anything else as an escape.
    private static string DotText(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    private static string OneLine(string text) => text.Replace('\r', ' ').Replace('\n', ' ');
}
