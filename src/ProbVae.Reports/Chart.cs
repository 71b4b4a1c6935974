using System.Text;

namespace ProbVae.Reports;

/// <summary>A drawing with a title: a block of a report, or an SVG file of its own.</summary>
/// <param name="Title">What it shows.</param>
public abstract record Chart(string Title) : Block
{
    /// <summary>In the drawing's own units, which are pixels in a file.</summary>
    internal virtual (double Width, double Height) Size => (ChartFrame.Width, ChartFrame.Height);

    internal virtual string Kind => "chart";

    /// <summary>How wide it may become in a report, in pixels; null for as wide as its place.</summary>
    internal virtual double? MostWidth => null;

    /// <summary>Names under the drawing, each with its mark in 24 by 12 units.</summary>
    internal virtual IReadOnlyList<LegendEntry> Legend => [];

    /// <summary>What the drawing does not show by itself; empty for nothing.</summary>
    internal virtual string Note => "";

    /// <summary>
    /// The drawing as an SVG file that stands alone: title, drawing, legend and note on a ground of its own, light or dark as the
    /// reader's system is, so that it can be read on any page that shows it.
    /// </summary>
    public string ToSvg() => SvgFile.Of(this);

    /// <summary>Writes the drawing as an SVG file in UTF-8.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void WriteSvg(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encoding.UTF8.GetBytes(ToSvg()));
    }

    /// <summary>Writes the drawing to an SVG file, which is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSvg(string path)
    {
        using var file = File.Create(path);
        WriteSvg(file);
    }

    internal abstract void Draw(Markup markup);

    internal sealed override void Write(Markup markup)
    {
        var (width, height) = Size;
        var style = MostWidth is { } most ? new[] { ("style", $"max-width:{Number.Coordinate(most)}px") } : [];
        markup.Open("figure", ("class", Kind)).Element("figcaption", Title);
        markup.Open("svg", [("viewBox", $"0 0 {Number.Coordinate(width)} {Number.Coordinate(height)}"), ("role", "img"), ("aria-label", Title), .. style]);
        Draw(markup);
        markup.Close("svg");
        if (Legend.Count > 0)
        {
            markup.Open("ul", ("class", "legend"));
            foreach (var entry in Legend)
            {
                markup.Open("li").Open("svg", ("viewBox", "0 0 24 12"), ("class", "key"), ("aria-hidden", "true"));
                entry.Mark(markup);
                markup.Close("svg").Element("span", entry.Name).Close("li");
            }

            markup.Close("ul");
        }

        if (Note.Length > 0)
        {
            markup.Element("p", Note, ("class", "note"));
        }

        markup.Close("figure");
    }
}

/// <summary>A name in a legend.</summary>
/// <param name="Name">The name.</param>
/// <param name="Mark">Draws what it stands for, in 24 by 12 units.</param>
internal sealed record LegendEntry(string Name, Action<Markup> Mark);
