namespace Package.Tests;

/// <summary>A program outside the repository that knows ProbVae by its package alone.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("probvae-package-").FullName;

    // A version of its own: NuGet keeps what it has once unpacked.
    private readonly string _version = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (Directory.Exists(Path.Combine(packages, "probvae", _version)))
        {
            Directory.Delete(Path.Combine(packages, "probvae", _version), recursive: true);
        }
    }

    [Fact]
    public void AProgramThatReferencesThePackageTrainsAVae()
    {
        var feed = Path.Combine(_folder, "feed");
        DotNet.Run(Root(), "pack", "src/ProbVae", "-c", "Release", "-o", feed, "--artifacts-path", Path.Combine(_folder, "artifacts"), $"-p:Version={_version}");
        var program = Directory.CreateDirectory(Path.Combine(_folder, "program")).FullName;
        File.WriteAllText(Path.Combine(program, "program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <CreateHardLinksForPublishFilesIfPossible>true</CreateHardLinksForPublishFilesIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ProbVae" Version="{_version}" />
              </ItemGroup>
            </Project>
            """);
        File.Copy(Path.Combine(Root(), "tests/Package.Tests/Vae.txt"), Path.Combine(program, "Program.cs"));

        Assert.Contains("The VAE learnt.", DotNet.Run(program, "run", "-c", "Release"), StringComparison.Ordinal);

        var published = Path.Combine(_folder, "published");
        DotNet.Run(program, "publish", "-c", "Release", "-o", published);
        Assert.Contains("The VAE learnt.", DotNet.Run(_folder, Path.Combine(published, "program.dll")), StringComparison.Ordinal);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProbVae.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No ProbVae.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
