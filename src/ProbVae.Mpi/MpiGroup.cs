using System.Diagnostics;
using MPI;

namespace ProbVae.Mpi;

/// <summary>
/// The processes that one mpiexec started, which train a model together: <c>svi.Across(group)</c>. A program that was started by itself
/// is a group of one and needs no MPI. Calls come from one thread at a time.
/// </summary>
/// <remarks>
/// An exception that nobody catches is printed once, as a sentence, and ends all processes, since the others would wait for ever.
/// </remarks>
public sealed class MpiGroup : IProcessGroup, IDisposable
{
    private const int Here = 7411;
    private const int Go = 7412;

    // Most messages fit, so that one call carries them and their lengths.
    private const int Frame = 512;

    private static readonly TimeSpan Spin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly MPI.Environment? _environment;
    private readonly Intracommunicator? _world;
    private readonly TimeSpan _patience;
    private readonly IReadOnlyList<string> _hosts;
    private float[] _singles = [];
    private double[] _doubles = [];
    private bool _broken;

    private MpiGroup(TimeSpan patience)
    {
        (_patience, Rank, Size, _hosts) = (patience, 0, 1, [System.Environment.MachineName]);
        var started = StartedSize();
        if (!MpiLibrary.IsThere)
        {
            _ = started > 1 ? throw new DllNotFoundException($"mpiexec started {started} processes, and {MpiLibrary.Missing}") : 0;
            return;
        }

        string[]? none = null;
        _environment = new MPI.Environment(ref none!, Threading.Serialized);
        _world = Communicator.world;
        (Rank, Size) = (_world.Rank, _world.Size);
        if (Size < started)
        {
            throw new InvalidOperationException($"mpiexec started {started} processes, and each of them is alone: that mpiexec belongs to another MPI than {MpiLibrary.Name}. Start the program by the mpiexec of MPICH (on Debian mpiexec.mpich), Intel MPI or MS-MPI; Open MPI does not fit.");
        }

        _hosts = [.. Gather(System.Text.Encoding.UTF8.GetBytes(System.Environment.MachineName)).Select(System.Text.Encoding.UTF8.GetString)];
        AppDomain.CurrentDomain.UnhandledException += (_, failure) => End(failure.ExceptionObject as Exception);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Joins the processes that were started with this one. Called once in a process, before anything else that could fail on some of them.</summary>
    /// <param name="patience">How long a process waits for another before it names it and ends all; 5 minutes unless said.</param>
    /// <exception cref="DllNotFoundException">mpiexec started several processes, and there is no MPI library that fits.</exception>
    /// <exception cref="InvalidOperationException">mpiexec belongs to another MPI than the library.</exception>
    public static MpiGroup Join(TimeSpan? patience = null) => new(patience ?? TimeSpan.FromMinutes(5));

    /// <inheritdoc/>
    public void Sum(float[] numbers) => Sum(numbers, ref _singles, Operation<float>.Add);

    /// <inheritdoc/>
    public void Sum(double[] numbers) => Sum(numbers, ref _doubles, Operation<double>.Add);

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Gather(byte[] message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_world is null || Size == 1)
        {
            return [message];
        }

        var frame = new byte[Frame];
        BitConverter.TryWriteBytes(frame, message.Length);
        message.AsSpan(0, Math.Min(message.Length, Frame - sizeof(int))).CopyTo(frame.AsSpan(sizeof(int)));
        var frames = new byte[Frame * Size];
        Meet();
        _world.AllgatherFlattened(frame, Frame, ref frames);
        int[] lengths = [.. Enumerable.Range(0, Size).Select(rank => BitConverter.ToInt32(frames, rank * Frame))];
        if (lengths.Max() <= Frame - sizeof(int))
        {
            return [.. lengths.Select((length, rank) => frames.AsSpan((rank * Frame) + sizeof(int), length).ToArray())];
        }

        var flat = new byte[lengths.Sum()];
        _world.AllgatherFlattened(message, lengths, ref flat);
        var ends = lengths.Aggregate(new List<int> { 0 }, (sums, length) => [.. sums, sums[^1] + length]);
        return [.. lengths.Select((length, rank) => flat.AsSpan(ends[rank], length).ToArray())];
    }

    /// <inheritdoc/>
    public byte[] Broadcast(byte[] message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_world is null || Size == 1)
        {
            return message;
        }

        var length = message.Length;
        _world.Broadcast(ref length, 0);
        var received = Rank == 0 ? message : new byte[length];
        _world.Broadcast(ref received, 0);
        return received;
    }

    /// <summary>Leaves the group; where the processes are out of step, ends all of them.</summary>
    public void Dispose()
    {
        if (_broken)
        {
            MPI.Environment.Abort(1);
        }

        _environment?.Dispose();
    }

    /// <summary>Rank and size.</summary>
    public override string ToString() => $"rank {Rank} of {Size}";

    private void Sum<T>(T[] numbers, ref T[] sums, ReductionOperation<T> add)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (_world is null || Size == 1)
        {
            return;
        }

        var into = sums.Length == numbers.Length ? sums : sums = new T[numbers.Length];
        _world.Allreduce(numbers, add, ref into);
        into.CopyTo(numbers, 0);
    }

    // MPI's own calls wait without end, and spin. So rank 0 first waits until all have said that they are here, then tells them to go.
    private void Meet()
    {
        ObjectDisposedException.ThrowIf(_broken, this);
        if (Rank != 0)
        {
            var said = _world!.ImmediateSend((byte)0, 0, Here);
            // Rank 0 is the first to lose patience with another one.
            Await(0, Go, 2 * _patience);
            said.Wait();
            return;
        }

        for (var other = 1; other < Size; other++)
        {
            Await(other, Here, _patience);
        }

        Request[] told = [.. Enumerable.Range(1, Size - 1).Select(other => _world!.ImmediateSend((byte)0, other, Go))];
        Array.ForEach(told, request => request.Wait());
    }

    private void Await(int other, int message, TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        while (_world!.ImmediateProbe(other, message) is null)
        {
            if (waited.Elapsed > patience)
            {
                _broken = true;
                throw new TimeoutException(FormattableString.Invariant($"Rank {other} on {_hosts[other]} is slow or has stopped: rank {Rank} has waited for it for {patience.TotalSeconds:G4} s. The run ends; start it again from its last checkpoint, or give the ranks more patience: MpiGroup.Join(patience)."));
            }

            // A short wait costs no sleep; a long one takes no time from ranks on the same core.
            if (waited.Elapsed < Spin)
            {
                Thread.Yield();
            }
            else
            {
                Thread.Sleep(1);
            }
        }

        _world.Receive<byte>(other, message);
    }

    // Where all ranks refuse the same, rank 0 speaks for them and ends them.
    private void End(Exception? failure)
    {
        if (Rank != 0)
        {
            Thread.Sleep(Grace);
        }

        Console.Error.WriteLine($"Rank {Rank} of {Size} ends all of them. {failure?.GetType().Name}: {failure?.Message}");
        Console.Error.Flush();
        MPI.Environment.Abort(1);
    }

    // What mpiexec tells the processes: MPICH, Intel MPI and MS-MPI in PMI_SIZE, Open MPI in its own.
    private static int StartedSize()
    {
        return Math.Max(Told("PMI_SIZE"), Told("OMPI_COMM_WORLD_SIZE"));

        static int Told(string name) => int.TryParse(System.Environment.GetEnvironmentVariable(name), out var size) ? size : 1;
    }
}
