namespace ProbVae;

/// <summary>What a node of a graphical model stands for.</summary>
public enum GraphNodeKind
{
    /// <summary>A variable that inference looks for.</summary>
    Latent,

    /// <summary>A variable whose value the data gives.</summary>
    Observed,

    /// <summary>A quantity computed from others, or set from outside.</summary>
    Computed,
}

/// <summary>A site as a node of a graphical model.</summary>
/// <param name="Name">The site's name.</param>
/// <param name="Label">Its distribution's family, or what else it is.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Plates">The plates that it stands in, the outermost first.</param>
public sealed record GraphNode(string Name, string Label, GraphNodeKind Kind, IReadOnlyList<string> Plates);

/// <summary>One site that was made from another.</summary>
/// <param name="From">The index of the node that is read.</param>
/// <param name="To">The index of the node that reads it.</param>
/// <param name="IsKnown">False where it is only known that it may read it.</param>
public sealed record GraphEdge(int From, int To, bool IsKnown);
