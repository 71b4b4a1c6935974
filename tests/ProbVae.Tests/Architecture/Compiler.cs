using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ProbVae.Tests.Architecture;

/// <summary>Parses and binds sources against the assemblies of this process.</summary>
internal static class Compiler
{
    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Preview);

    /// <summary>Every assembly at hand, each once.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        .Where(IsManaged)
        .DistinctBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase)
        .Select(path => MetadataReference.CreateFromFile(path))];

    public static SyntaxTree Parse(string path, string source) => CSharpSyntaxTree.ParseText(source, Parsing, path);

    public static CSharpCompilation Bind(string assembly, IEnumerable<SyntaxTree> sources, IEnumerable<string> usings, OutputKind kind, string? without = null)
    {
        var implicitUsings = Parse("usings.cs", string.Join('\n', usings.Select(part => $"global using {part};")));
        return CSharpCompilation.Create(
            assembly,
            [implicitUsings, .. sources],
            References.Where(reference => without is null || Path.GetFileName(reference.Display) != without),
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
    }

    private static bool IsManaged(string path)
    {
        try
        {
            System.Reflection.AssemblyName.GetAssemblyName(path);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
