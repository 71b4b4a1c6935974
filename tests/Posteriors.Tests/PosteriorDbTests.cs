using ProbVae.Examples.Posteriors.Fitting;
using ProbVae.Examples.Posteriors.Models;
using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Tests;

/// <summary>AutoMultivariateNormal on seven posteriors whose moments long Markov chains have told, by one recipe for all.</summary>
public sealed class PosteriorDbTests
{
    public static TheoryData<string> Names => [.. Catalogue.Names];

    [ReferenceTheory]
    [MemberData(nameof(Names))]
    public void MeansAndStandardDeviationsAreWithinTheirBounds(string name)
    {
        // Means within 0.15 standard deviations and those within 15 %; for the eight schools the figures of Bounds. The chains' own
        // error is about 0.01 standard deviations of a mean.
        using var scope = NewDisposeScope();
        AssertWithinBounds(ReferenceTheoryAttribute.Named(name));
    }

    [Fact]
    public void TheEightSchoolsAreFittedWithoutAFile()
    {
        using var scope = NewDisposeScope();
        AssertWithinBounds(EightSchoolsReference.Solve());
    }

    [ReferenceTheory]
    [InlineData(EightSchools.Name)]
    public void TheQuadratureAgreesWithTheChains(string name)
    {
        var (chains, exact) = (ReferenceTheoryAttribute.Named(name), EightSchoolsReference.Solve());
        Assert.Equal(chains.Moments.Count, exact.Moments.Count);
        foreach (var (parameter, moments) in exact.Moments)
        {
            // 5 standard errors of 10,000 draws; of the sd of tau, whose tail is long, as of the others'.
            Assert.InRange((chains.Moments[parameter].Mean - moments.Mean) / moments.StandardDeviation, -0.05, 0.05);
            Assert.InRange(chains.Moments[parameter].StandardDeviation / moments.StandardDeviation, 0.95, 1.05);
        }
    }

    private static void AssertWithinBounds(ReferencePosterior reference)
    {
        var fit = Recipe.Fit(Catalogue.Of(reference.Name, reference.Data)!, Family.AutoMultivariateNormal);
        var off = fit.Against(reference).Where(row => !row.Holds).Select(row => FormattableString.Invariant($"{row.Parameter}: mean off by {row.Error:F2} sds, sd ratio {row.Ratio:F2}")).ToList();
        Assert.True(off.Count == 0, $"{reference.Name}: {string.Join("; ", off)}.");
    }
}
