namespace MnistVae.Runs;

/// <summary>A line of a history.</summary>
/// <typeparam name="TRow">The row itself.</typeparam>
public interface IHistoryRow<TRow>
    where TRow : class, IHistoryRow<TRow>
{
    /// <summary>The first line of the file.</summary>
    static abstract string Header { get; }

    /// <summary>What orders the rows: an epoch or a step.</summary>
    long Place { get; }

    string ToCsv();

    /// <summary>Whether a line names all the columns that every history has, as this one or an older one.</summary>
    static abstract bool IsHeader(string line);

    /// <summary>The row of a line, or null where the line is not a whole row (a crash may cut the last one short).</summary>
    /// <param name="header">The first line of its file, which may be an older one with fewer columns.</param>
    static abstract TRow? TryParse(string line, string header);
}
