using System.Globalization;
using System.Reflection;
using System.Text;

namespace ProbVae.Tests.Documentation;

/// <summary>Renders docs/distributions.md from the library's declarations.</summary>
internal sealed class FamiliesPage
{
    private readonly StringBuilder _page = new();

    private FamiliesPage()
    {
    }

    public static string Render()
    {
        var page = new FamiliesPage();
        page.Introduction();
        page.Overview();
        page.Families();
        page.Supports();
        page.Transforms("Transforms", "A transform is a smooth one-to-one map y = f(x) with its log determinant. `TransformedDistribution` sends a distribution through one.",
            type => !type.IsSubclassOf(typeof(Flow)));
        page.Transforms("Flows", "A flow is a transform of real vectors that a network decides; it is trained with the program that captures it.",
            type => type.IsSubclassOf(typeof(Flow)));
        return page._page.ToString().TrimEnd() + "\n";
    }

    private void Introduction() => Paragraphs(
        "<!-- Made from the code by tests/ProbVae.Tests/Documentation: change the comments there and accept the new page; do not edit this one. -->",
        "# Distributions, supports and transforms",
        "Every family of the library, from the declarations and comments in its source. [How to add a family](adding-a-family.md) is shown on its own page.",
        """
        - An argument is a number, an array or a tensor; arguments broadcast, and their common shape is the batch.
        - Every family has `LogProb`, `Mean`, `Variance`, `Support`, `Expand`, `ToEvent` and `Mask`, and all but `ImproperUniform` have `Sample`.
        - A parameter with a default is written with it: `soft: false`.
        - *Pathwise* says that draws carry gradients to the arguments. A family that has it implements `IReparameterized`.
        - *Entropy*, *mode*, *cdf* and *inverse cdf* say that the family computes it; a family without it throws `NotSupportedException`.
        - *KL* lists the families p for which `KlRegistry.Standard` has KL(q ‖ p), q being the family of the section. The registry also takes
          events, two `Masked` distributions with the same mask and two `TransformedDistribution`s with the same transforms to the form of
          what they hold. A pair without a form is estimated from draws.
        - *By parts* says that it depends on what the distribution is made of.
        """);

    private void Overview()
    {
        Paragraphs("## Overview");
        foreach (var group in FamilyEntry.Groups)
        {
            Paragraphs($"### {group}");
            Rows(["Family", "Support", "Pathwise", "Entropy", "Mode", "Cdf", "Inverse cdf", "KL with itself"], Members(group).Select(family => new[]
            {
                $"[{family.Name}](#{Anchor(family.Name)})", family.SupportText, family.Pathwise, family.Entropy, family.Mode, family.Cdf, family.InverseCdf, family.KlWithItself,
            }));
        }
    }

    private void Families()
    {
        Paragraphs("## Families");
        foreach (var family in FamilyEntry.Groups.SelectMany(Members))
        {
            Paragraphs($"### {family.Name}", family.Formula, $"**Support:** {family.SupportText}.");
            Lines(family.Constructors.SelectMany(Constructor));
            Paragraphs($"**Has:** {Sentence(Has(family))}", $"**KL to:** {Sentence(family.KlWithItself == "by parts" ? ["itself (by parts)"] : family.Divergences)}", family.Notes, family.Remarks);
        }
    }

    private void Supports()
    {
        Paragraphs("## Supports", "A support is the set of values of a distribution or of an argument. Sets without arguments are properties of `Support`; the bijection maps unconstrained real numbers onto the set.");
        var values = typeof(Support).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => (Property: property, Value: (Support)property.GetValue(null)!)).ToList();
        Rows(["Support", "Set", "Bijection"],
            values.Select(one => new[] { $"`Support.{one.Property.Name}`", XmlDocs.OfProperty(one.Property), Name(one.Value.FromUnconstrained) }));
        Paragraphs("Others are made by their constructors.");
        foreach (var type in Concrete<Support>().Where(type => HasArguments(type) || values.All(one => one.Value.GetType() != type)))
        {
            Declared(type);
        }
    }

    private void Transforms(string title, string introduction, Func<Type, bool> belongs)
    {
        Paragraphs($"## {title}", introduction);
        foreach (var type in Concrete<Transform>().Where(belongs))
        {
            Declared(type);
        }
    }

    private void Declared(Type type)
    {
        Paragraphs($"### {type.Name}", XmlDocs.OfType(type, "summary"));
        Lines(type.GetConstructors().OrderBy(constructor => constructor.MetadataToken).SelectMany(Constructor));
        Paragraphs(XmlDocs.OfType(type, "remarks"));
    }

    private static IEnumerable<string> Constructor(MethodBase method)
    {
        var (summary, parameters) = XmlDocs.Of(method);
        // A primary constructor's summary is that of its type, which stands above it.
        var says = summary.Length == 0 || summary == XmlDocs.OfType(method.DeclaringType!, "summary") ? "" : ": " + summary;
        yield return $"- `{Signature(method)}`{says}";
        foreach (var (name, text) in parameters)
        {
            yield return $"  - `{name}`: {text}";
        }
    }

    private static string Signature(MethodBase method)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.HasDefaultValue ? $"{parameter.Name}: {Literal(parameter)}" : parameter.Name);
        var name = method.DeclaringType!.Name;
        return $"{(method is ConstructorInfo ? $"new {name}" : $"{name}.{method.Name}")}({string.Join(", ", parameters)})";
    }

    private static string Literal(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType ? "default" : "null",
        bool flag => flag ? "true" : "false",
        var value when parameter.ParameterType.IsEnum => $"{parameter.ParameterType.Name}.{Enum.ToObject(parameter.ParameterType, value)}",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static List<string> Has(FamilyEntry family)
    {
        var all = new (string What, string Answer)[]
        {
            ("pathwise draws", family.Pathwise), ("entropy", family.Entropy), ("mode", family.Mode), ("cdf", family.Cdf), ("inverse cdf", family.InverseCdf),
        };
        return [.. all.Where(one => one.Answer.Length > 0).Select(one => one.Answer == "yes" ? one.What : $"{one.What} ({one.Answer})")];
    }

    private static IEnumerable<FamilyEntry> Members(string group) => FamilyEntry.All.Where(family => family.Group == group);

    private static IEnumerable<Type> Concrete<T>() => typeof(T).Assembly.GetExportedTypes()
        .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract && type.GetConstructors().Length > 0).OrderBy(type => type.Name, StringComparer.Ordinal);

    private static bool HasArguments(Type type) => type.GetConstructors().Any(constructor => constructor.GetParameters().Length > 0);

    private static string Name(Transform? bijection) => bijection switch
    {
        null => "none",
        ComposeTransform compose => string.Join(", then ", compose.Parts.Select(Name)),
        IndependentTransform independent => $"{Name(independent.Each)} of each element",
        _ => $"`{bijection.GetType().Name}`",
    };

    private static string Sentence(IReadOnlyCollection<string> items) => items.Count == 0 ? "none." : string.Join(", ", items) + ".";

    private static string Anchor(string title) => string.Concat(title.Select(char.ToLowerInvariant));

    private void Paragraphs(params string[] paragraphs)
    {
        foreach (var paragraph in paragraphs.Where(paragraph => paragraph.Length > 0))
        {
            _page.Append(paragraph.ReplaceLineEndings("\n")).Append("\n\n");
        }
    }

    private void Lines(IEnumerable<string> lines) => Paragraphs(string.Join('\n', lines));

    private void Rows(string[] header, IEnumerable<string[]> rows) => Lines(
        [Row(header), Row([.. header.Select(_ => "---")]), .. rows.Select(Row)]);

    private static string Row(string[] cells) => $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
}
