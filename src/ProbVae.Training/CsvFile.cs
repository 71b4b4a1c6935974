using CsvHelper;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>Text files of values between commas, semicolons or tabs, whose first row names the columns.</summary>
public static class CsvFile
{
    /// <summary>Reads a file into tensors by column. Numbers have a point, whatever the machine's language.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">What stands between two values; found from the first lines unless given.</param>
    /// <param name="categories">Columns whose numbers are labels, such as post codes; words are categories without being named here.</param>
    /// <param name="dropIncomplete">Whether rows with a missing value are left out; without it they are refused.</param>
    /// <param name="dtype">The type of columns of numbers.</param>
    /// <exception cref="InvalidDataException">The file has no rows, a row has too many or too few values, or the columns cannot be tensors; the message says where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Columns Read(string path, char? separator = null, IReadOnlyCollection<string>? categories = null, bool dropIncomplete = false, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var reader = CsvReader.FromFile(path, new CsvReaderOptions { Separator = separator, TrackLineNumbers = true });
        try
        {
            var (names, rows) = Rows(reader);
            return Columns.Of([.. names.Select((name, place) => (name.Trim(), rows.ConvertAll(row => (object?)row[place]).ToArray()))], categories ?? [], dropIncomplete, dtype);
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidDataException or CsvFormatException)
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }
    }

    private static (IReadOnlyList<string> Names, List<string[]> Rows) Rows(CsvReader reader)
    {
        reader.ReadHeader();
        var (names, rows) = (reader.Headers, new List<string[]>());
        if (names.Count == 0)
        {
            throw new InvalidDataException("It is empty; its first row names the columns.");
        }

        while (reader.Read())
        {
            if (reader.FieldCount != names.Count)
            {
                throw new InvalidDataException($"Line {reader.LineNumber} has {reader.FieldCount} values where the first row names {names.Count} columns. A value that holds the separator goes between quotes.");
            }

            rows.Add([.. Enumerable.Range(0, names.Count).Select(reader.GetString)]);
        }

        return (names, rows);
    }
}
