using System.Text.RegularExpressions;

namespace Package.Tests;

/// <summary>Programs outside the repository that know ProbVae by its packages alone.</summary>
public sealed partial class PackageTests(PackedFeed packed) : IClassFixture<PackedFeed>
{
    [Theory]
    [InlineData("ProbVae")]
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
    public void ThePackageWarnsOfAMistakeAsTheProgramIsBuilt()
    {
        Assert.Equal(["analyzers/dotnet/cs/ProbVae.Analyzers.dll", "analyzers/dotnet/cs/ProbVae.CodeFixes.dll"], packed.Contents("ProbVae", "nupkg").Where(file => file.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var folder = packed.NewFolder("mistaken");
        File.WriteAllText(Path.Combine(folder, "mistaken.cs"), $$"""
            #:package ProbVae@{{packed.Version}}
            using ProbVae;
            using static TorchSharp.torch;
            _ = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out _).Sample("z", new Normal(0, 1), out _).Build();
            """);
        Assert.Contains("warning PV0001: Site 'z' is declared twice in one model", packed.Run(folder, "build", "mistaken.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void AProgramThatReferencesThePackagesTrainsAVae()
    {
        var program = packed.NewFolder("program");
        var references = PackedFeed.Packages.Where(package => package != "ProbVae.Templates").Select(package => $"""<PackageReference Include="{package}" Version="{packed.Version}" />""");
        File.WriteAllText(Path.Combine(program, "program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                {string.Join(Environment.NewLine, references)}
              </ItemGroup>
            </Project>
            """);
        File.Copy(Path.Combine(PackedFeed.Root, "tests/Package.Tests/Vae.txt"), Path.Combine(program, "Program.cs"));

        Assert.Contains("The VAE learnt.", packed.Run(program, "run", "-c", "Release"), StringComparison.Ordinal);

        var published = packed.NewFolder("published");
        packed.Run(program, "publish", "-c", "Release", "-o", published);
        Assert.Contains("The VAE learnt.", packed.Run(published, Path.Combine(published, "program.dll")), StringComparison.Ordinal);
    }

    /// <summary>The quickstart as its first lines tell a person outside the repository to write it.</summary>
    [Fact]
    public void AQuickstartIsAProgramOfOneFileAnywhere()
    {
        var folder = packed.NewFolder("one file");
        var source = File.ReadAllText(Path.Combine(PackedFeed.Root, "examples/quickstart/regression.cs"));
        var line = ToldPackage().Match(source);
        Assert.True(line.Success, "examples/quickstart/regression.cs does not tell which #:package line to write.");
        File.WriteAllText(Path.Combine(folder, "regression.cs"), ProjectLine().Replace(source, $"#:package {line.Groups["name"].Value}@{packed.Version}"));
        Assert.Contains("4 standard deviations", packed.Run(folder, "run", "regression.cs"), StringComparison.Ordinal);
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
        Assert.Contains(ends, packed.Run(folder, "run", "-c", "Release"), StringComparison.Ordinal);
    }

    [GeneratedRegex("""#:package (?<name>[\w.]+)@""")]
    private static partial Regex ToldPackage();

    [GeneratedRegex("""^#:project .*$""", RegexOptions.Multiline)]
    private static partial Regex ProjectLine();
}
