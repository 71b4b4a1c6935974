using System.Text.RegularExpressions;

namespace Package.Tests;

/// <summary>Programs outside the repository that know ProbVae by its packages alone.</summary>
public sealed partial class PackageTests(PackedFeed packed) : IClassFixture<PackedFeed>
{
    [Theory]
    [InlineData("ProbVae")]
    [InlineData("ProbVae.Mpi")]
    [InlineData("ProbVae.Training")]
    [InlineData("ProbVae.Reports")]
    public void APackageHasWhatAPersonAndADebuggerLookFor(string package)
    {
        var files = packed.Contents(package, "nupkg");
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.Contains($"lib/net10.0/{package}.dll", files);
        Assert.Contains($"lib/net10.0/{package}.xml", files);
        Assert.Contains($"lib/net10.0/{package}.pdb", packed.Contents(package, "snupkg"));
    }

    [Fact]
    public void ThePackageBringsTheAnalyzer() => Assert.Equal(
        ["analyzers/dotnet/cs/ProbVae.Analyzers.dll", "analyzers/dotnet/cs/ProbVae.CodeFixes.dll"],
        packed.Contents("ProbVae", "nupkg").Where(file => file.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>The quickstart as its first lines tell a person outside the repository to write it.</summary>
    [Fact]
    public void AQuickstartIsAProgramOfOneFileAnywhere()
    {
        var folder = packed.NewFolder("one file");
        var source = File.ReadAllText(Path.Combine(PackedFeed.Root, "examples/quickstart/regression.cs"));
        var line = ToldPackage().Match(source);
        Assert.True(line.Success, "examples/quickstart/regression.cs does not tell which #:package line to write.");
        File.WriteAllText(Path.Combine(folder, "regression.cs"), $"#:package {line.Groups["name"].Value}@{packed.Version}\n{ProjectLines().Replace(source, "")}");
        var printed = packed.Run(folder, "run", "regression.cs");
        Assert.Contains("lie within 4 standard deviations", printed, StringComparison.Ordinal);
        // A number's mean, spread and quantiles.
        Assert.Matches(@"(?m)^  perDegree +0\.[23]\d*( +[-\d.E]+){4}\s*$", printed);
        Assert.StartsWith("<svg", File.ReadAllText(Path.Combine(folder, "ice-cream.svg")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("probvae", "The model fits its data.")]
    [InlineData("probvae-vae", "The VAE learnt.")]
    public void ATemplateMakesAProgramThatRuns(string template, string ends)
    {
        // The templates of this machine's user stay as they are.
        var hive = packed.NewFolder($"hive of {template}");
        packed.Run(hive, "new", "install", Path.Combine(packed.Feed, $"ProbVae.Templates.{packed.Version}.nupkg"), "--debug:custom-hive", hive);
        var folder = packed.NewFolder($"my-{template}");
        packed.Run(folder, "new", template, "-n", "Mine", "-o", ".", "--no-update-check", "--debug:custom-hive", hive);
        Assert.Contains($"Version=\"{packed.Version}\"", File.ReadAllText(Path.Combine(folder, "Mine.csproj")), StringComparison.Ordinal);
        // A mistake that the package's analyzer sees as the program is built.
        File.AppendAllText(Path.Combine(folder, "Program.cs"), """

            void Mistaken() => _ = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out _).Sample("z", new Normal(0, 1), out _).Build();
            """);
        var published = packed.NewFolder($"published {template}");
        Assert.Contains("warning PV0001: Site 'z' is declared twice in one model", packed.Run(folder, "publish", "-c", "Release", "-o", published), StringComparison.Ordinal);
        var printed = packed.Run(published, Path.Combine(published, "Mine.dll"));
        Assert.Contains(ends, printed, StringComparison.Ordinal);
        foreach (Match page in ToldPage().Matches(printed))
        {
            Assert.Contains("</svg>", File.ReadAllText(Path.Combine(published, page.Groups["name"].Value)), StringComparison.Ordinal);
        }

        Assert.Equal(template == "probvae", ToldPage().IsMatch(printed));
    }

    [GeneratedRegex("""#:package (?<name>[\w.]+)@""")]
    private static partial Regex ToldPackage();

    [GeneratedRegex("""(?<name>\w+\.html) has the pictures""")]
    private static partial Regex ToldPage();

    [GeneratedRegex("""^#:project .*\r?\n""", RegexOptions.Multiline)]
    private static partial Regex ProjectLines();
}
