using Microsoft.Data.Analysis;
using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

public sealed class ColumnsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFileBecomesNamedTensors()
    {
        using var scope = NewDisposeScope();
        var columns = Read("price,town,garden\n1.5,\"Ely, Cambs\",true\n-2e1,Bath,false\n3,Bath,true\n");
        Assert.Equal(["price", "town", "garden"], columns.Names);
        Assert.Equal([1.5f, -20, 3], columns["price"].data<float>().ToArray());
        Assert.Equal([1L, 0, 0], columns["town"].data<long>().ToArray());
        Assert.Equal([1f, 0, 1], columns["garden"].data<float>().ToArray());
        Assert.Equal(["Bath", "Ely, Cambs"], columns.Categories("town"));
        Assert.Empty(columns.Categories("price"));
        Assert.Equal("3 rows: price (numbers), town (2 categories: Bath = 0, Ely, Cambs = 1), garden (0 or 1)", columns.ToString());
    }

    [Fact]
    public void LabelsSeparatorsAndTypesAreAsked()
    {
        using var scope = NewDisposeScope();
        var columns = CsvFile.Read(Written("zip;x\n90210;0.1\n10115;0.2\n"), separator: ';', categories: ["zip"], dtype: ScalarType.Float64);
        Assert.Equal([1L, 0], columns["zip"].data<long>().ToArray());
        Assert.Equal([0.1, 0.2], columns["x"].data<double>().ToArray());
    }

    [Fact]
    public void RowsThatLackAValueAreRefusedOrLeftOutAndCounted()
    {
        using var scope = NewDisposeScope();
        var path = Written("x,y\n1,a\n,b\n3,NA\n4,d\n");
        Assert.Equal(
            $"{path}: Columns: column 'x' has no value in row 2, and 2 of 4 rows lack one somewhere. Fill them in, or leave these rows out with dropIncomplete: true.",
            Assert.Throws<InvalidDataException>(() => CsvFile.Read(path)).Message);
        var columns = CsvFile.Read(path, dropIncomplete: true);
        Assert.Equal((2L, 2L), (columns.Count, columns.LeftOut));
        Assert.Equal([1f, 4], columns["x"].data<float>().ToArray());
        Assert.StartsWith("2 rows (2 with a missing value left out): x (numbers), y (2 categories", columns.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,y\n1,2\n3\n", "Line 3 has 1 values where the first row names 2 columns.")]
    [InlineData("x\n1\n12x\n", "Columns: column 'x' has numbers, and '12x' in the place of one (value 2). Mend that value, or say that the column's values are labels: categories: [\"x\"].")]
    [InlineData("x,x\n1,2\n", "Columns: 2 columns are called 'x'; give each one its own name.")]
    [InlineData("x,y\n", "Columns: there is no row with a value in every column.")]
    [InlineData("", "It is empty; its first row names the columns.")]
    [InlineData("x,\n1,2\n", "Columns: a column has no name; give each one its name.")]
    public void AFileThatIsNoTableIsRefused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void ADataFrameBecomesTheSameTensors()
    {
        using var scope = NewDisposeScope();
        var frame = new DataFrame(
            new DoubleDataFrameColumn("price", [1.5, -20, 3]), new StringDataFrameColumn("town", ["Ely", "Bath", "Bath"]), new BooleanDataFrameColumn("garden", [true, false, true]), new Int32DataFrameColumn("rooms", [1, 2, 3]));
        var columns = Columns.Of(frame.Columns, column => column.Name);
        Assert.Equal([1.5f, -20, 3], columns["price"].data<float>().ToArray());
        Assert.Equal([1L, 0, 0], columns["town"].data<long>().ToArray());
        Assert.Equal([1f, 0, 1], columns["garden"].data<float>().ToArray());
        Assert.Equal([1f, 2, 3], columns["rooms"].data<float>().ToArray());
    }

    [Fact]
    public void AColumnThatIsNotThereIsNamed() => Assert.Equal(
        "There is no column 'z'; the columns are x, y.", Assert.Throws<KeyNotFoundException>(() => Read("x,y\n1,2\n")["z"]).Message);

    [Fact]
    public void ColumnsAreDataOfMinibatches()
    {
        using var scope = NewDisposeScope();
        var batch = Minibatches.InOrder(Read("x,town\n1,b\n2,a\n3,b\n"), 2).Of(1);
        Assert.Equal([3f], batch["x"].data<float>().ToArray());
        Assert.Equal([1L], batch["town"].data<long>().ToArray());
        Assert.Equal(["a", "b"], batch.Categories("town"));
    }

    private Columns Read(string text) => CsvFile.Read(Written(text));

    private string Written(string text)
    {
        var path = _folder.At($"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
