using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A number that became NaN or infinite: at which site and in which term first, and the ranges of the parameters.</summary>
public sealed class NonFiniteException : ModelException
{
    /// <summary>States where it happened.</summary>
    /// <param name="problems">The sentences.</param>
    /// <param name="sites">The table of sites.</param>
    public NonFiniteException(IReadOnlyList<string> problems, string? sites = null)
        : base(problems, sites)
    {
    }

    /// <summary>Names the first of a run's sites whose arguments, value or log density are not finite; null where all are.</summary>
    internal static string? FirstAmong(IEnumerable<Site> sites, string program, bool zeroAllowed = false) =>
        sites.Select(site => Blame(site, program, zeroAllowed)).FirstOrDefault(sentence => sentence is not null);

    /// <summary>An argument out of its range is often the echo of a NaN upstream, in the guide or at an earlier site; null where it is not.</summary>
    internal static NonFiniteException? Behind(IReadOnlyList<string> outside, SiteHandle site, Distribution distribution, Trace? guide, Trace run, bool isGuide)
    {
        var program = isGuide ? "guide" : "model";
        var first = FirstAmong(guide?.Sites ?? [], "guide") ?? FirstAmong(run.Sites, program) ?? Blame(site.Name, distribution, program);
        return first is null ? null : new NonFiniteException([first, .. outside.Select(sentence => $"Site '{site}': {sentence}")], run.Sites.Count == 0 ? null : run.ToString());
    }

    /// <summary>In which range a tensor's finite elements are, and how many are not finite: words behind "is".</summary>
    internal static string Extent(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().to(ScalarType.Float64).flatten();
        var finite = values.masked_select(values.isfinite());
        var (count, bad) = (values.numel(), values.numel() - finite.numel());
        return count == 0 ? "empty"
            : bad == count ? Naming(values, count)
            : string.Create(CultureInfo.InvariantCulture, $"in [{finite.min().ToDouble():G4}, {finite.max().ToDouble():G4}]{(bad == 0 ? "" : $" with {bad} of {count} elements NaN or infinite")}");
    }

    // All of them alike, or some of both kinds.
    private static string Naming(Tensor values, long count)
    {
        var word = values.isnan().all().ToBoolean() ? "NaN" : values.isposinf().all().ToBoolean() ? "∞" : values.isneginf().all().ToBoolean() ? "−∞" : "NaN or infinite";
        return count == 1 ? word : $"{word} in all {count} elements";
    }

    private static string? Blame(Site site, string program, bool zeroAllowed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (Blame(site.Name, site.Distribution, program) is { } argument)
        {
            return argument;
        }

        if (!IsFinite(site.Value))
        {
            return $"First at site '{site.Name}' of the {program}: its value, of shape {new Shape(site.Value.shape)}, is {Extent(site.Value)}.";
        }

        var density = site.LogProb();
        return IsFinite(zeroAllowed ? density.masked_fill(density.isneginf(), 0) : density) ? null
            : $"First at site '{site.Name}' of the {program}: its log density under {site.Distribution.Family}, of shape {new Shape(density.shape)}, is {Extent(density)}; {string.Join(", ", site.Distribution.Arguments.Select(argument => $"{argument.Name} is {Extent(argument.Value)}"))}.";
    }

    private static string? Blame(string site, Distribution distribution, string program)
    {
        using var noGrad = no_grad();
        var argument = distribution.Arguments.FirstOrDefault(argument => !IsFinite(argument.Value));
        return argument is null ? null
            : $"First at site '{site}' of the {program}: {distribution.Family}'s {argument.Name}, of shape {new Shape(argument.Value.shape)}, is {Extent(argument.Value)}.";
    }

    private static bool IsFinite(Tensor tensor) => tensor.isfinite().all().ToBoolean();
}
