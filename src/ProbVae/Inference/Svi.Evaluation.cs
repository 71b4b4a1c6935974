using static TorchSharp.torch;

namespace ProbVae;

/// <content>What an inference is asked between steps.</content>
public sealed partial class Svi<TData>
{
    /// <summary>The model.</summary>
    public Model<TData> Model => _model;

    /// <summary>The guide.</summary>
    public Guide<TData> Guide => _guide is ServingGuide<TData> serving ? serving.Written : _guide;

    /// <summary>Estimates the ELBO without a step: on validation data, say. Running statistics are left as they were.</summary>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="elbo">Another objective than the one that is trained; with more particles, say.</param>
    /// <param name="key">Where the draws come from; a stream of this object's seed and step unless given.</param>
    /// <exception cref="NonFiniteException">The ELBO is NaN or infinite.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public SviStep Evaluate(TData data, Elbo? elbo = null, RandomKey? key = null)
    {
        using var scope = NewDisposeScope();
        Begin(() => $"an evaluation after step {StepCount}", () =>
        {
            if (_layout is null || Together is { IsMet: false } || ((elbo ?? _elbo).HasParticleAxis && !_triedShapes))
            {
                Meet(elbo ?? _elbo, data, training: false);
            }
        });
        using var noGrad = no_grad();
        var restoreBuffers = Parameters.KeepBuffers();
        try
        {
            return AcrossRanks(Estimate(elbo ?? _elbo, data, key ?? Key.Fold("evaluate").Fold(StepCount), (_, _) => { }), gradients: false);
        }
        catch (Exception failure)
        {
            Together?.Fail(failure);
            throw;
        }
        finally
        {
            restoreBuffers();
        }
    }

    /// <summary>Says what was derived: the ELBO as a formula and a table of sites.</summary>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public Explanation Explain(TData data)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        return Explanation.Of(_model.Name, Measured(_elbo, data), _elbo);
    }

    /// <summary>Model, guide, objective, optimizer, parameters, seed and steps, a line each.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        $"inference in {Model}",
        $"  {Guide}",
        $"  {_elbo}, {Optimizer.GetType().Name}, {Parameters.Size()}, seed {Seed}, {StepCount} step{(StepCount == 1 ? "" : "s")} taken"]);
}
