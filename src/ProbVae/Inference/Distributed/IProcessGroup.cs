namespace ProbVae;

/// <summary>
/// Processes that train one model together, each with rows of its own. All of them call the same methods in the same order; a call
/// returns when every process has made it.
/// </summary>
public interface IProcessGroup
{
    /// <summary>This process's number. Range: 0 to <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many processes there are. Range: at least 1.</summary>
    int Size { get; }

    /// <summary>Replaces each number by its sum over all processes: the same bits on all.</summary>
    /// <param name="numbers">Of one length on all processes.</param>
    void Sum(float[] numbers);

    /// <summary>Replaces each number by its sum over all processes: the same bits on all.</summary>
    /// <param name="numbers">Of one length on all processes.</param>
    void Sum(double[] numbers);

    /// <summary>Tells all processes what each has to say.</summary>
    /// <param name="message">This process's; its length may differ from the others'.</param>
    /// <returns>All messages, by rank.</returns>
    IReadOnlyList<byte[]> Gather(byte[] message);

    /// <summary>Gives all processes the message of process 0.</summary>
    /// <param name="message">Process 0's; what others give is not looked at.</param>
    byte[] Broadcast(byte[] message);
}
