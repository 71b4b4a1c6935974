using ProbVae.Examples.Posteriors.Fitting;

namespace ProbVae.Examples.Posteriors.Tests;

/// <summary>The command line.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void NamesAreTakenByTheirBeginningAndGuidesByTheirName()
    {
        var options = Options.Parse(["kidiq", "--guide", "autonormal", "--seed", "7"])!;
        Assert.Equal([Family.AutoNormal], options.Families);
        Assert.Equal(7, options.Seed);
        Assert.Equal([Family.AutoNormal, Family.Nuts], Options.Parse(["--guide", "nuts,autonormal"])!.Families);
        Assert.True(options.Takes("kidiq-kidscore_momiq"));
        Assert.False(options.Takes("arK-arK"));
        Assert.True(Options.Parse([])!.Takes("arK-arK"));
        Assert.Equal(Enum.GetValues<Family>(), Options.Parse(["--guide", "all"])!.Families);
    }

    [Theory]
    [InlineData("--file", "no such file")]
    [InlineData("--guide", "AutoPilot")]
    [InlineData("--guide", "Nuts,AutoPilot")]
    [InlineData("--seed", "x")]
    [InlineData("--steps", "3")]
    public void WhatCannotBeReadIsRefused(string option, string value) => Assert.Null(Options.Parse([option, value]));
}
