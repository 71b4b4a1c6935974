using System.Globalization;

namespace ProbVae.Examples.Gallery.Tests;

public sealed class GalleryTests
{
    public static TheoryData<string> Names => [.. Example.All.Select(example => example.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_prints_something_and_its_checks_hold(string name)
    {
        var (code, text) = Run(name);
        Assert.True(code == 0, text);
        Assert.DoesNotContain("FAILED", text, StringComparison.Ordinal);
        Assert.True(text.Split('\n').Length > 10, text);
        Assert.Contains("checks hold", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_fails_when_its_fit_is_cut_to_one_step(string name)
    {
        var (code, text) = Run(name, "--steps", "1");
        Assert.Equal(1, code);
        Assert.Contains("FAILED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_names_every_example_and_so_does_the_page_about_them()
    {
        var (code, text) = Run("list");
        Assert.Equal(0, code);
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "gallery.md"));
        foreach (var example in Example.All)
        {
            Assert.Contains($"  {example.Name} ", text, StringComparison.Ordinal);
            Assert.Contains(example.Summary, text, StringComparison.Ordinal);
            Assert.Contains($"`{example.Name}`", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_arguments_are_a_wish_for_the_list() => Assert.Equal(Run("list"), Run());

    [Fact]
    public void An_unknown_name_is_an_error_with_the_list()
    {
        var (code, text) = Run("hangman");
        Assert.Equal(2, code);
        Assert.StartsWith("There is no example 'hangman'", text, StringComparison.Ordinal);
        Assert.All(Example.All, example => Assert.Contains(example.Name, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--steps")]
    [InlineData("--steps", "0")]
    [InlineData("--seed", "many")]
    [InlineData("--loud", "1")]
    public void An_option_that_is_not_understood_is_an_error(params string[] options)
    {
        var (code, text) = Run(["ab-test", .. options]);
        Assert.Equal(2, code);
        Assert.Contains(string.Join(' ', options), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0, true)]
    [InlineData(1.1, true)]
    [InlineData(1.2, false)]
    [InlineData(0.8, false)]
    [InlineData(double.NaN, false)]
    public void A_figure_is_near_another_up_to_the_tolerance(double received, bool holds)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var report = new Report(text);
        report.Near("figure", received, 1, 0.15);
        Assert.Equal(holds, Assert.Single(report.Checks).Passes);
        Assert.Contains("figure: ", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("expected 1 ± 0.15", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_hold_on_one_side()
    {
        var report = new Report(TextWriter.Null);
        report.AtLeast("a", 2, 1);
        report.AtLeast("b", 0, 1);
        report.AtMost("c", 0, 1);
        report.AtMost("d", 2, 1);
        Assert.Equal([true, false, true, false], report.Checks.Select(check => check.Passes));
    }

    [Fact]
    public void A_sparkline_goes_from_the_least_to_the_greatest_mean()
    {
        Assert.Equal("▁█", TextPlot.Sparkline([1, 1, 9, 9], width: 2));
        Assert.Equal("", TextPlot.Sparkline([]));
    }

    private static (int Code, string Text) Run(params string[] arguments)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        return (Commands.Run(arguments, text), text.ToString());
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ProbVae.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("ProbVae.sln stands in no folder above the tests.");
        }

        return folder;
    }
}
