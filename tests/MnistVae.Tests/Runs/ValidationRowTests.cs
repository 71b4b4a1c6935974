using MnistVae.Runs;

namespace MnistVae.Tests.Runs;

public sealed class ValidationRowTests
{
    [Fact]
    public void ARowComesBack()
    {
        var row = new ValidationRow(65_000, -98.5, -76.25, 22.25, 0.5);
        Assert.Equal("65000,-98.5,-76.25,22.25,0.500", row.ToCsv());
        Assert.Equal(row, ValidationRow.TryParse(row.ToCsv(), ValidationRow.Header));
        Assert.Equal(65_000, row.Place);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1,2,3,4")]
    [InlineData("1,2,3,4,5,6")]
    [InlineData("1,,3,4,5")]
    [InlineData("1.5,2,3,4,5")]
    [InlineData("step,elbo,reconstruction,kl,seconds")]
    public void ALineThatIsNoRowIsPassedOver(string line) => Assert.Null(ValidationRow.TryParse(line, ValidationRow.Header));
}
