namespace ProbVae;

/// <summary>
/// What a step's loss multiplies the KL terms with, as a function of how many steps were taken, and how many nats of them are
/// free. The ELBO that a step reports is never weighted. An immutable value.
/// </summary>
public sealed record KlWeight
{
    private readonly Func<long, double> _at;
    private readonly string _text;

    private KlWeight(string text, Func<long, double> at) => (_text, _at) = (text, at);

    /// <summary>Each KL term counts once: the ELBO itself.</summary>
    internal static KlWeight One { get; } = new("1", _ => 1);

    /// <summary>How many nats of each element's divergence cost nothing. Range: at least 0.</summary>
    public double FreeNats { get; private init; }

    /// <summary>The same weight at all steps, β of a β-VAE (Higgins et al. 2017).</summary>
    /// <param name="weight">Range: at least 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is out of its range.</exception>
    public static KlWeight Constant(double weight) => new(FormattableString.Invariant($"{Checked(weight, nameof(weight)):G6}"), _ => weight);

    /// <summary>From one weight to another in equal steps, then the last one (Bowman et al. 2016).</summary>
    /// <param name="from">The weight of the first step. Range: at least 0, finite.</param>
    /// <param name="to">The weight from step <paramref name="steps"/> on. Range: at least 0, finite.</param>
    /// <param name="steps">How many steps the way takes. Range: at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static KlWeight Linear(double from, double to, long steps)
    {
        Checked(from, nameof(from));
        Checked(to, nameof(to));
        CheckedSteps(steps, nameof(steps));
        return new(FormattableString.Invariant($"linear from {from:G6} to {to:G6} in {steps} steps"), step => Between(from, to, (double)step / steps));
    }

    /// <summary>Each period rises from one weight to another and stays there until it ends (Fu et al. 2019, Cyclical Annealing Schedule).</summary>
    /// <param name="period">Steps of one cycle. Range: at least 1.</param>
    /// <param name="ramp">The part of a cycle that rises. Range: 0 to 1.</param>
    /// <param name="from">The weight at the start of a cycle. Range: at least 0, finite.</param>
    /// <param name="to">The weight after the ramp. Range: at least 0, finite.</param>
    /// <param name="cycles">How many cycles; the weight then stays at <paramref name="to"/>. Without it they go on. Range: at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static KlWeight Cyclical(long period, double ramp = 0.5, double from = 0, double to = 1, long? cycles = null)
    {
        CheckedSteps(period, nameof(period));
        CheckedSteps(cycles ?? 1, nameof(cycles));
        Checked(from, nameof(from));
        Checked(to, nameof(to));
        if (!(ramp is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ramp), FormattableString.Invariant($"KlWeight: the ramp is {ramp}; give the part of a cycle that rises, from 0 to 1."));
        }

        var end = cycles is { } count ? $", {count} cycles" : "";
        return new(FormattableString.Invariant($"cyclical from {from:G6} to {to:G6}, period {period}{end}"), step =>
            step / period >= (cycles ?? long.MaxValue) || ramp == 0 ? to : Between(from, to, step % period / (period * ramp)));
    }

    /// <summary>Weight 1, where each element's divergence costs nothing up to so many nats.</summary>
    /// <param name="nats">Range: at least 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The nats are out of their range.</exception>
    public static KlWeight FreeBits(double nats) => One.WithFreeBits(nats);

    /// <summary>
    /// The same weights, where each element's divergence costs nothing up to so many nats: the loss counts max(nats, KL) of each
    /// element of the site's plates (Kingma et al. 2016, Improving Variational Inference with Inverse Autoregressive Flow, C.8).
    /// </summary>
    /// <param name="nats">Range: at least 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The nats are out of their range.</exception>
    public KlWeight WithFreeBits(double nats) => !double.IsFinite(nats) || nats < 0
        ? throw new ArgumentOutOfRangeException(nameof(nats), FormattableString.Invariant($"KlWeight: {nats} free nats were asked for; give a finite number, at least 0."))
        : this with { FreeNats = nats };

    /// <summary>The weight of a step.</summary>
    /// <param name="step">How many steps were taken before it. Range: at least 0.</param>
    public double At(long step) => _at(step);

    /// <inheritdoc/>
    public override string ToString() => FreeNats == 0 ? _text : FormattableString.Invariant($"{_text}, {FreeNats:G6} nats free");

    private static double Between(double from, double to, double part) => from + ((to - from) * Math.Clamp(part, 0, 1));

    private static double Checked(double weight, string name) => double.IsFinite(weight) && weight >= 0 ? weight
        : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"KlWeight: the weight '{name}' is {weight}; give a finite number, at least 0."));

    private static long CheckedSteps(long steps, string name) => steps >= 1 ? steps
        : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"KlWeight: '{name}' is {steps}; give at least 1."));
}
