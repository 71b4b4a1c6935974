using System.Reflection;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace ProbVae.Tests.Documentation;

/// <summary>What the code declares of one family of distributions.</summary>
internal sealed partial record FamilyEntry(Type Type)
{
    /// <summary>The groups of the page and the words of a support that put a family into one, the first that fits.</summary>
    private static readonly (string Group, Regex Support)[] BySupport =
    [
        ("Points and draws", Points()),
        ("Vectors and matrices", Arrays()),
        ("Continuous, circular", new Regex("^angles")),
        ("Continuous, on the line", new Regex("^the real numbers")),
        ("Continuous, positive", new Regex("^x [>≥]")),
        ("Continuous, bounded", new Regex("[<≤] x [<≤]")),
        ("Discrete", new Regex("^(the whole numbers|0 and 1)")),
    ];

    /// <summary>The groups in the page's order.</summary>
    public static IReadOnlyList<string> Groups { get; } =
    [
        "Continuous, on the line", "Continuous, positive", "Continuous, bounded", "Continuous, circular",
        "Discrete", "Vectors and matrices", "Points and draws", "Made of others",
    ];

    /// <summary>Every public family of the library, by name.</summary>
    public static IReadOnlyList<FamilyEntry> All { get; } = [.. typeof(Distribution).Assembly.GetExportedTypes()
        .Where(type => type.IsSealed && type.IsSubclassOf(typeof(Distribution))).OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => new FamilyEntry(type))];

    public string Name => Type.Name;

    public string Summary => XmlDocs.OfType(Type, "summary");

    public string Remarks => XmlDocs.OfType(Type, "remarks");

    /// <summary>The summary before its sentence on the support: name and formula.</summary>
    public string Formula => Support is { } support ? Summary[..support.Index].Trim() : Summary;

    /// <summary>The summary after that sentence: how it is drawn, and sources.</summary>
    public string Notes => Support is { } support ? Sentence($"{Source(support)}{Summary[(support.Index + support.Length)..]}".Trim()) : "";

    /// <summary>The sentence on the support.</summary>
    public string SupportText => Support?.Groups["set"].Value ?? "see below";

    public string Group => IsMadeOfOthers ? Groups[^1] : BySupport.FirstOrDefault(rule => rule.Support.IsMatch(SupportText)).Group
        ?? throw new InvalidOperationException($"{Name} is in no group of the page: its support is '{SupportText}'. Give it words that {nameof(FamilyEntry)}.{nameof(BySupport)} knows, or a rule there.");

    /// <summary>Public constructors and static methods that give a distribution, in the order of the source.</summary>
    public IReadOnlyList<MethodBase> Constructors => [.. Type.GetConstructors().Cast<MethodBase>()
        .Concat(Type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(method => method.ReturnType.IsAssignableTo(typeof(Distribution))))
        .OrderBy(method => method.MetadataToken)];

    public bool IsMadeOfOthers => Constructors.Count == 0 || Constructors.Any(method => method.GetParameters()
        .Any(parameter => parameter.ParameterType.IsAssignableTo(typeof(Distribution)) || parameter.ParameterType == typeof(Support)));

    public string Pathwise => Type.IsAssignableTo(typeof(IReparameterized)) ? "yes" : Declares(nameof(Distribution.IsReparameterized)) ? "by parts" : "";

    public string Entropy => Has("ElementEntropy");

    public string Mode => Has("ElementMode");

    public string Cdf => Has("ElementCdf");

    public string InverseCdf => Has("ElementInverseCdf");

    /// <summary>The families to which the divergence from this one is registered, itself first.</summary>
    public IReadOnlyList<string> Divergences => [.. KlRegistry.Standard.Pairs.Where(pair => pair.Q == Type).Select(pair => pair.P.Name)
        .OrderBy(name => name != Name).ThenBy(name => name, StringComparer.Ordinal)];

    public string KlWithItself => Divergences.Contains(Name) ? "yes" : HasKlByParts() ? "by parts" : "";

    private Match? Support => SupportSentence().Match(Summary) is { Success: true } match ? match : null;

    private static string Source(Match support) => support.Groups["source"] is { Success: true } source ? $"Source: {source.Value}." : "";

    // What stood after a semicolon begins with a small letter.
    private static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..];

    // Two wrappers have no entry in the registry, which looks inside them.
    private bool HasKlByParts()
    {
        using var scope = NewDisposeScope();
        var normal = new Normal(0, 1);
        Distribution[] wrapped = [normal.Mask(tensor(true)), new TransformedDistribution(normal, new ExpTransform())];
        return wrapped.Any(one => one.GetType() == Type && KlRegistry.Standard.Has(one, one));
    }

    private string Has(string member) => !Declares(member) ? "" : IsMadeOfOthers ? "by parts" : "yes";

    private bool Declares(string member) => Type.GetMember(member, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Any(found => found.DeclaringType == Type);

    [GeneratedRegex(@"Support(: |, draws and moments are )(?<set>[^.;]*?)( \((?<source>[^)]*\d{4}[^)]*)\))?[.;]")]
    private static partial Regex SupportSentence();

    [GeneratedRegex("alone$|^the values$")]
    private static partial Regex Points();

    [GeneratedRegex("vectors|simplex|matrices|factors")]
    private static partial Regex Arrays();
}
