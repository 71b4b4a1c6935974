using static TorchSharp.torch;

namespace ProbVae;

/// <content>What some families have in closed form: a family that does overrides the protected half of each pair.</content>
public abstract partial class Distribution
{
    /// <summary>The entropy −E[log p(x)] in nats, of shape batch.</summary>
    /// <exception cref="NotSupportedException">The family has none in closed form.</exception>
    public Tensor Entropy => ElementEntropy is { } entropy ? InBatch(SumEvent(entropy).ToTensor()) : throw Lacks("entropy");

    /// <summary>The most probable value, of shape batch + event.</summary>
    /// <exception cref="NotSupportedException">The family has none, or none in closed form.</exception>
    public Tensor Mode => ElementMode is { } mode ? Spread(mode) : throw Lacks("mode");

    /// <summary>The entropy of each element; null without a closed form.</summary>
    protected virtual Tensor? ElementEntropy => null;

    /// <summary>The mode of each element; null without a closed form.</summary>
    protected virtual Tensor? ElementMode => null;

    /// <summary>P(X ≤ value) of each element. Range: 0 to 1.</summary>
    /// <param name="value">Broadcasts with batch + event.</param>
    /// <exception cref="NotSupportedException">The family has none in closed form.</exception>
    public Tensor Cdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return CdfOrNull(value) ?? throw Lacks("cumulative distribution function");
    }

    /// <summary>The value x of each element with P(X ≤ x) = probability.</summary>
    /// <param name="probability">Broadcasts with batch + event. Range: 0 to 1.</param>
    /// <exception cref="NotSupportedException">The family has none in closed form.</exception>
    public Tensor InverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return ElementInverseCdf(probability) ?? throw Lacks("inverse cumulative distribution function");
    }

    /// <summary>P(X ≤ value); null without a closed form.</summary>
    /// <param name="value">The value.</param>
    protected virtual Tensor? ElementCdf(Tensor value) => null;

    /// <summary>The inverse of <see cref="ElementCdf"/>; null without a closed form.</summary>
    /// <param name="probability">The probability.</param>
    protected virtual Tensor? ElementInverseCdf(Tensor probability) => null;

    /// <summary>What a quantity without a closed form throws.</summary>
    /// <param name="what">The quantity's name.</param>
    private protected NotSupportedException Lacks(string what) => new($"{Family}: the {what} has no closed form here.");

    /// <summary>Spreads a quantity of each element over batch + event.</summary>
    /// <param name="byElement">A quantity that broadcasts to that shape.</param>
    protected Tensor Spread(Tensor byElement)
    {
        ArgumentNullException.ThrowIfNull(byElement);
        return byElement.expand(FullShape.ToArray());
    }
}
