using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The way that the parameters have come since a moment, and what going farther along it would bring: small steps change a bound little wherever
/// they are taken, so that it stands still by itself does not tell that it has settled.
/// </summary>
/// <param name="parameters">The parameters.</param>
/// <param name="bound">The bound at the parameters as they are, at the draws of a key.</param>
internal sealed class ParameterWay(TrainableParameters parameters, Func<RandomKey, double> bound) : IDisposable
{
    // Draws of each difference; the same for both of its ends.
    private const int Draws = 8;

    private const double StandardErrors = 4;

    private const double Farthest = 1e6;

    private Dictionary<string, Tensor>? _from;

    /// <summary>What a rule found that spoke against settling, for the end of the fit; null for nothing.</summary>
    public string? Note { get; set; }

    /// <summary>The way begins here.</summary>
    public void Mark()
    {
        using var noGrad = no_grad();
        if (_from is null)
        {
            _from = parameters.ByName.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
            return;
        }

        foreach (var (name, copy) in _from)
        {
            copy.copy_(parameters.ByName[name]);
        }
    }

    /// <summary>How many times as far along the way, and how much higher the bound is there, in nats; null where it is nowhere so much higher.</summary>
    /// <param name="least">The least gain that counts, in nats.</param>
    public (double Times, double Gain)? Farther(double least)
    {
        if (_from is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var here = parameters.ByName.ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        try
        {
            var bounds = Bounds();
            for (var times = 1.0; times <= Farthest; times *= 10)
            {
                foreach (var (name, start) in here)
                {
                    parameters.ByName[name].copy_(start.add(start.sub(_from[name]).mul(times)));
                }

                double[] gains = [.. Bounds().Zip(bounds, (there, before) => there - before)];
                var mean = gains.Average();
                var error = Math.Sqrt(gains.Sum(gain => (gain - mean) * (gain - mean)) / (Draws - 1) / Draws);
                if (mean > least && mean > StandardErrors * error)
                {
                    return (times, mean);
                }

                if (!(mean > -Draws * least))
                {
                    return null;
                }
            }
        }
        catch (Exception impossible) when (impossible is ModelException or ArgumentException)
        {
            // So far there is no density; nearer by there was no gain.
        }
        finally
        {
            foreach (var (name, value) in here)
            {
                parameters.ByName[name].copy_(value);
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var copy in _from?.Values ?? Enumerable.Empty<Tensor>())
        {
            copy.Dispose();
        }
    }

    private double[] Bounds() => [.. Enumerable.Range(0, Draws).Select(draw => bound(new RandomKey(0).Fold("way").Fold(draw)))];
}
