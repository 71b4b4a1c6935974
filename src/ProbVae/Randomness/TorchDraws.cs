using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What a program draws without a key. Dropout gets its masks from the run's key. What else draws from torch's own generator (a lambda
/// that calls rand, say) runs with that generator's state put to the key's and then put back: the generator is one for the process, so
/// one such program runs at a time, and a thread that uses the generator meanwhile is in its stream. Other programs run without any of this.
/// </summary>
/// <param name="noisy">The program's modules that draw while they are in training mode.</param>
internal sealed class TorchDraws(IReadOnlyList<nn.Module> noisy)
{
    private static readonly Lock Turn = new();

    // Each only ever goes from false to true, so that a thread which does not see it yet finds out for itself.
    private volatile bool _known;
    private volatile bool _seen;

    /// <summary>Whether it was found out that the program draws from torch's own generator, or does not.</summary>
    public bool IsKnown => _known;

    /// <summary>The state of torch's own generator.</summary>
    public static byte[] State()
    {
        using var state = get_rng_state();
        return state.bytes.ToArray();
    }

    /// <summary>Whether a module makes draws of its own.</summary>
    public static bool IsNoisy(nn.Module module) => module.GetType().Name.Contains("Dropout", StringComparison.Ordinal) || module.GetType().Name.Contains("RReLU", StringComparison.Ordinal);

    /// <summary>Takes note whether the program was seen to draw from torch's own generator.</summary>
    public void Know(bool draws)
    {
        _seen |= draws;
        _known = true;
    }

    /// <summary>Runs something while no program of this library is in the stream that it put into torch's own generator.</summary>
    public static T InTurn<T>(Func<T> run)
    {
        lock (Turn)
        {
            return run();
        }
    }

    /// <summary>Runs something whose draws without a key, if it makes any, are to come from this one.</summary>
    public T From<T>(RandomKey key, Func<T> run)
    {
        var drawing = noisy.Where(module => module.training).ToList();
        var keyed = drawing.FindAll(KeyedDropout.Is);
        // As long as it is not known what a program does, it must not draw from the stream of another one.
        var rest = _seen || keyed.Count < drawing.Count ? () => Seeded(key, run) : _known ? run : () => InTurn(run);
        return keyed.Count == 0 ? rest() : Dropping(keyed, key.Fold("dropout"), rest);
    }

    private static T Dropping<T>(List<nn.Module> modules, RandomKey key, Func<T> run)
    {
        Dictionary<string, Generator> generators = [];
        var ends = modules.ConvertAll(module => KeyedDropout.Begin(module, device => generators.TryGetValue(device.ToString(), out var known)
            ? known : generators[device.ToString()] = key.NewGenerator(device)));
        try
        {
            return run();
        }
        finally
        {
            ends.ForEach(end => end());
            foreach (var generator in generators.Values)
            {
                generator.Dispose();
            }
        }
    }

    private static T Seeded<T>(RandomKey key, Func<T> run)
    {
        lock (Turn)
        {
            using var generator = key.NewGenerator();
            using Tensor before = get_rng_state(), start = generator.get_state();
            set_rng_state(start);
            try
            {
                return run();
            }
            finally
            {
                set_rng_state(before);
            }
        }
    }
}
