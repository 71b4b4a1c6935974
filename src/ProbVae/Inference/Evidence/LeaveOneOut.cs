using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// How well a posterior predicts each observation from all others: Pareto smoothed leave-one-out cross-validation, and WAIC beside it (Vehtari,
/// Gelman and Gabry 2017, Practical Bayesian Model Evaluation). No model is fitted again: draws are weighed by 1 / p(x_n | z).
/// </summary>
/// <param name="Points">One for each element of the plates that all observations stand in.</param>
public sealed record LeaveOneOut(IReadOnlyList<LeftOutPoint> Points)
{
    private const double GreatestShape = 0.7;

    /// <summary>Σ log p(x_n | all others), in nats: of two models given the same data, the greater predicts better.</summary>
    public double LogScore => Points.Sum(point => point.LogScore);

    /// <summary>The standard error of that sum over points.</summary>
    public double StandardError => Spread(Points.Select(point => point.LogScore));

    /// <summary>The effective number of parameters: by how much the draws predict the points better with them than without.</summary>
    public double EffectiveParameters => Points.Sum(point => point.WithAll - point.LogScore);

    /// <summary>The same score by WAIC, which is less robust: where the two differ, it is not to be relied on.</summary>
    public double Waic => Points.Sum(point => point.Waic);

    /// <summary>How many points have a k̂ above 0.7, where the draws say too little of the posterior without that point.</summary>
    public int Unreliable => Points.Count(point => !(point.ParetoShape <= GreatestShape));

    /// <summary>Scores each point under draws of a posterior.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="posterior">Draws of it given these data; of a guide, they are taken for the posterior.</param>
    /// <param name="data">The data.</param>
    /// <param name="key">Where what is random besides comes from; nothing is in most models.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take; a number for each draw and point comes on top.</param>
    /// <exception cref="ModelException">The observations stand in no plate, or their density is no product over its elements.</exception>
    public static LeaveOneOut Of<TData>(Model<TData> model, Posterior posterior, TData data, RandomKey key = default, long memory = Predictive.DefaultMemory)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var kept = new KeptDraws([.. posterior.Latents.Select(site => (site, posterior[site]))]) { GivenData = true };
        using var runs = new ParticleRuns<TData>(model, null, data, key, memory, vectorized: true, kept);
        var density = JointDensity.Over(CommonPlates(runs.Measured.Model, model.Name));
        Tensor? all = null;
        IReadOnlyList<Tensor> Make(ParticleRun run) => [ByPoint(run, density)];
        runs.ForEach(posterior.Draws, runs.BatchSize(posterior.Draws, Make), Make, (start, count, made) =>
        {
            all ??= empty([posterior.Draws, made[0].shape[1]], ScalarType.Float64).MoveToOuterDisposeScope();
            all.narrow(0, start, count).copy_(made[0]);
        }, default);
        return new([.. Enumerable.Range(0, (int)all!.shape[1]).Select(point => LeftOutPoint.Of(all.select(1, point).contiguous().data<double>().ToArray(), posterior.Chains))]);
    }

    /// <summary>The difference of another model's score from this one's, with the standard error of the sum of the points' differences.</summary>
    /// <param name="other">Another model of the same data.</param>
    /// <exception cref="ArgumentException">It has another number of points.</exception>
    public (double Difference, double StandardError) Against(LeaveOneOut other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Points.Count != Points.Count
            ? throw new ArgumentException($"LeaveOneOut: there are {Points.Count} points here and {other.Points.Count} there; compare models of the same data.", nameof(other))
            : (other.LogScore - LogScore, Spread(Points.Zip(other.Points, (one, another) => another.LogScore - one.LogScore)));
    }

    /// <summary>The scores, and what the tails of the weights say of them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"Leave-one-out log score {LogScore:F2} ± {StandardError:F2} of {Points.Count} points, effective parameters {EffectiveParameters:F1}; WAIC's {Waic:F2}. ")
        + (Unreliable == 0 ? $"Every k̂ is at most {GreatestShape}: the score is good."
            : string.Create(CultureInfo.InvariantCulture, $"{Unreliable} points have a k̂ above {GreatestShape}, {Points.Max(point => point.ParetoShape):F2} the greatest: the posterior without such a point is too far from these draws. Fit the model without these points to score them, or look at whether the model can explain them."));

    private static double Spread(IEnumerable<double> scores)
    {
        var all = scores.ToList();
        var mean = all.Average();
        return all.Count < 2 ? double.NaN : Math.Sqrt(all.Count * all.Sum(score => (score - mean) * (score - mean)) / (all.Count - 1));
    }

    private static List<Plate> CommonPlates(Trace run, string model)
    {
        var observed = Observations(run).ToList();
        var common = observed.Count == 0 ? [] : observed.Select(site => (IEnumerable<Plate>)site.Plates).Aggregate((some, plates) => some.Intersect(plates)).ToList();
        return common.Count > 0 ? common
            : throw new ModelException([$"LeaveOneOut: the observations of '{model}', {string.Join(", ", observed.Select(site => $"'{site.Name}'"))}, stand in no common plate, so there are no elements to leave out. Declare independent observations in a plate."], run.ToString());
    }

    private static IEnumerable<Site> Observations(Trace run) => run.Sites.Where(site => site is ObservedSite { Handle: Observed });

    // log p(x_n | z), of shape (draws, points).
    private static Tensor ByPoint(ParticleRun run, JointDensity density)
    {
        var (sums, particles) = (run.Sums, run.Particles is not null);
        var alone = Observations(run.Model).Where(site => sums?.IsInSum(site) != true).Select(site => density.ByElement(site.LogProb(), particles));
        return (sums is null ? alone : alone.Concat(Marginals(sums, density))).Aggregate((sum, next) => sum + next).cpu();
    }

    private static IEnumerable<Tensor> Marginals(EnumeratedRuns sums, JointDensity density)
    {
        foreach (var (factors, variables) in sums.Sums())
        {
            var results = new PlatedElimination(LogSums.LogSumExp).Run(factors);
            if (sums.Model.Latents.FirstOrDefault(site => !site.Distribution.Support.IsDiscrete && factors.Contains(sums.Prior(site))) is { } read
                || results.Any(result => !density.Plates.All(result.Plates.Contains)))
            {
                throw new ModelException([$"LeaveOneOut: {string.Join(", ", variables.Select(variable => $"'{variable.Site}'"))} is summed out over more than one element of plate {string.Join(", ", density.Plates.Select(plate => $"'{plate.Name}'"))}, so the elements' densities are no factors that one could be left out of."], sums.Model.ToString());
            }

            foreach (var result in results)
            {
                yield return density.ByElement(result.ByElement(sums.Particles), particles: true);
            }
        }
    }
}

/// <summary>One observation that is left out.</summary>
/// <param name="LogScore">log p(x_n | all others), in nats.</param>
/// <param name="ParetoShape">k̂ of the weights: above 0.7 the score is not to be relied on.</param>
/// <param name="WithAll">log p(x_n | all), the mean over the draws.</param>
/// <param name="Waic">The point's share of WAIC's score.</param>
public sealed record LeftOutPoint(double LogScore, double ParetoShape, double WithAll, double Waic)
{
    internal static LeftOutPoint Of(double[] logLikelihoods, SampledChains? chains)
    {
        var highest = logLikelihoods.Max();
        var size = chains is null ? double.NaN : ChainStatistics.EffectiveSize(ChainStatistics.Split(chains.Of(Array.ConvertAll(logLikelihoods, log => Math.Exp(log - highest)))));
        var weights = Array.ConvertAll(logLikelihoods, log => -log);
        var shape = ParetoSmoothing.Smooth(weights, double.IsFinite(size) ? size / logLikelihoods.Length : 1);
        var (mean, count) = (logLikelihoods.Average(), logLikelihoods.Length);
        var all = LogSum(logLikelihoods) - Math.Log(count);
        return new(
            LogSum([.. logLikelihoods.Zip(weights, (log, weight) => log + weight)]) - LogSum(weights),
            shape,
            all,
            all - logLikelihoods.Sum(log => (log - mean) * (log - mean) / (count - 1)));
    }

    private static double LogSum(double[] logs) => logs.Max() is var highest ? highest + Math.Log(logs.Sum(log => Math.Exp(log - highest))) : 0;
}
