using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>An autoregression of order K: each value of a series from the K before it.</summary>
public static class Autoregression
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "arK-arK";

    /// <summary>alpha, beta_k ~ Normal(0, 10), sigma ~ HalfCauchy(2.5), y_t ~ Normal(alpha + Σ_k beta_k y_{t−k}, sigma) for t &gt; K.</summary>
    public static Problem Of(PosteriorData data)
    {
        var (series, order) = (data.Vector("y"), data.Number("K"));
        var length = series.shape[0] - order;
        // Column k holds the value k + 1 steps before.
        var lags = stack([.. Enumerable.Range(1, (int)order).Select(lag => series.narrow(0, order - lag, length))], -1);
        var model = Model.Given<Tensor>(Name)
            .Sample("alpha", new Normal(0, 10), out var alpha)
            .Sample("beta", new Normal(0, 10).Expand([order]).ToEvent(1), out var beta)
            .Sample("sigma", new HalfCauchy(2.5), out var sigma)
            .Plate("steps", total: length)
            .Observe("y", s => new Normal(s[alpha] + (lags * s[beta]).sum(dim: -1), s[sigma]), out _)
            .Build();
        return new(Name, model, series.narrow(0, order, length));
    }
}
