using System.Collections.Immutable;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The pairs of families whose Kullback-Leibler divergence KL(q ‖ p) = E_q[log q − log p] has a closed form. An immutable value:
/// <c>With</c> returns a larger one, which an <see cref="Elbo"/> then takes.
/// </summary>
public sealed class KlRegistry
{
    private readonly ImmutableDictionary<(Type Q, Type P), Form> _forms;

    private KlRegistry(ImmutableDictionary<(Type, Type), Form> forms) => _forms = forms;

    /// <summary>A registry without a pair.</summary>
    public static KlRegistry Empty { get; } = new(ImmutableDictionary<(Type, Type), Form>.Empty);

    /// <summary>Every closed form that this library knows.</summary>
    public static KlRegistry Standard { get; } = ClosedForms.Register(Empty);

    /// <summary>The registered pairs.</summary>
    public IEnumerable<(Type Q, Type P)> Pairs => _forms.Keys;

    /// <summary>A registry that also holds, or holds anew, one pair.</summary>
    /// <typeparam name="TQ">The family of q.</typeparam>
    /// <typeparam name="TP">The family of p.</typeparam>
    /// <param name="divergence">KL(q ‖ p) of each element in nats, before event axes are summed.</param>
    public KlRegistry With<TQ, TP>(Func<TQ, TP, Tensor> divergence)
        where TQ : Distribution
        where TP : Distribution
    {
        ArgumentNullException.ThrowIfNull(divergence);
        return new(_forms.SetItem((typeof(TQ), typeof(TP)), new((q, p) => divergence((TQ)q, (TP)p))));
    }

    /// <param name="divergence">The divergence of each element.</param>
    /// <param name="known">The same without a graph, with the gradients of its sum; null where they are left to torch.</param>
    internal KlRegistry With<TQ, TP>(Func<TQ, TP, ScaledTensor> divergence, Func<TQ, TP, ScaledTensor>? known = null)
        where TQ : Distribution
        where TP : Distribution =>
        new(_forms.SetItem((typeof(TQ), typeof(TP)), new((q, p) => divergence((TQ)q, (TP)p), known is null ? null : (q, p) => known((TQ)q, (TP)p))));

    /// <summary>Whether the pair of families has a closed form.</summary>
    /// <param name="q">The first distribution.</param>
    /// <param name="p">The second distribution.</param>
    public bool Has(Distribution q, Distribution p)
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(p);
        return Find(q, p) is not null;
    }

    /// <summary>KL(q ‖ p) in nats, one number for each event of q.</summary>
    /// <param name="q">The first distribution.</param>
    /// <param name="p">The second distribution, of the same event shape; its batch broadcasts to q's.</param>
    /// <returns>Of q's batch shape, or null where the pair has no closed form here.</returns>
    /// <exception cref="ArgumentException">The event shapes differ.</exception>
    public Tensor? Divergence(Distribution q, Distribution p)
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(p);
        if (q.EventShape != p.EventShape)
        {
            throw new ArgumentException($"KL({q.Family} ‖ {p.Family}): the event shapes {q.EventShape} and {p.EventShape} differ.", nameof(p));
        }

        return Find(q, p) is { } form ? q.InBatch(q.SumEvent(form.Divergence(q, p)).ToTensor()) : null;
    }

    /// <summary>KL(q ‖ p) as its form gives it: axes along which it is the same may be missing or 1.</summary>
    /// <param name="q">The first distribution.</param>
    /// <param name="p">The second.</param>
    /// <param name="known">Whether gradients that the form knows may stand in for a graph.</param>
    internal ScaledTensor ByEvent(Distribution q, Distribution p, bool known = false)
    {
        var form = Find(q, p)!;
        return q.SumEvent((known && q.DType == p.DType ? form.Known : null)?.Invoke(q, p) ?? form.Divergence(q, p));
    }

    private Form? Find(Distribution q, Distribution p) => (q, p) switch
    {
        (Masked maskedQ, Masked maskedP) => maskedQ.HasMaskOf(maskedP) && Find(maskedQ.Inner, maskedP.Inner) is { } form
            ? new((_, _) => maskedQ.Kept(maskedQ.Inner.SumEvent(form.Divergence(maskedQ.Inner, maskedP.Inner)).ToTensor()))
            : null,
        (TransformedDistribution, TransformedDistribution) => TransformedDistribution.Bases(q, p) is { } bases && Find(bases.Q, bases.P) is { } form
            ? new((_, _) => bases.Q.SumEvent(form.Divergence(bases.Q, bases.P)))
            : null,
        _ => _forms.GetValueOrDefault((q.GetType(), p.GetType())),
    };

    private sealed record Form(Func<Distribution, Distribution, ScaledTensor> Divergence, Func<Distribution, Distribution, ScaledTensor>? Known = null);
}
