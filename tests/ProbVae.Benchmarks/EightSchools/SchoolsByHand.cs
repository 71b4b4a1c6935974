using TorchSharp;
using static TorchSharp.torch;
using static ProbVae.Benchmarks.SchoolsProblem;
using Adam = TorchSharp.Modules.Adam;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Benchmarks;

/// <summary>
/// A step of eight schools as one writes it without an engine: draws, densities and KL terms as formulas that use what is at
/// hand (the log scales) and leave constants out of the graph.
/// </summary>
internal sealed class SchoolsByHand : IContender
{
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly Tensor _effects = Effects();
    private readonly Tensor _errors = Errors();
    private readonly Parameter _muLoc = Zeros();
    private readonly Parameter _muLogScale = Zeros();
    private readonly Parameter _tauLoc = Zeros();
    private readonly Parameter _tauLogScale = Zeros();
    private readonly Parameter _etaLoc = Zeros(Schools);
    private readonly Parameter _etaLogScale = Zeros(Schools);
    private readonly Adam _optimizer;
    private readonly double _constant;

    public SchoolsByHand()
    {
        _optimizer = optim.Adam([_muLoc, _muLogScale, _tauLoc, _tauLogScale, _etaLoc, _etaLogScale], lr: LearningRate);
        using var scope = NewDisposeScope();
        var likelihood = -_errors.log().sum().ToDouble() - Schools * LogRootTwoPi;
        var muKl = Math.Log(MuScale) - 0.5;
        var tauKl = -0.5 - LogRootTwoPi + Math.Log(TauScale) + 0.5 * Math.Log(Math.PI / 2);
        var etaKl = -0.5 * Schools;
        _constant = muKl + tauKl + etaKl - likelihood;
    }

    public string Name => "by hand";

    public double Step()
    {
        using var scope = NewDisposeScope();
        return Step(randn(Particles, 1), randn(Particles, 1), randn(Particles, Schools));
    }

    /// <summary>A step with given noise, for the check that both compute the same.</summary>
    public double Step(Tensor muNoise, Tensor tauNoise, Tensor etaNoise)
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var (muScale, tauScale, etaScale) = (_muLogScale.exp(), _tauLogScale.exp(), _etaLogScale.exp());
        var mu = _muLoc + muScale * muNoise;
        var tau = (_tauLoc + tauScale * tauNoise).exp();
        var eta = _etaLoc + etaScale * etaNoise;

        var misfit = 0.5 / Particles * ((_effects - (mu + tau * eta)) / _errors).square().sum();
        var muKl = 0.5 / (MuScale * MuScale) * (muScale.square() + _muLoc.square()) - _muLogScale;
        // E[tau²] = exp(2 loc + 2 scale²), and the entropy of a log-normal variable holds its loc.
        var tauKl = 0.5 / (TauScale * TauScale) * (2 * (_tauLoc + tauScale.square())).exp() - _tauLoc - _tauLogScale;
        var etaKl = 0.5 * (etaScale.square() + _etaLoc.square()).sum() - _etaLogScale.sum();
        var loss = misfit + muKl + tauKl + etaKl;
        loss.backward();
        _optimizer.step();
        return loss.item<float>() + _constant;
    }

    public void Dispose()
    {
        foreach (var parameter in _optimizer.parameters())
        {
            parameter.Dispose();
        }

        _optimizer.Dispose();
        _effects.Dispose();
        _errors.Dispose();
    }
}
