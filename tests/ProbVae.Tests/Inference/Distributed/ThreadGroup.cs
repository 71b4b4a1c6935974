namespace ProbVae.Tests.Inference.Distributed;

/// <summary>Processes that are threads of one, for tests on machines without MPI.</summary>
internal sealed class ThreadGroup : IProcessGroup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Meeting _meeting;

    private ThreadGroup(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => _meeting.Left.Length;

    /// <summary>How many reductions of gradients there were.</summary>
    public int Sums { get; private set; }

    /// <summary>Runs the same program on all ranks; what each gives, or threw.</summary>
    public static IReadOnlyList<(T? Value, Exception? Failure)> Run<T>(int size, Func<ThreadGroup, T> program)
    {
        using var barrier = new Barrier(size);
        using var end = new CancellationTokenSource();
        var meeting = new Meeting(barrier, new object[size], end.Token);
        var found = new (T?, Exception?)[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                found[rank] = (program(new(meeting, rank)), null);
            }
            catch (Exception failure)
            {
                found[rank] = (default, failure);
                barrier.RemoveParticipant();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return found;
    }

    /// <summary>The same, where no rank is to fail.</summary>
    public static IReadOnlyList<T> RunAll<T>(int size, Func<ThreadGroup, T> program) =>
        [.. Run(size, program).Select((one, rank) => one.Failure is null ? one.Value! : throw new InvalidOperationException($"rank {rank}", one.Failure))];

    public void Sum(float[] numbers)
    {
        Sums++;
        var all = Met(numbers.Clone()).Cast<float[]>().ToList();
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = all.Sum(one => one[i]);
        }
    }

    public void Sum(double[] numbers)
    {
        Sums++;
        var all = Met(numbers.Clone()).Cast<double[]>().ToList();
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = all.Sum(one => one[i]);
        }
    }

    public IReadOnlyList<byte[]> Gather(byte[] message) => [.. Met(message).Cast<byte[]>()];

    public byte[] Broadcast(byte[] message) => (byte[])Met(message)[0];

    private object[] Met(object own)
    {
        _meeting.Left[Rank] = own;
        Wait();
        object[] all = [.. _meeting.Left];
        Wait();
        return all;
    }

    private void Wait()
    {
        if (!_meeting.Barrier.SignalAndWait(Patience, _meeting.End))
        {
            throw new TimeoutException($"Rank {Rank} waited for the others for {Patience.TotalSeconds} s.");
        }
    }

    private sealed record Meeting(Barrier Barrier, object[] Left, CancellationToken End);
}
