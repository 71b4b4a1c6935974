using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Reports;

/// <summary>What swaps on a model changed in its derived ELBO, as lines for a page or a terminal.</summary>
public static class SwapDiff
{
    /// <summary>Lines of the base model's ELBO with − and of the swapped one's with +: its terms, and the distribution of each site.</summary>
    /// <typeparam name="TData">The models' data.</typeparam>
    /// <param name="before">The base model.</param>
    /// <param name="after">The same after <c>With</c>.</param>
    /// <param name="guide">The guide of both.</param>
    /// <param name="elbo">The objective.</param>
    /// <param name="data">A minibatch.</param>
    /// <returns>The lines; null where nothing was swapped.</returns>
    /// <exception cref="ModelException">A model does not fit the guide or the data.</exception>
    public static string? Of<TData>(Model<TData> before, Model<TData> after, Guide<TData> guide, Elbo elbo, TData data)
    {
        if (ReferenceEquals(before, after))
        {
            return null;
        }

        var (old, now) = (Lines(before, guide, elbo, data), Lines(after, guide, elbo, data));
        return string.Join(Environment.NewLine, [.. old.Except(now).Select(line => "- " + line), .. now.Except(old).Select(line => "+ " + line)]);
    }

    // An inference that takes no step: only one can say what it derived.
    private static string[] Lines<TData>(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var svi = Svi.For(model, guide, elbo, parameters => optim.SGD(parameters, 0));
        var derived = svi.Explain(data).ToString().Split('\n')
            .Select(line => string.Join("  ", line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

        // Two distributions of one family look alike in a formula. At the guide's draws, what no swap changed is the same.
        var key = new RandomKey(0);
        return [.. derived, .. model.Trace(data, key, guide.Trace(data, key)).Sites.Select(site => $"{site.Name} ~ {Told(site.Distribution)}")];
    }

    private static string Told(Distribution distribution) => distribution switch
    {
        Normal normal => $"{normal.Family}({Told(normal.Loc)}, {Told(normal.Scale)})",
        Laplace laplace => $"{laplace.Family}({Told(laplace.Loc)}, {Told(laplace.Scale)})",
        MixtureSameFamily mixture => $"Mixture of {mixture.Components.BatchShape[^1]} {mixture.Components.Family}",
        _ => distribution.Family,
    };

    // A number where all are the same; networks and learnt numbers come to others.
    private static string Told(Tensor parameter)
    {
        var (low, high) = (parameter.min().to(ScalarType.Float32).item<float>(), parameter.max().to(ScalarType.Float32).item<float>());
        return low == high ? low.ToString("0.####", CultureInfo.InvariantCulture) : "...";
    }
}
