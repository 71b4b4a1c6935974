namespace ProbVae.Tests.Inference;

public sealed class StatusLineTests
{
    [Fact]
    public void OnATerminalAShorterTextCoversALongerOne()
    {
        var text = new StringWriter();
        var line = new StatusLine(text, inPlace: true);
        line.Show("step 10");
        line.Show("step 9");
        line.Show("end");
        Assert.Equal("\rstep 10\rstep 9 \rend   ", text.ToString());
    }

    [Fact]
    public void ALineThatStaysTakesThePlaceOfWhatIsShown()
    {
        var text = new StringWriter();
        var line = new StatusLine(text, inPlace: true);
        line.Keep("begun");
        line.Show("step 10");
        line.Keep("half");
        line.Show("step 20");
        line.Clear();
        line.Clear();
        line.Keep("end");
        var end = Environment.NewLine;
        Assert.Equal($"begun{end}\rstep 10\rhalf   {end}\rstep 20\r       \rend{end}", text.ToString());
    }

    [Fact]
    public void InAFileEachIsALine()
    {
        var text = new StringWriter();
        var line = new StatusLine(text, inPlace: false);
        line.Show("step 10");
        line.Keep("half");
        line.Clear();
        Assert.Equal("step 10\nhalf\n", text.ToString().ReplaceLineEndings("\n"));
    }
}
