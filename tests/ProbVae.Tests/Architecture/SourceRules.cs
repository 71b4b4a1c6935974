using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ProbVae.Tests.Architecture;

/// <summary>What the sources of a project may not do; each rule gives its violations as sentences.</summary>
internal sealed class SourceRules
{
    private static readonly string[] ImplicitUsings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    private readonly CSharpCompilation _compilation;

    private SourceRules(string assembly, IEnumerable<SyntaxTree> sources) =>
        _compilation = Compiler.Bind(assembly, sources, ImplicitUsings, OutputKind.DynamicallyLinkedLibrary, without: $"{assembly}.dll");

    private IEnumerable<SyntaxTree> Sources => _compilation.SyntaxTrees.Where(tree => tree.FilePath != "usings.cs");

    /// <summary>Reads the sources below a project's folder, which is called as its assembly; paths are relative to it.</summary>
    public static SourceRules Of(string folder) => new(Path.GetFileName(folder), Repository.Sources(folder)
        .Select(file => Compiler.Parse(Path.GetRelativePath(folder, file), File.ReadAllText(Repository.PathOf(file)))));

    /// <summary>Takes sources by path.</summary>
    public static SourceRules Of(params (string Path, string Source)[] sources) => new("ProbVae", sources.Select(file => Compiler.Parse(file.Path, file.Source)));

    public IEnumerable<string> Errors() => _compilation.GetDiagnostics().Where(problem => problem.Severity == DiagnosticSeverity.Error).Select(problem => problem.ToString());

    /// <summary>Every use of a type whose folder stands above, or beside, the user's.</summary>
    public IEnumerable<string> Layering(IReadOnlyList<string[]> layers)
    {
        foreach (var tree in Sources)
        {
            var folder = Folder(tree);
            var rank = Rank(folder);
            if (rank < 0)
            {
                yield return $"{tree.FilePath}: the folder '{folder}' is none of {string.Join(", ", layers.SelectMany(layer => layer))}.";
                continue;
            }

            var model = _compilation.GetSemanticModel(tree);
            var used = tree.GetRoot().DescendantNodes().SelectMany(node => TypesAt(node, model)).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default);
            foreach (var type in used)
            {
                var theirs = Folder(type.DeclaringSyntaxReferences[0].SyntaxTree);
                if (theirs != folder && Rank(theirs) >= rank)
                {
                    yield return $"{tree.FilePath} uses {type.Name} of {theirs}, which is not below {folder}.";
                }
            }
        }

        int Rank(string folder) => layers.TakeWhile(layer => !layer.Contains(folder)).Count() is var rank && rank < layers.Count ? rank : -1;
    }

    /// <summary>Static fields and properties that can change, or that hold a collection that can.</summary>
    public IEnumerable<string> MutableStatics() => Types().SelectMany(type => type.GetMembers()).Where(member => member.IsStatic && !member.IsImplicitlyDeclared).Select(member => member switch
    {
        IFieldSymbol { IsConst: false, IsReadOnly: false } => $"{Place(member)} is a static field that can be assigned.",
        IFieldSymbol { IsConst: false } field when IsMutable(field.Type) => $"{Place(member)} is a static {field.Type.ToDisplayString()}, whose contents can change.",
        IPropertySymbol { SetMethod: not null } => $"{Place(member)} is a static property that can be set.",
        IPropertySymbol property when IsMutable(property.Type) => $"{Place(member)} is a static {property.Type.ToDisplayString()}, whose contents can change.",
        _ => null,
    }).OfType<string>();

    /// <summary>Public classes that can be instantiated and derived from.</summary>
    public IEnumerable<string> UnsealedPublicClasses(params string[] except) => Types()
        .Where(type => type is { TypeKind: TypeKind.Class, IsAbstract: false, IsSealed: false, IsStatic: false, DeclaredAccessibility: Accessibility.Public } && !except.Contains(type.Name))
        .Select(type => $"{Place(type)} is neither sealed nor static.");

    /// <summary>The types that the sources declare and that a node names, makes, or whose member it uses.</summary>
    private static IEnumerable<INamedTypeSymbol> TypesAt(SyntaxNode node, SemanticModel model)
    {
        if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax or ConstructorInitializerSyntax))
        {
            return [];
        }

        var symbol = model.GetSymbolInfo(node).Symbol;
        ITypeSymbol?[] types = [symbol as ITypeSymbol, symbol?.ContainingType, model.GetTypeInfo(node).Type];
        return types.OfType<INamedTypeSymbol>().Select(type => type.OriginalDefinition).Where(type => type.DeclaringSyntaxReferences.Length > 0);
    }

    private static bool IsMutable(ITypeSymbol type) => type is IArrayTypeSymbol
        || (type.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent" or "System.Collections" && !type.Name.StartsWith("IReadOnly", StringComparison.Ordinal) && type.Name is not "IEnumerable")
        || type.Name is "StringBuilder" or "AsyncLocal" or "ThreadLocal" or "Random";

    private static string Folder(SyntaxTree tree) => Path.GetDirectoryName(tree.FilePath)!.Replace('\\', '/').Split('/')[0];

    private static string Place(ISymbol symbol) => $"{symbol.Locations[0].SourceTree!.FilePath}: {symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)}";

    private IEnumerable<INamedTypeSymbol> Types() => Sources.SelectMany(tree =>
    {
        var model = _compilation.GetSemanticModel(tree);
        return tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(declaration => (INamedTypeSymbol)model.GetDeclaredSymbol(declaration)!);
    });
}
