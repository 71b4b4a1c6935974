using System.Reflection;
using ProbVae.Tests.Architecture;
using PublicApiGenerator;

namespace ProbVae.Tests.PublicApi;

/// <summary>Each library's public API is what its approved file says: a change of it is seen in review and is no accident.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(Model))]
    [InlineData(typeof(ProbVae.Mpi.MpiGroup))]
    [InlineData(typeof(ProbVae.Reports.Report))]
    [InlineData(typeof(ProbVae.Training.TermMeans))]
    public void ThePublicApiIsTheApprovedOne(Type oneOfIts)
    {
        var assembly = oneOfIts.Assembly;
        var (approvedPath, receivedPath) = (PathOf(assembly, "approved"), PathOf(assembly, "received"));
        var received = assembly.GeneratePublicApi(new() { IncludeAssemblyAttributes = false, UseDenyNamespacePrefixesForExtensionMethods = false }).ReplaceLineEndings("\n").Split('\n');
        var approved = File.Exists(Repository.PathOf(approvedPath)) ? File.ReadAllLines(Repository.PathOf(approvedPath)) : [];
        var added = received.Except(approved, StringComparer.Ordinal).Select(line => $"+ {line}");
        var removed = approved.Except(received, StringComparer.Ordinal).Select(line => $"- {line}");
        if (received.SequenceEqual(approved, StringComparer.Ordinal))
        {
            File.Delete(Repository.PathOf(receivedPath));
            return;
        }

        File.WriteAllLines(Repository.PathOf(receivedPath), received);
        Assert.Fail(string.Join(Environment.NewLine,
        [
            $"The public API differs from {approvedPath}:", .. removed, .. added,
            $"If this is meant, accept it and commit: mv {receivedPath} {approvedPath}",
        ]));
    }

    private static string PathOf(Assembly assembly, string state) => $"tests/ProbVae.Tests/PublicApi/{assembly.GetName().Name}.{state}.txt";
}
