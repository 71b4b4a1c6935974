using static TorchSharp.torch;
using static ProbVae.Benchmarks.SchoolsProblem;

namespace ProbVae.Benchmarks;

/// <summary>A step of eight schools, non-centred, by the engine.</summary>
internal sealed class SchoolsBySvi : IContender
{
    public const long Seed = 4;

    private readonly Tensor _effects = Effects();
    private readonly Tensor _errors = Errors();
    private readonly Svi<Tensor> _svi;

    public SchoolsBySvi(bool validate = true)
    {
        Name = validate ? "Svi.Step" : "Svi.Step, validation off";
        var model = Model.Given<Tensor>("eight-schools")
            .Sample("mu", new Normal(0, MuScale), out var mu)
            .Sample("tau", new HalfNormal(TauScale), out var tau)
            .Plate("schools", total: Schools)
            .Sample("eta", new Normal(0, 1), out var eta)
            .Observe("y", s => new Normal(s[mu] + s[tau] * s[eta], _errors), out _)
            .Build();

        var (muLoc, muLogScale, tauLoc, tauLogScale) = (Zeros(), Zeros(), Zeros(), Zeros());
        var (etaLoc, etaLogScale) = (Zeros(Schools), Zeros(Schools));
        var guide = Guide.For(model)
            .Sample(mu, _ => new Normal(muLoc, muLogScale.exp()))
            .Sample(tau, _ => new LogNormal(tauLoc, tauLogScale.exp()))
            .Sample(eta, _ => new Normal(etaLoc, etaLogScale.exp()))
            .Build();
        _svi = new(model, guide, Elbo.MeanField(Particles), p => optim.Adam(p, lr: LearningRate), Seed, validate);
    }

    public string Name { get; }

    public double Step() => _svi.Step(_effects).Loss;

    /// <summary>What the engine derived, so that a reader can hold the hand-written step against it.</summary>
    public string Explain() => _svi.Explain(_effects).ToString();

    public void Dispose()
    {
        foreach (var parameter in _svi.Parameters.ByName.Values)
        {
            parameter.Dispose();
        }

        _svi.Dispose();
        _effects.Dispose();
        _errors.Dispose();
    }
}
