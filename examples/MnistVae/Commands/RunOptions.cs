using System.CommandLine;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The options of a verb that looks at a trained run: its folder, what is drawn, and where to compute.</summary>
/// <param name="decides">What the seed decides, or null where nothing is drawn.</param>
public sealed class RunOptions(string? decides = null)
{
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long>? seed = decides is null ? null : OptionFactory.Seed(decides);
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    /// <summary>These options on the help page.</summary>
    public OptionGroup Group => new("Run", seed is null ? [run, device, threads] : [run, seed, device, threads]);

    /// <exception cref="UserError">There is no run, or its record cannot be read.</exception>
    public RunFolder Open(ParseResult parsed) => RunFolder.Open(Value(parsed, run)!);

    /// <exception cref="InvalidOperationException">Nothing is drawn.</exception>
    public long Seed(ParseResult parsed) => Value(parsed, seed ?? throw new InvalidOperationException("This verb has no seed."));

    public DeviceKind Device(ParseResult parsed) => Value(parsed, device);

    public int Threads(ParseResult parsed) => Value(parsed, threads);

    private static T? Value<T>(ParseResult parsed, Option<T> option)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetValue(option);
    }
}
