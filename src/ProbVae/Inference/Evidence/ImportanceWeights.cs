using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// What the logarithms of importance weights come to, draw by draw: their sum, the sum of their squares and the largest 3 √K of
/// each element, so that memory grows with the elements and hardly with K.
/// </summary>
internal sealed class ImportanceWeights : IDisposable
{
    private readonly int _draws;
    private readonly int _tail;
    private readonly List<Tensor> _waiting = [];
    private Tensor? _highest;
    private Tensor? _sum;
    private Tensor? _squares;
    private Tensor? _top;
    private long _waitingDraws;

    public ImportanceWeights(int draws) => (_draws, _tail) = (draws, (int)Math.Ceiling(Math.Min(0.2 * draws, 3 * Math.Sqrt(draws))));

    /// <summary>Adds draws.</summary>
    /// <param name="logWeights">Float64, of shape (draws, elements).</param>
    public void Add(Tensor logWeights)
    {
        using var scope = NewDisposeScope();
        _highest ??= full(logWeights.shape[1], double.NegativeInfinity, ScalarType.Float64, logWeights.device).DetachFromDisposeScope();
        _sum ??= zeros_like(_highest).DetachFromDisposeScope();
        _squares ??= zeros_like(_highest).DetachFromDisposeScope();

        // All weights relative to the highest so far; before there is one, relative to 1.
        var highest = _highest.maximum(logWeights.amax([0]));
        var reference = highest.masked_fill(highest.isneginf(), 0);
        var (rescale, relative) = ((_highest - reference).exp(), (logWeights - reference).exp());
        _sum.mul_(rescale).add_(relative.sum(dim: 0));
        _squares.mul_(rescale.square()).add_(relative.square().sum(dim: 0));
        _highest.copy_(highest);

        _waiting.Add(logWeights.clone().DetachFromDisposeScope());
        _waitingDraws += logWeights.shape[0];
        if (_waitingDraws > _tail)
        {
            Sift();
        }
    }

    /// <summary>What the weights say of each element.</summary>
    public IReadOnlyList<EvidenceElement> Elements()
    {
        using var scope = NewDisposeScope();
        Sift();
        double[] highest = Numbers(_highest!), sums = Numbers(_sum!), squares = Numbers(_squares!), top = Numbers(_top!.transpose(0, 1).contiguous());
        var kept = top.Length / highest.Length;
        return [.. highest.Select((most, i) => Element(most, sums[i], squares[i], top.AsSpan(i * kept, kept)))];
    }

    public void Dispose()
    {
        foreach (var tensor in _waiting.Append(_highest).Append(_sum).Append(_squares).Append(_top))
        {
            tensor?.Dispose();
        }
    }

    // Keeps the largest of each element, one more than the tail has: the threshold.
    private void Sift()
    {
        using var scope = NewDisposeScope();
        var all = cat([.. _top is null ? Array.Empty<Tensor>() : [_top], .. _waiting], 0);
        var top = all.topk((int)Math.Min(_tail + 1, all.shape[0]), 0).values.DetachFromDisposeScope();
        _top?.Dispose();
        _waiting.ForEach(tensor => tensor.Dispose());
        _waiting.Clear();
        (_top, _waitingDraws) = (top, 0);
    }

    private EvidenceElement Element(double highest, double sum, double squares, ReadOnlySpan<double> top)
    {
        if (double.IsNegativeInfinity(highest))
        {
            return new(double.NegativeInfinity, double.PositiveInfinity, 0, double.NaN, double.NegativeInfinity);
        }

        var size = sum * sum / squares;
        var error = _draws == 1 ? double.PositiveInfinity : Math.Sqrt(Math.Max(0, ((1 / size) - (1.0 / _draws)) * _draws / (_draws - 1)));
        var (shape, smoothed) = Smooth(highest, sum, top);
        return new(highest + Math.Log(sum / _draws), error, size, shape, highest + Math.Log(smoothed / _draws));
    }

    // Pareto smoothing: the largest weights give way to the quantiles of the distribution fitted to them, none above the largest seen.
    private (double Shape, double Sum) Smooth(double highest, double sum, ReadOnlySpan<double> top)
    {
        if (_tail < 5 || top.Length <= _tail)
        {
            return (double.NaN, sum);
        }

        var threshold = Math.Exp(top[_tail] - highest);
        var exceedances = new double[_tail];
        var above = 0.0;
        for (var i = 0; i < _tail; i++)
        {
            var weight = Math.Exp(top[_tail - 1 - i] - highest);
            (exceedances[i], above) = (weight - threshold, above + weight);
        }

        exceedances = [.. exceedances.Where(exceedance => exceedance > 0)];
        if (exceedances.Length < 5)
        {
            return (exceedances.Length == 0 ? double.NegativeInfinity : double.NaN, sum);
        }

        // Where weights tie with the threshold, they are no part of the tail.
        above -= (_tail - exceedances.Length) * threshold;
        var fitted = GeneralizedPareto.Fit(exceedances).DrawnToOneHalf(exceedances.Length);
        if (!double.IsFinite(fitted.Shape) || !double.IsFinite(fitted.Scale))
        {
            return (double.PositiveInfinity, sum);
        }

        var smoothed = exceedances.Select((_, i) => Math.Min(1, threshold + fitted.Quantile((i + 0.5) / exceedances.Length))).Sum();
        return (fitted.Shape, Math.Max(0, sum - above) + smoothed);
    }

    private static double[] Numbers(Tensor values) => values.cpu().data<double>().ToArray();
}
