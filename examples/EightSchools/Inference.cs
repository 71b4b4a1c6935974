using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Examples.EightSchools;

/// <summary>The model in its non-centred form, a mean-field guide, and SVI.</summary>
public sealed class Inference : IDisposable
{
    private readonly Tensor _effects = tensor(Schools.Effects, ScalarType.Float32);
    private readonly Tensor _errors = tensor(Schools.StandardErrors, ScalarType.Float32);
    private readonly Latent _mu;
    private readonly Latent _tau;
    private readonly Latent _eta;
    private readonly Guide<Tensor> _guide;
    private readonly Svi<Tensor> _svi;

    /// <summary>Declares model and guide.</summary>
    public Inference()
    {
        // mu ~ Normal(0, 5), tau ~ HalfNormal(5), eta_j ~ Normal(0, 1), y_j ~ Normal(mu + tau eta_j, sigma_j)
        var model = Model.Given<Tensor>("eight-schools")
            .Sample("mu", new Normal(0, 5), out _mu)
            .Sample("tau", new HalfNormal(5), out _tau)
            .Plate("schools", total: 8)
            .Sample("eta", new Normal(0, 1), out _eta)
            .Observe("y", s => new Normal(s[_mu] + (s[_tau] * s[_eta]), _errors), out _)
            .Build();

        Parameter muLoc = new(tensor(0f)), tauLoc = new(tensor(0f)), etaLoc = new(zeros(8));
        Param muScale = Param.Positive(1.0), tauScale = Param.Positive(0.37), etaScale = Param.Positive(ones(8));
        _guide = Guide.For(model)
            .Sample(_mu, _ => new Normal(muLoc, muScale))
            .Sample(_tau, _ => new LogNormal(tauLoc, tauScale))
            .Sample(_eta, _ => new Normal(etaLoc, etaScale))
            .Build();

        _svi = Svi.For(model, _guide, Elbo.MeanField(particles: 32), p => optim.Adam(p, lr: 0.02), seed: 0);
    }

    /// <summary>What was derived.</summary>
    public string Explain() => _svi.Explain(_effects).ToString();

    /// <summary>Takes steps, the learning rate falling.</summary>
    public void Train(int steps)
    {
        var schedule = optim.lr_scheduler.ExponentialLR(_svi.Optimizer, gamma: Math.Pow(0.01, 1.0 / steps));
        for (var step = 0; step < steps; step++)
        {
            _svi.Step(_effects);
            schedule.step();
        }
    }

    /// <summary>Moments of mu, tau and each school's theta under the guide, by sampling.</summary>
    public IReadOnlyDictionary<string, Moments> Posterior(int draws)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var guide = _guide.Trace(_effects, new RandomKey(7));
        var mu = guide[_mu].Distribution.Sample(new RandomKey(1), draws);
        var tau = guide[_tau].Distribution.Sample(new RandomKey(2), draws);
        var eta = guide[_eta].Distribution.Sample(new RandomKey(3), draws);
        var theta = mu.unsqueeze(-1) + (tau.unsqueeze(-1) * eta);
        var moments = new Dictionary<string, Moments> { ["mu"] = Of(mu), ["tau"] = Of(tau) };
        for (var school = 0; school < 8; school++)
        {
            moments[$"theta {school + 1}"] = Of(theta.select(1, school));
        }

        return moments;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _svi.Dispose();
        _effects.Dispose();
        _errors.Dispose();
    }

    private static Moments Of(Tensor draws) => new(draws.mean().ToDouble(), draws.std().ToDouble());
}
