using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What a program draws from torch's own generator, which takes no key: dropout, or a lambda that calls rand. The generator is one for
/// the process, so such a program runs with its state put to a key's and then put back, one such program at a time. A program that
/// leaves the generator alone runs without any of this.
/// </summary>
/// <param name="noisy">The program's modules that draw while they are in training mode.</param>
internal sealed class TorchDraws(IReadOnlyList<nn.Module> noisy)
{
    private static readonly Lock Turn = new();

    // Only ever goes from false to true, so that a thread which does not see it yet finds out for itself.
    private volatile bool _seen;

    /// <summary>The state of torch's own generator.</summary>
    public static byte[] State()
    {
        using var state = get_rng_state();
        return state.bytes.ToArray();
    }

    /// <summary>Whether a module makes draws of its own.</summary>
    public static bool IsNoisy(nn.Module module) => module.GetType().Name.Contains("Dropout", StringComparison.Ordinal) || module.GetType().Name.Contains("RReLU", StringComparison.Ordinal);

    /// <summary>Takes note that the program was seen to draw.</summary>
    public void See() => _seen = true;

    /// <summary>Runs something whose draws from torch's own generator, if it makes any, are to come from a key.</summary>
    public T From<T>(RandomKey key, Func<T> run)
    {
        if (!_seen && !noisy.Any(module => module.training))
        {
            return run();
        }

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
