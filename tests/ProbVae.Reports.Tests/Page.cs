using System.Xml.Linq;

namespace ProbVae.Reports.Tests;

/// <summary>A report read back as XML, which it can only be where every element is closed and every text escaped.</summary>
internal sealed class Page
{
    private readonly XDocument document;

    public Page(params Block[] blocks)
        : this(new Report("A page", "", [new Section("A section", blocks)]))
    {
    }

    public Page(Report report)
    {
        Html = report.ToHtml();
        document = XDocument.Parse(Html[(Html.IndexOf("<html", StringComparison.Ordinal))..]);
    }

    public string Html { get; }

    public IReadOnlyList<XElement> All(string name) => [.. document.Descendants(name)];

    public IReadOnlyList<XElement> OfClass(string name, string part) =>
        [.. All(name).Where(element => ((string?)element.Attribute("class") ?? "").Split(' ').Contains(part))];

    public IReadOnlyList<string> Texts(string name) => [.. All(name).Select(element => element.Value)];
}
