namespace ProbVae;

/// <summary>Replay: a model at the values of another run.</summary>
public static class ReplayHandler
{
    /// <summary>
    /// The same model with its latent variables at the values that they have in a trace, of the model or of a guide; they stay latent
    /// and are scored under the model. Variables that the trace has not are drawn as before.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="trace">A run with the same plates. The caller keeps its tensors.</param>
    /// <exception cref="ModelException">The trace has no latent variable, or one that the model does not declare or whose value another handler gives.</exception>
    public static Model<TData> Replay<TData>(this Model<TData> model, Trace trace)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(trace);
        var latents = trace.Latents.ToList();
        return latents.Count == 0
            ? throw new ModelException("Replay: the trace has no latent variable, so there is nothing to replay.")
            : latents.Aggregate(model, (replayed, traced) => replayed.Ruled("Replay", traced.Handle, null, covered: true, (here, _) => here.Replay(traced)));
    }
}
