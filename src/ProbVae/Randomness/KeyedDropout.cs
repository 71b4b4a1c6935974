using static TorchSharp.torch;
using Dropout = TorchSharp.Modules.Dropout;
using Dropout1d = TorchSharp.Modules.Dropout1d;
using Dropout2d = TorchSharp.Modules.Dropout2d;
using Dropout3d = TorchSharp.Modules.Dropout3d;

namespace ProbVae;

/// <summary>
/// Dropout whose masks come from a key: torch's own come from its one generator, which all threads share. For the time of a run
/// the module itself is in evaluation mode, in which it draws nothing, and a hook does what it would have done.
/// </summary>
internal static class KeyedDropout
{
    /// <summary>Whether a module is dropout that can have its masks from a key.</summary>
    public static bool Is(nn.Module module) => Settings(module) is not null;

    /// <summary>Gives a module's masks a generator of the run's thread.</summary>
    /// <param name="module">Dropout in training mode.</param>
    /// <param name="generator">The run's stream on a device.</param>
    /// <returns>Puts the module back as it was.</returns>
    public static Action Begin(nn.Module module, Func<Device, Generator> generator)
    {
        var (probability, channelAxes) = Settings(module)!.Value;
        var thread = Environment.CurrentManagedThreadId;
        module.eval();
        var hook = ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, input, output) =>
            Environment.CurrentManagedThreadId == thread ? Dropped(input, probability, channelAxes, generator(input.device)) : output);
        return () =>
        {
            hook.remove();
            module.train();
        };
    }

    // Each element, or each channel as a whole, is kept with probability 1 − p and then divided by it (Srivastava et al. 2014).
    private static Tensor Dropped(Tensor input, double probability, int channelAxes, Generator generator)
    {
        if (probability >= 1)
        {
            return input.mul(0);
        }

        var rank = Math.Max(0, input.shape.Length - channelAxes);
        long[] shape = [.. input.shape[..rank], .. Enumerable.Repeat(1L, input.shape.Length - rank)];
        return input.mul(rand(shape, input.dtype, input.device, generator: generator).ge(probability).to(input.dtype).mul(1 / (1 - probability)));
    }

    private static (double Probability, int ChannelAxes)? Settings(nn.Module module) => module switch
    {
        Dropout dropout => (dropout.p, 0),
        Dropout1d dropout => (dropout.p, 1),
        Dropout2d dropout => (dropout.p, 2),
        Dropout3d dropout => (dropout.p, 3),
        _ => null,
    };
}
