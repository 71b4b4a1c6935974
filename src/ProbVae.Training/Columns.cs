using System.Collections;
using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>A table as tensors by name, each of shape (rows). Words become whole numbers, one for each category, and <see cref="ToString"/> says which.</summary>
public sealed class Columns
{
    private const int Shown = 12;

    private readonly IReadOnlyList<Column> _columns;

    private Columns(IReadOnlyList<Column> columns, long leftOut) => (_columns, LeftOut) = (columns, leftOut);

    /// <summary>How many rows there are.</summary>
    public long Count => _columns[0].Values.shape[0];

    /// <summary>The columns' names, in their order.</summary>
    public IReadOnlyList<string> Names => [.. _columns.Select(column => column.Name)];

    /// <summary>How many rows were left out because a value was missing.</summary>
    public long LeftOut { get; }

    /// <summary>One column, of shape (rows): floating-point for numbers, 0 or 1 for truth values, int64 for categories.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such column; the message names those that are.</exception>
    public Tensor this[string name] => Find(name).Values;

    /// <summary>The categories of a column of words; category k of the list is the number k in the tensor. Empty for a column of numbers.</summary>
    /// <param name="name">The column's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such column; the message names those that are.</exception>
    public IReadOnlyList<string> Categories(string name) => Find(name).Categories;

    /// <summary>The columns of a data frame, or of any other table: for Microsoft.Data.Analysis, <c>Columns.Of(frame.Columns, column => column.Name)</c>.</summary>
    /// <typeparam name="TColumn">A column: a sequence of numbers, truth values or words.</typeparam>
    /// <param name="columns">The columns, of equally many values.</param>
    /// <param name="name">A column's name.</param>
    /// <param name="categories">Columns whose numbers are labels, such as post codes; words are categories without being named here.</param>
    /// <param name="dropIncomplete">Whether rows with a missing value are left out; without it they are refused.</param>
    /// <param name="dtype">The type of columns of numbers.</param>
    /// <exception cref="ArgumentException">A value is missing, a column mixes numbers with words, or the columns do not go together; the message says where.</exception>
    public static Columns Of<TColumn>(IEnumerable<TColumn> columns, Func<TColumn, string> name, IReadOnlyCollection<string>? categories = null, bool dropIncomplete = false, ScalarType dtype = ScalarType.Float32)
        where TColumn : IEnumerable
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(name);
        return Of([.. columns.Select(column => (name(column), column.Cast<object?>().ToArray()))], categories ?? [], dropIncomplete, dtype);
    }

    /// <summary>How many rows, and what each column holds.</summary>
    public override string ToString() =>
        $"{Count} rows{(LeftOut == 0 ? "" : $" ({LeftOut} with a missing value left out)")}: {Listed(_columns.Select(column => column.ToString()))}";

    internal static Columns Of(IReadOnlyList<(string Name, object?[] Values)> columns, IReadOnlyCollection<string> categories, bool dropIncomplete, ScalarType dtype)
    {
        if (Problem(columns, categories) is { } problem)
        {
            throw new ArgumentException($"Columns: {problem}");
        }

        var complete = Enumerable.Range(0, columns[0].Values.Length).Where(row => columns.All(column => !Column.IsMissing(column.Values[row]))).ToArray();
        var leftOut = columns[0].Values.Length - complete.Length;
        if (leftOut > 0 && !dropIncomplete)
        {
            var (name, values) = columns.First(column => Array.Exists(column.Values, Column.IsMissing));
            throw new ArgumentException($"Columns: column '{Column.Short(name)}' has no value in row {Array.FindIndex(values, Column.IsMissing) + 1}, and {leftOut} of {values.Length} rows lack one somewhere. Fill them in, or leave these rows out with dropIncomplete: true.");
        }

        return complete.Length == 0 ? throw new ArgumentException("Columns: there is no row with a value in every column.")
            : new([.. columns.Select(column => Column.Of(column.Name, [.. complete.Select(row => column.Values[row]!)], categories.Contains(column.Name), dtype))], leftOut);
    }

    /// <summary>The same columns at some of their rows.</summary>
    internal Columns At(long[] rows)
    {
        using var scope = NewDisposeScope();
        var places = tensor(rows);
        return new([.. _columns.Select(column => column with { Values = column.Values.index_select(0, places.to(column.Values.device)).MoveToOuterDisposeScope() })], LeftOut);
    }

    private static string Listed(IEnumerable<string> parts) => string.Join(", ", parts.Take(Shown + 1).Select((part, place) => place < Shown ? part : "…"));

    private Column Find(string name) => _columns.FirstOrDefault(column => column.Name == name)
        ?? throw new KeyNotFoundException($"There is no column '{name}'; the columns are {Listed(Names.Select(Column.Short))}.");

    private static string? Problem(IReadOnlyList<(string Name, object?[] Values)> columns, IReadOnlyCollection<string> categories) =>
        columns.Count == 0 ? "there is none."
        : columns.Any(column => string.IsNullOrWhiteSpace(column.Name)) ? "a column has no name; give each one its name."
        : columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } doubled ? $"{doubled.Count()} columns are called '{Column.Short(doubled.Key)}'; give each one its own name."
        : columns.Select(column => column.Values.Length).Distinct().Count() > 1 ? $"they differ in their rows: {Listed(columns.Select(column => $"{Column.Short(column.Name)} has {column.Values.Length}"))}."
        : categories.FirstOrDefault(category => columns.All(column => column.Name != category)) is { } unknown ? $"categories names '{unknown}', and the columns are {Listed(columns.Select(column => Column.Short(column.Name)))}."
        : null;
}
