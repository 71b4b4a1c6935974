using ProbVae.Tests.Architecture;
using Tests.Shared;
using Xunit;

namespace ProbVae.Tests.PublicApi;

/// <summary>The public API is what the approved file says: a change of it is seen in review and is no accident.</summary>
public sealed class PublicApiTests
{
    private const string Approved = "tests/ProbVae.Tests/PublicApi/ProbVae.approved.txt";
    private const string Received = "tests/ProbVae.Tests/PublicApi/ProbVae.received.txt";

    [Fact]
    public void ThePublicApiIsTheApprovedOne()
    {
        var received = PublicSurface.Lines(typeof(Model).Assembly, synthesized: false).Order(StringComparer.Ordinal).ToArray();
        var approved = File.Exists(Repository.PathOf(Approved)) ? File.ReadAllLines(Repository.PathOf(Approved)) : [];
        var added = received.Except(approved, StringComparer.Ordinal).Select(line => $"+ {line}");
        var removed = approved.Except(received, StringComparer.Ordinal).Select(line => $"- {line}");
        if (received.SequenceEqual(approved, StringComparer.Ordinal))
        {
            File.Delete(Repository.PathOf(Received));
            return;
        }

        File.WriteAllLines(Repository.PathOf(Received), received);
        Assert.Fail(string.Join(Environment.NewLine,
        [
            $"The public API differs from {Approved}:", .. removed, .. added,
            $"If this is meant, accept it and commit: mv {Received} {Approved}",
        ]));
    }

    [Fact]
    public void ThePrinterSeesMethodsPropertiesConstructorsAndProtectedMembers()
    {
        var lines = PublicSurface.Lines(typeof(Model).Assembly, synthesized: false).ToArray();
        Assert.Contains("new ProbVae.Normal(ProbVae.TensorLike loc, ProbVae.TensorLike scale)", lines);
        Assert.Contains("static ProbVae.Model.Given<TData>(String name) : ProbVae.ModelBuilder<TData>", lines);
        Assert.Contains("ProbVae.SviStep.Number : Int64 { get; init; }", lines);
        Assert.Contains("ProbVae.Distribution.Draw(ProbVae.Shape shape, TorchSharp.torch.Generator generator) : TorchSharp.torch.Tensor", lines);
        Assert.DoesNotContain(lines, line => line.Contains("ModelIdentity", StringComparison.Ordinal) || line.Contains("EqualityContract", StringComparison.Ordinal));
    }
}
