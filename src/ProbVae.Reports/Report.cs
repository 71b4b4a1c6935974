using System.Text;

namespace ProbVae.Reports;

/// <summary>A report as a value: a title and sections of blocks, which become one HTML file without script, network or other files.</summary>
/// <param name="Title">What the report is about.</param>
/// <param name="Summary">A sentence or two under the title; empty for none.</param>
/// <param name="Sections">In reading order.</param>
public sealed record Report(string Title, string Summary, IReadOnlyList<Section> Sections)
{
    /// <summary>The page: well-formed as XML too, light or dark as the reader's system is, fit for a phone and for paper.</summary>
    public string ToHtml()
    {
        var markup = new Markup();
        markup.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        markup.Raw("<meta name=\"color-scheme\" content=\"light dark\"/><link rel=\"icon\" href=\"data:,\"/>");
        markup.Element("title", Title).Raw("<style>").Raw(StyleSheet.OfPage).Raw("</style></head><body><main><header>").Element("h1", Title);
        if (Summary.Length > 0)
        {
            markup.Element("p", Summary);
        }

        markup.Raw("</header>\n");
        if (Sections.Count > 2)
        {
            Contents(markup);
        }

        for (var i = 0; i < Sections.Count; i++)
        {
            markup.Open("section", ("id", $"s{i + 1}")).Element("h2", Sections[i].Title);
            foreach (var block in Sections[i].Blocks)
            {
                block.Write(markup);
                markup.Raw("\n");
            }

            markup.Raw("</section>\n");
        }

        return markup.Raw("</main></body></html>\n").ToString();
    }

    /// <summary>Writes the page as UTF-8.</summary>
    /// <param name="stream">Where to; left open.</param>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encoding.UTF8.GetBytes(ToHtml()));
    }

    /// <summary>Writes the page to a file, which is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        using var file = File.Create(path);
        Write(file);
    }

    private void Contents(Markup markup)
    {
        markup.Raw("<nav aria-label=\"Contents\">");
        for (var i = 0; i < Sections.Count; i++)
        {
            markup.Element("a", Sections[i].Title, ("href", $"#s{i + 1}"));
        }

        markup.Raw("</nav>\n");
    }
}

/// <summary>A part of a report under its own heading.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Blocks">In reading order.</param>
public sealed record Section(string Title, IReadOnlyList<Block> Blocks)
{
    /// <summary>A section of the blocks given.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="blocks">In reading order.</param>
    public Section(string title, params Block[] blocks)
        : this(title, (IReadOnlyList<Block>)blocks)
    {
    }
}
