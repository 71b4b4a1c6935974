using FsCheck;
using FsCheck.Fluent;

namespace ProbVae.Tests.Distributions;

/// <summary>
/// Runs an assertion over random cases and shows the first that fails. The cases are the same in every run, unless the environment
/// variable PROBVAE_FRESH_CASES is set: then FsCheck chooses others, and its message names the seed.
/// </summary>
internal static class Property
{
    public static void ForAll<T>(Gen<T> cases, Action<T> assertion, int runs = 25) =>
        Check.One(Settings.WithMaxTest(runs).WithQuietOnSuccess(true), Prop.ForAll(cases.ToArbitrary(), assertion));

    private static Config Settings => Environment.GetEnvironmentVariable("PROBVAE_FRESH_CASES") is null
        ? Config.QuickThrowOnFailure.WithReplay(20261121UL, 7UL)
        : Config.QuickThrowOnFailure;

    /// <summary>Shapes of up to two axes of one to three elements.</summary>
    public static Gen<Shape> Shapes { get; } = from rank in Gen.Choose(0, 2)
                                               from sizes in Gen.Choose(1, 3).ArrayOf(rank)
                                               select new Shape([.. sizes.Select(size => (long)size)]);
}
