using ProbVae.Examples.Posteriors.Fitting;
using ProbVae.Examples.Posteriors.Models;
using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Tests;

/// <summary>Four chains of the No-U-Turn sampler on the seven posteriors: the reference's means within the errors of both, chains that have mixed, no divergence.</summary>
public sealed class NutsTests
{
    // posteriordb thins its chains to so many draws, which are nearly independent.
    private const double ReferenceDraws = 10_000;

    // The eight schools have a test of their own, against a quadrature.
    public static TheoryData<string> Names => [.. Catalogue.Names.Where(name => name != EightSchools.Name)];

    [ReferenceTheory]
    [MemberData(nameof(Names))]
    public void MeansAreWithinFourMonteCarloErrors(string name)
    {
        using var scope = NewDisposeScope();
        AssertFound(ReferenceTheoryAttribute.Named(name));
    }

    [Fact]
    public void TheEightSchoolsAreFoundWithoutAFile()
    {
        using var scope = NewDisposeScope();
        AssertFound(EightSchoolsReference.Solve());
    }

    private static void AssertFound(ReferencePosterior reference)
    {
        var posterior = Recipe.Sample(Catalogue.Of(reference.Name, reference.Data)!);
        var rows = posterior.Summary().Rows.ToDictionary(row => Recipe.FromOne(row.Name));
        var off = new List<string>();
        foreach (var (parameter, moments) in reference.Moments)
        {
            var (row, chains) = (rows[parameter], rows[parameter].Chains!);
            var error = Math.Sqrt(Math.Pow(chains.MeanError, 2) + Math.Pow(moments.StandardDeviation, 2) / ReferenceDraws);
            if (!(Math.Abs(row.Mean - moments.Mean) <= 4 * error && chains.RHat < 1.01))
            {
                off.Add(FormattableString.Invariant($"{parameter}: mean off by {(row.Mean - moments.Mean) / error:F2} errors, R-hat {chains.RHat:F4}"));
            }
        }

        Assert.True(off.Count == 0, $"{reference.Name}: {string.Join("; ", off)}.");
        Assert.Empty(posterior.Chains!.Divergences);
        Assert.True(posterior.Chains.IsVectorized);
    }
}
