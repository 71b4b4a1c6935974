using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ProbVae.Tests.Documentation;

/// <summary>The XML documentation of the library, as the compiler wrote it beside ProbVae.dll.</summary>
internal static partial class XmlDocs
{
    private static readonly Dictionary<string, XElement> Members = Load().Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>One section of a type's documentation as Markdown; empty where there is none.</summary>
    public static string OfType(Type type, string section) => Text(Members.GetValueOrDefault($"T:{type.FullName}")?.Element(section));

    /// <summary>The summary of a property.</summary>
    public static string OfProperty(PropertyInfo property) => Text(Members.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element("summary"));

    /// <summary>The summary of a constructor or method and what it says of each parameter; a primary constructor's stand with its type.</summary>
    public static (string Summary, IReadOnlyList<(string Name, string Text)> Parameters) Of(MethodBase method)
    {
        var type = method.DeclaringType!;
        var names = method.GetParameters().Select(parameter => parameter.Name!).ToArray();
        var prefix = $"M:{type.FullName}.{(method is ConstructorInfo ? "#ctor" : method.Name)}";
        var own = Members.Where(member => member.Key.Split('(')[0] == prefix).Select(member => member.Value).SingleOrDefault(member => Documents(member, names));
        var found = own ?? Members[$"T:{type.FullName}"];
        return (own is null ? "" : Text(own.Element("summary")),
            [.. names.Select(name => (name, Text(found.Elements("param").SingleOrDefault(parameter => parameter.Attribute("name")!.Value == name))))]);
    }

    private static bool Documents(XElement member, string[] names) =>
        member.Elements("param").Select(parameter => parameter.Attribute("name")!.Value).SequenceEqual(names);

    private static XDocument Load()
    {
        var assembly = typeof(Distribution).Assembly.Location;
        var file = Path.ChangeExtension(assembly, ".xml");
        return File.Exists(file)
            ? XDocument.Load(file)
            : throw new InvalidOperationException($"No documentation beside {assembly}; src/ProbVae must be built with GenerateDocumentationFile.");
    }

    private static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } reference => $"`{Named(reference.Attribute("cref")!.Value)}`",
        XElement { Name.LocalName: "paramref" } reference => $"`{reference.Attribute("name")!.Value}`",
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement element => Text(element),
        _ => "",
    };

    // "M:ProbVae.Distribution.Mask(TorchSharp.torch.Tensor)" is Distribution.Mask to a reader.
    private static string Named(string cref)
    {
        var parts = cref[2..].Split('(')[0].Split('.');
        return cref[0] == 'T' ? parts[^1] : string.Join('.', parts[^2..]);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
