using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// Stochastic variational inference (Hoffman et al. 2013; Kingma and Welling 2014): ascends a model's ELBO in the parameters of
/// model and guide. Owns every tensor that a step makes; two of them in two threads share nothing but what the caller gives both.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed partial class Svi<TData> : IDisposable
{
    private readonly Model<TData> _model;
    private readonly Guide<TData> _guide;
    private readonly Elbo _elbo;
    private readonly bool _validate;
    private readonly TorchDraws _draws;
    private Layout? _layout;

    internal Svi(Model<TData> model, Guide<TData> guide, Elbo elbo, Func<IReadOnlyCollection<Parameter>, Optimizer> optimizer, long seed, bool validate)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentNullException.ThrowIfNull(elbo);
        ArgumentNullException.ThrowIfNull(optimizer);
        if (guide.Identity != model.Identity)
        {
            throw new ModelException($"The {guide.Name} cannot serve the model '{model.Name}': it was written for another model's sites.");
        }

        (_model, _guide, _elbo, _validate, Seed) = (model, guide.Serving(model), elbo, validate, seed);
        Parameters = TrainableParameters.Of(elbo.Modules, model, guide);
        _draws = new TorchDraws(TrainableParameters.Of<TData>(elbo.Modules).Noisy);
        _draws.Know(draws: false);
        if (Parameters.ByName.Count == 0)
        {
            throw new ModelException($"The model '{model.Name}' and its guide have no parameter to train. Let a lambda capture a module or a Parameter, or name modules with Uses(...).");
        }

        Optimizer = RequireOptimized(optimizer([.. Parameters.ByName.Values]));
    }

    /// <summary>Takes one step: estimates the ELBO and its gradient, and lets the optimizer ascend it.</summary>
    /// <param name="data">The data, or a minibatch of it; the caller keeps it.</param>
    /// <returns>The estimate at the parameters before the step.</returns>
    /// <exception cref="NonFiniteException">The ELBO, its gradient or a running statistic is NaN or infinite; the parameters are as they were.</exception>
    /// <exception cref="ModelException">Model, guide and data do not fit; the message lists why, and the parameters are as they were.</exception>
    public SviStep Step(TData data)
    {
        using var scope = NewDisposeScope();
        BeginStep(data);
        var buffers = Parameters.CopyBuffers();
        try
        {
            // Without a gradient, backward has none to add to; zeros would cost a pass to write and a pass to add.
            foreach (var parameter in Parameters.ByName.Values)
            {
                parameter.grad = null;
            }

            var step = Estimate(_elbo, data, Key.Fold("step").Fold(StepCount), (estimate, share) => estimate.Differentiate(share));
            NonFinite.ThrowIfGradientIsNot(Parameters, StepCount, Optimizer);
            RequireGradients(data);
            NonFinite.ThrowIfBuffersAreNot(buffers, StepCount);
            step = AcrossRanks(step, gradients: true);
            Update();
            StepCount++;
            return step;
        }
        catch (Exception failure)
        {
            buffers.Restore();
            _ranks?.Fail(failure);
            TorchRefusal.ThrowIfTorchs(failure, $"Step {StepCount}, in its backward pass or the optimizer");
            throw;
        }
    }

    private RandomKey Key => new(Seed);

    private SviStep Estimate(Elbo elbo, TData data, RandomKey key, Action<ElboEstimate, double> differentiate)
    {
        var layout = _layout ??= Measured(elbo, data).Layout;
        try
        {
            return Average(elbo, data, key, layout, differentiate);
        }
        catch (LayoutOutgrownException)
        {
            // A program that branches came to new sites; nothing has been differentiated yet.
            _layout = layout.Merge(Measured(elbo, data).Layout);
            return Average(elbo, data, key, _layout, differentiate);
        }
    }

    // The expectation over particles: one run with a leading axis, or one run after another.
    private SviStep Average(Elbo elbo, TData data, RandomKey key, Layout layout, Action<ElboEstimate, double> differentiate)
    {
        var runs = elbo.RunsToAverage;
        long? axis = elbo.Vectorized && elbo.Particles > 1 ? elbo.Particles : null;
        SviTerm[]? total = null;
        var loss = 0.0;
        for (var run = 0; run < runs; run++)
        {
            using var scope = NewDisposeScope();
            var estimate = Evaluate(elbo, data, key.Fold(run), new RunSettings(layout, axis, Validate: _validate, Division: _ranks?.Division));
            differentiate(estimate, 1.0 / runs);
            total = [.. estimate.Terms.Select((term, i) => new SviTerm(term.Name, term.Sign < 0, estimate.Values[i] / runs + (total?[i].Value ?? 0)))];
            loss += estimate.Loss / runs;
        }

        return new SviStep(StepCount, total!, loss);
    }

    private ElboEstimate Evaluate(Elbo elbo, TData data, RandomKey key, RunSettings settings)
    {
        try
        {
            var pass = new ElboPass(run => _guide.Execute(data, key, run), run => _model.Execute(data, key, run), settings, Parameters.Freeze, this, StepCount);
            var estimate = _draws.From(key.Fold("torch's own generator"), () => elbo.Estimate(pass));
            return estimate.Values.All(double.IsFinite) && double.IsFinite(estimate.Loss) ? estimate
                : throw NonFinite.Diagnose(estimate);
        }
        catch (NonFiniteException failure)
        {
            throw NonFinite.WithParameters(failure, Parameters, StepCount, Optimizer);
        }
    }

    private Measurement<TData> Measured(Elbo elbo, TData data) => Measurement<TData>.Of(_model, _guide, elbo, data, Key.Fold("measure"), Parameters, _validate);
}
