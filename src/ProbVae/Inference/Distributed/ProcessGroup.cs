namespace ProbVae;

/// <summary>What every process of a group works out alike.</summary>
public static class ProcessGroup
{
    /// <summary>The group of one process: what a program has that was started by itself.</summary>
    public static IProcessGroup Alone { get; } = new SingleProcess();

    /// <summary>This process's rows of a minibatch of all: rows in a row, those of rank 0 first, the shares as equal as can be.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="rows">How many rows the minibatch has. Range: at least the group's size.</param>
    /// <returns>The first row, and the row after the last.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer rows than processes.</exception>
    public static (int First, int End) ShareOf(this IProcessGroup group, int rows)
    {
        ArgumentNullException.ThrowIfNull(group);
        return rows >= group.Size
            ? ((int)((long)rows * group.Rank / group.Size), (int)((long)rows * (group.Rank + 1) / group.Size))
            : throw new ArgumentOutOfRangeException(nameof(rows), $"A minibatch of {rows} row{(rows == 1 ? "" : "s")} cannot be divided among {group.Size} processes, each of which needs one; use a larger minibatch, or leave a short last one out.");
    }

    private sealed class SingleProcess : IProcessGroup
    {
        public int Rank => 0;

        public int Size => 1;

        public void Sum(float[] numbers)
        {
        }

        public void Sum(double[] numbers)
        {
        }

        public IReadOnlyList<byte[]> Gather(byte[] message) => [message];

        public byte[] Broadcast(byte[] message) => message;
    }
}
