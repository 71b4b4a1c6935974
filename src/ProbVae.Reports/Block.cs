namespace ProbVae.Reports;

/// <summary>A piece of a report: text, a table, a chart, a picture, a graph.</summary>
public abstract record Block
{
    // Only this assembly knows what markup is safe, so only it makes kinds of blocks.
    private protected Block()
    {
    }

    internal abstract void Write(Markup markup);
}

/// <summary>Running text.</summary>
/// <param name="Text">Shown as it is; nothing in it is read as markup.</param>
public sealed record Paragraph(string Text) : Block
{
    internal override void Write(Markup markup) => markup.Element("p", Text);
}

/// <summary>Text in which spaces and line breaks count, in letters of one width.</summary>
/// <param name="Text">Shown as it is.</param>
public sealed record Preformatted(string Text) : Block
{
    /// <summary>Whether a line that is too long goes on in the next one, as a formula's may; a table's may not, and is scrolled.</summary>
    public bool Wraps { get; init; }

    internal override void Write(Markup markup) => markup.Element("pre", Text, ("class", Wraps ? "wraps" : "keeps"));
}

/// <summary>Blocks beside one another where the page is wide enough, else below one another.</summary>
/// <param name="Blocks">From left to right.</param>
public sealed record SideBySide(IReadOnlyList<Block> Blocks) : Block
{
    /// <summary>The blocks given, beside one another.</summary>
    /// <param name="blocks">From left to right.</param>
    public SideBySide(params Block[] blocks)
        : this((IReadOnlyList<Block>)blocks)
    {
    }

    internal override void Write(Markup markup)
    {
        markup.Open("div", ("class", "row"));
        foreach (var block in Blocks)
        {
            block.Write(markup);
        }

        markup.Close("div");
    }
}

/// <summary>Names with their values.</summary>
/// <param name="Rows">A name and a value each.</param>
public sealed record Facts(IReadOnlyList<(string Name, string Value)> Rows) : Block
{
    internal override void Write(Markup markup)
    {
        markup.Open("dl");
        foreach (var (name, value) in Rows)
        {
            markup.Open("div").Element("dt", name).Element("dd", value).Close("div");
        }

        markup.Close("dl");
    }
}

/// <summary>A table with a head. Cells that are numbers throughout a column stand at its right.</summary>
/// <param name="Columns">The head.</param>
/// <param name="Rows">As many cells each as there are columns.</param>
public sealed record Table(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : Block
{
    // Letters of a cell that may break into lines; a narrow page scrolls the table sideways.
    private const int LongText = 26;

    internal override void Write(Markup markup)
    {
        if (Rows.FirstOrDefault(row => row.Count != Columns.Count) is { } odd)
        {
            throw new InvalidOperationException($"A row of the table has {odd.Count} cells, but there are {Columns.Count} columns ({string.Join(", ", Columns)}); give each row a cell for each column.");
        }

        bool[] isNumeric = [.. Columns.Select((_, i) => Rows.Count > 0 && Rows.All(row => Number.IsNumberOrBlank(row[i])))];
        markup.Raw("<div class=\"scroll\"><table><thead><tr>");
        for (var i = 0; i < Columns.Count; i++)
        {
            markup.Element("th", Columns[i], ("scope", "col"), ("class", isNumeric[i] ? "number" : "text"));
        }

        markup.Raw("</tr></thead><tbody>");
        foreach (var row in Rows)
        {
            markup.Open("tr");
            for (var i = 0; i < row.Count; i++)
            {
                markup.Element("td", row[i], ("class", isNumeric[i] ? "number" : row[i].Length > LongText ? "text long" : "text"));
            }

            markup.Close("tr");
        }

        markup.Raw("</tbody></table></div>");
    }
}

/// <summary>A picture, which becomes part of the page.</summary>
/// <param name="Png">The bytes of a PNG file.</param>
/// <param name="Caption">What it shows; also read out to those who cannot see it.</param>
public sealed record Picture(ReadOnlyMemory<byte> Png, string Caption) : Block
{
    internal override void Write(Markup markup) => markup.Open("figure")
        .Empty("img", ("alt", Caption), ("src", $"data:image/png;base64,{Convert.ToBase64String(Png.Span)}"))
        .Element("figcaption", Caption).Close("figure");
}
