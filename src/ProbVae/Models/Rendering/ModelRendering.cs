using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A model as a picture.</summary>
public static class ModelRendering
{
    /// <summary>Runs the model once and takes its graph from the trace: sites, plates, families, and which latent variables each site reads.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="key">Where the draws come from; they matter only where a program branches on them.</param>
    /// <exception cref="ModelException">The model does not fit the data.</exception>
    public static GraphicalModel Render<TData>(this Model<TData> model, TData data, RandomKey key = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return GraphicalModel.Of(model.Name, model.Trace(data, key));
    }
}
