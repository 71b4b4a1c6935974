using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The chains of annealed importance sampling (Neal 2001, Annealed Importance Sampling), in the unconstrained space of a model's
/// latent variables. Each element of the plates that all sites share is a chain of its own, accepted by itself. A transition is
/// Hamiltonian (Neal 2011); its step sizes come from other chains, run before, so that the estimate of p(x) stays unbiased.
/// </summary>
internal sealed class AnnealedChains<TData>
{
    private const double WantedAcceptance = 0.8;

    private readonly ParticleRuns<TData> _runs;
    private readonly JointDensity _density;
    private readonly TData _data;
    private readonly AnnealingPath _path;
    private readonly CancellationToken _cancellation;
    private readonly double[] _stepSizes;
    private readonly LatentSite[] _sites;
    private Tensor[]? _scales;

    public AnnealedChains(ParticleRuns<TData> runs, JointDensity density, TData data, AnnealingPath path, CancellationToken cancellation)
    {
        path.ThrowIfImpossible();
        (_runs, _density, _data, _path, _cancellation) = (runs, density, data, path, cancellation);
        _stepSizes = [.. Enumerable.Repeat(0.5, path.Temperatures)];
        _sites = [.. runs.Measured.Model.Latents];
        if (Problems().ToList() is { Count: > 0 } problems)
        {
            throw new ModelException(problems, runs.Measured.Model.ToString());
        }
    }

    /// <summary>One gradient, for the memory that it takes; nothing is freed before the caller's scope ends.</summary>
    public IReadOnlyList<Tensor> Trial(ParticleRun run) => Differentiate(Start(run), run, 0.5).Gradients;

    /// <summary>Finds the scales of the coordinates and a step size for each temperature, with chains that are then forgotten.</summary>
    public void Tune(RandomKey key, int chains)
    {
        using var scope = NewDisposeScope();
        var run = _runs.Run(key, _runs.Vectorized ? chains : null);
        if (_runs.Vectorized && chains > 3)
        {
            _scales = [.. Start(run).Select(Scale)];
            scope.MoveToOuter(_scales);
        }

        Anneal(run, adapt: true);
    }

    /// <summary>Runs the chains from a run's values to the posterior.</summary>
    /// <returns>Their log weights, of shape (chains, elements).</returns>
    public Tensor LogWeights(ParticleRun run) => Anneal(run, adapt: false);

    private Tensor Anneal(ParticleRun run, bool adapt)
    {
        var here = Evaluate(Start(run), run, 0);
        var weights = zeros_like(here.Start);
        for (var step = 1; step <= _path.Temperatures; step++)
        {
            _cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            weights.add_((here.Target - here.Start).mul(_path.Beta(step) - _path.Beta(step - 1)));
            if (step < _path.Temperatures)
            {
                var (next, acceptance) = Transition(here, run, step, run.Key.Fold("transition").Fold(step));
                next.MoveTo(scope);
                here.Free();
                here = next;
                _stepSizes[step] *= adapt ? Math.Exp(0.5 * (acceptance - WantedAcceptance)) : 1;
                if (adapt && step + 1 < _path.Temperatures)
                {
                    _stepSizes[step + 1] = _stepSizes[step];
                }
            }
        }

        return weights.isnan().any().ToBoolean()
            ? throw new NonFiniteException(["Annealing: a chain's weight is NaN; a log density is not finite where the chains start."], run.Model.ToString())
            : weights;
    }

    // Leapfrog steps of a random length, then Metropolis's choice: the density at this temperature is left as it is.
    private (State State, double Acceptance) Transition(State from, ParticleRun run, int step, RandomKey key)
    {
        var beta = _path.Beta(step);
        using var generator = key.NewGenerator();
        var length = _stepSizes[step] * (0.8 + (0.4 * rand(1, generator: generator).ToDouble()));
        var momenta = from.Positions.Select(position => randn(position.shape, generator: generator).to(position.dtype).to(position.device)).ToArray();
        var energy = from.Log(beta) - Kinetic(momenta, run);
        var gradients = Evaluate(from.Positions, run, beta).Gradients;
        var (to, moved) = (from, momenta);
        for (var leap = 0; leap < _path.Leapfrogs; leap++)
        {
            moved = Kick(moved, gradients, length / 2);
            Tensor[] positions = [.. to.Positions.Select((position, i) => position + (Scaled(i, moved[i]) * length))];
            to = Evaluate(positions, run, beta);
            gradients = to.Gradients;
            moved = Kick(moved, gradients, length / 2);
        }

        var difference = to.Log(beta) - Kinetic(moved, run) - energy;
        var accepted = rand(difference.shape, ScalarType.Float64, generator: generator).to(difference.device).log().lt(difference);
        Tensor[] chosen = [.. to.Positions.Select((position, i) => where(Spread(accepted, i, run, position), position, from.Positions[i]))];
        var acceptance = difference.clamp(max: 0).exp().nan_to_num(0).mean().ToDouble();
        return (new State(chosen, where(accepted, to.Start, from.Start), where(accepted, to.Target, from.Target), []), acceptance);
    }

    private Tensor[] Kick(Tensor[] momenta, Tensor[] gradients, double length) =>
        [.. momenta.Select((momentum, i) => momentum + (Scaled(i, gradients[i]) * length))];

    private Tensor Scaled(int site, Tensor values) => _scales is null ? values : values * _scales[site];

    private Tensor Kinetic(Tensor[] momenta, ParticleRun run)
    {
        Tensor? sum = null;
        for (var i = 0; i < momenta.Length; i++)
        {
            var part = _density.ByElement(momenta[i].square(), run.Particles is not null, EventRank(momenta[i], i, run));
            sum = sum is null ? part : sum + part;
        }

        return sum!.div(2);
    }

    private Tensor Spread(Tensor byElement, int site, ParticleRun run, Tensor position) =>
        _density.Spread(byElement, run.Model[_sites[site].Handle], run.Particles is not null, EventRank(position, site, run));

    private int EventRank(Tensor position, int site, ParticleRun run) => (int)position.dim() - run.Model[_sites[site].Handle].Distribution.BatchShape.Rank;

    private Tensor[] Start(ParticleRun run) =>
        [.. _sites.Select(site => run.Model[site.Handle]).Select(site => site.Distribution.Support.FromUnconstrained!.Inverse(site.Value).detach().clone())];

    private static Tensor Scale(Tensor position) => position.std(0, unbiased: true, keepdim: true).nan_to_num(1).clamp(1e-3, 1e3);

    private State Evaluate(IReadOnlyList<Tensor> positions, ParticleRun run, double beta)
    {
        using var scope = NewDisposeScope();
        var state = Differentiate(positions, run, beta);
        state.MoveTo(scope);
        return state;
    }

    // log of where the chains start and of where they go, at a place in unconstrained space, and the gradient in between.
    private State Differentiate(IReadOnlyList<Tensor> positions, ParticleRun run, double beta)
    {
        using var gradients = set_grad_enabled(true);
        Tensor[] leaves = [.. positions.Select(position => position.detach().requires_grad_())];
        var settings = new RunSettings(_runs.Layout, run.Particles, Validate: false);
        Tensor? volume = null;
        var model = Placed(leaves, determinant => volume = volume is null ? determinant : volume + determinant, run).Execute(_data, run.Key, settings);
        var guide = _runs.GuideProgram?.Execute(_data, run.Key, settings with { Replay = model });
        var at = run with { Guide = guide, Model = model };
        var start = (guide is null ? _density.LogPrior(at) : _density.LogGuide(at)) + volume!;
        var target = _density.LogPrior(at) + _density.LogLikelihood(at) + volume!;
        var between = (start * (1 - beta)) + (target * beta);
        var slopes = Gradients.Of(between.sum(), leaves);
        return new([.. leaves.Select(leaf => leaf.detach())], start.detach(), target.detach(), slopes);
    }

    // The model with each latent variable where an unconstrained value puts it.
    private Model<TData> Placed(Tensor[] positions, Action<Tensor> volume, ParticleRun run)
    {
        var rules = _runs.ModelProgram.Rules;
        for (var i = 0; i < _sites.Length; i++)
        {
            var (handle, position) = (_sites[i].Handle, positions[i]);
            rules = rules with
            {
                Rules = rules.Rules.SetItem(handle, new ModelRule<TData>("ByAnnealing", (here, _) => here.Assign((prior, reads, plates) =>
                {
                    var transform = prior.Support.FromUnconstrained!;
                    var value = transform.Forward(position);
                    var determinant = transform.LogDeterminant(position, value);
                    volume(_density.ByElement(determinant, run.Particles is not null, (int)determinant.dim() - prior.BatchShape.Rank));
                    return new LatentSite(handle, prior, value, plates, reads);
                }))),
            };
        }

        return _runs.ModelProgram.Handled("ByAnnealing", null, rules);
    }

    private IEnumerable<string> Problems()
    {
        if (_sites.Length == 0)
        {
            yield return $"ByAnnealing: the model '{_runs.ModelProgram.Name}' has no latent variable; its evidence is its likelihood, which ByPriorSampling gives.";
        }

        if (_runs.Measured.Guide?.Sites.FirstOrDefault(site => site is AuxiliarySite) is { } own)
        {
            yield return $"ByAnnealing: the guide computes its latent variables from a variable of its own, '{own.Name}', so its density at other values is not known. Start from the prior: leave the guide out.";
        }

        if (_runs.Measured.Model.Sites.FirstOrDefault(site => site is BlockedSite) is { } blocked)
        {
            yield return $"Site '{blocked.Name}' is blocked, so it is drawn anew in each run and a chain has no density to move in. Use the model without that handler.";
        }

        foreach (var problem in _runs.Measured.Guide is null ? MaskedReads.Of(_runs.Measured, _runs.Remeasured) : [])
        {
            yield return problem;
        }

        foreach (var site in _sites)
        {
            if (site.Distribution.Support.IsDiscrete)
            {
                yield return $"Site '{site.Name}': {site.Distribution.Family} is discrete, and annealing moves continuous latent variables only; use ByImportance.";
            }
            else if (site.Distribution.Support.FromUnconstrained is null)
            {
                yield return $"Site '{site.Name}': there is no smooth map from unconstrained numbers to {site.Distribution.Support}, in which annealing could move; use ByImportance.";
            }
            else if (_runs.ModelProgram.Rules.Rules.TryGetValue(site.Handle, out var rule))
            {
                yield return $"Site '{site.Name}': annealing cannot move it through the handler {rule.Word}; use the model without it.";
            }
        }
    }

    private sealed record State(Tensor[] Positions, Tensor Start, Tensor Target, Tensor[] Gradients)
    {
        public Tensor Log(double beta) => (Start * (1 - beta)) + (Target * beta);

        public void MoveTo(DisposeScope scope) => scope.MoveToOuter([.. Tensors]);

        public void Free() => Array.ForEach([.. Tensors], tensor => tensor.Dispose());

        private IEnumerable<Tensor> Tensors => [.. Positions, Start, Target, .. Gradients];
    }
}
