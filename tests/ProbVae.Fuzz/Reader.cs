namespace ProbVae.Fuzz;

/// <summary>A reader that is given broken files.</summary>
/// <param name="Name">What is read.</param>
/// <param name="IsText">Whether words of text are put in.</param>
/// <param name="Whole">Files that it reads.</param>
/// <param name="Read">Reads one; what it throws is held against <paramref name="Refusals"/>.</param>
/// <param name="Refusals">The exceptions that are its own, with a sentence for the user.</param>
public sealed record Reader(string Name, bool IsText, IReadOnlyList<byte[]> Whole, Action<byte[]> Read, params IReadOnlyList<Type> Refusals)
{
    /// <summary>What is done to an input before it is read: a checksum that is made right again, say.</summary>
    public Func<byte[], byte[]> Finish { get; init; } = bytes => bytes;
}
