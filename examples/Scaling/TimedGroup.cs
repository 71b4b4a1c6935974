using System.Diagnostics;
using ProbVae;

namespace Scaling;

/// <summary>A group whose calls are timed: how long gradients are added up, and how long processes wait for and tell each other.</summary>
internal sealed class TimedGroup(IProcessGroup group) : IProcessGroup
{
    public int Rank => group.Rank;

    public int Size => group.Size;

    public TimeSpan Reducing { get; private set; }

    public TimeSpan Telling { get; private set; }

    public void Sum(float[] numbers)
    {
        var started = Stopwatch.GetTimestamp();
        group.Sum(numbers);
        Reducing += Stopwatch.GetElapsedTime(started);
    }

    public void Sum(double[] numbers) => group.Sum(numbers);

    public IReadOnlyList<byte[]> Gather(byte[] message)
    {
        var started = Stopwatch.GetTimestamp();
        var all = group.Gather(message);
        Telling += Stopwatch.GetElapsedTime(started);
        return all;
    }

    public byte[] Broadcast(byte[] message) => group.Broadcast(message);
}
