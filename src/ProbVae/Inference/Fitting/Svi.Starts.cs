using static TorchSharp.torch;

namespace ProbVae;

/// <content>Fits from several starts.</content>
public sealed partial class Svi<TData>
{
    private const int DrawsOfBound = 32;

    private const int DrawsOfPlace = 200;

    // Each fit begins in the same state but for where it starts; the best one's state is the inference's at the end.
    private FitResult FitFrom(Func<long, TData> batches, long steps, FitOptions options, CancellationToken cancellation)
    {
        var (first, initial, fits) = (StepCount, State(), new List<StartedFit>());
        (StartedFit Fit, FitResult Result, byte[] State)? best = null;
        NonFiniteException? failure = null;
        for (var start = 0; start < options.Starts && !cancellation.IsCancellationRequested; start++)
        {
            if (start > 0)
            {
                Restore(initial);
                StartElsewhere(batches, Key.Fold("start").Fold(start));
            }

            var number = start;
            FitResult result;
            try
            {
                result = FitOnce(batches, steps, options with { OnStep = options.OnStep is { } told ? step => told(step with { Start = number }) : null }, cancellation);
            }
            catch (NonFiniteException broken)
            {
                failure ??= broken;
                fits.Add(new(new(start, double.NaN, double.NaN, broken.Problems[0]), [], []));
                continue;
            }

            var fit = Measured(start, result, batches, first);
            fits.Add(fit);
            if (best is not { } before || Score(fit, result) > Score(before.Fit, before.Result))
            {
                best?.Result.Best?.Parameters.Dispose();
                best = (fit, result, State());
            }
            else
            {
                result.Best?.Parameters.Dispose();
            }
        }

        if (best is not var (kept, found, state))
        {
            Restore(initial);
            throw failure ?? throw new OperationCanceledException("The fit was cancelled before its first start.", cancellation);
        }

        Restore(state);
        return found with { Starts = fits.ConvertAll(fit => fit.Start), Start = kept.Start.Number, Warning = StartedFit.Disagreement(fits, kept) };
    }

    private static double Score(StartedFit fit, FitResult result) => result.Best?.Score ?? fit.Start.Bound;

    private StartedFit Measured(int start, FitResult result, Func<long, TData> batches, long first)
    {
        var key = Key.Fold("bound of a start");
        double[] bounds = [.. Enumerable.Range(0, DrawsOfBound).Select(draw =>
        {
            using var scope = NewDisposeScope();
            return -Evaluate(batches(first + draw), null, key.Fold(draw)).Loss;
        })];
        var mean = bounds.Average();
        var error = Math.Sqrt(bounds.Sum(bound => (bound - mean) * (bound - mean)) / (DrawsOfBound - 1) / DrawsOfBound);
        return new(new(start, mean, error, result.Why), bounds, Places(batches, first));
    }

    // Of the latent variables; nothing where the posterior cannot be drawn from as it is (a minibatch of it, say).
    private IReadOnlyList<(string Name, double Mean, double Spread)> Places(Func<long, TData> batches, long first)
    {
        try
        {
            using var scope = NewDisposeScope();
            var posterior = Posterior(batches(first), DrawsOfPlace, Key.Fold("place of a start"));
            return [.. posterior.Summary().Rows.Select(row => (row.Name, row.Mean, row.StandardDeviation))];
        }
        catch (ModelException)
        {
            return [];
        }
    }

    private void StartElsewhere(Func<long, TData> batches, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var frozen = Parameters.ByName.Where(entry => !entry.Value.requires_grad).Select(entry => (entry.Value, Copy: entry.Value.detach().clone())).ToList();
        AutoGuide<TData>[] automatic = [.. ComposedGuide<TData>.AutomaticIn(_guide)];
        for (var i = 0; i < automatic.Length; i++)
        {
            automatic[i].StartElsewhere(batches(StepCount), key.Fold("guide").Fold(i));
        }

        var own = Parameters.OutsideModules.ToList();
        foreach (var (name, parameter) in own)
        {
            using var generator = key.Fold(name).NewGenerator();
            parameter.add_(randn(parameter.shape, generator: generator).to(parameter.dtype).to(parameter.device));
        }

        frozen.ForEach(pair => pair.Value.copy_(pair.Copy));
        if (automatic.Length == 0 && own.Count == 0)
        {
            throw new ModelException($"FitOptions.Starts: the model '{_model.Name}' and its guide have networks alone, and where those begin is their maker's; several starts need an automatic guide or a Parameter. Make a network and an Svi anew for each start, and keep the best.");
        }
    }

    private byte[] State()
    {
        using var bytes = new MemoryStream();
        Save(bytes);
        return bytes.ToArray();
    }

    private void Restore(byte[] state)
    {
        using var bytes = new MemoryStream(state);
        Load(bytes);
    }
}
