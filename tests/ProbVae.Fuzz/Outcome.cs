namespace ProbVae.Fuzz;

/// <summary>What a reader made of many broken files.</summary>
/// <param name="Inputs">How many there were.</param>
/// <param name="Accepted">How many were read.</param>
/// <param name="Refused">How many were refused with a sentence.</param>
/// <param name="Slowest">The longest that one took.</param>
/// <param name="MostBytes">The most managed memory that one took.</param>
/// <param name="Faults">What else happened: the input's number, and what.</param>
public sealed record Outcome(string Reader, int Inputs, int Accepted, int Refused, TimeSpan Slowest, long MostBytes, IReadOnlyList<string> Faults)
{
    private const int MostFaults = 20;
    private const int MostLines = 20;

    // A valid file of the largest kind here is some kilobytes.
    private const long MostMemory = 64L << 20;

    // A busy machine may hold a reader up for seconds; what hangs takes longer.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Gives a reader inputs number 0 to one less than <paramref name="inputs"/>.</summary>
    public static Outcome Of(Reader reader, int inputs, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (accepted, refused, slowest, most, faults) = (0, 0, TimeSpan.Zero, 0L, new List<string>());
        // The first of a kind compiles its code.
        reader.Read(reader.Finish(reader.Whole[0]));
        for (int number = 0; number < inputs && faults.Count < MostFaults; number++)
        {
            byte[] input = reader.Finish(Mutator.Input(reader.Whole, reader.IsText, seed, number));
            long before = GC.GetAllocatedBytesForCurrentThread();
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            string? fault = Fault(reader, input, out bool isRefused);
            var took = System.Diagnostics.Stopwatch.GetElapsedTime(started);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            (slowest, most) = (took > slowest ? took : slowest, Math.Max(most, bytes));
            refused += isRefused ? 1 : 0;
            accepted += isRefused || fault is not null ? 0 : 1;
            fault ??= took > Patience ? $"took {took.TotalSeconds:F1} s" : bytes > MostMemory ? $"took {bytes >> 20} MiB for {input.Length} bytes" : null;
            if (fault is not null)
            {
                faults.Add($"{reader.Name}, seed {seed}, input {number}: {fault}");
            }
        }

        return new(reader.Name, inputs, accepted, refused, slowest, most, faults);
    }

    private static string? Fault(Reader reader, byte[] input, out bool isRefused)
    {
        isRefused = false;
        try
        {
            reader.Read(input);
            return null;
        }
        catch (Exception refusal) when (reader.Refusals.Contains(refusal.GetType()))
        {
            isRefused = true;
            string[] lines = refusal.Message.Split('\n');
            return lines.Length > MostLines ? $"a refusal of {lines.Length} lines" : !refusal.Message.TrimEnd().EndsWith('.') ? $"no sentence: {refusal.Message}" : null;
        }
        catch (Exception other)
        {
            return other.ToString();
        }
    }
}
