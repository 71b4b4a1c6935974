using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The exact posterior of a model's discrete latent variables, given the data and a guide's draws of the continuous ones: the probabilities
/// of each (a mixture's responsibilities, a hidden Markov model's smoothed states), the likeliest values of all together, and draws.
/// </summary>
/// <remarks>The tensors belong to the caller's dispose scope.</remarks>
public sealed class DiscretePosterior
{
    private readonly EnumeratedRuns _runs;
    private readonly Dictionary<SiteHandle, Tensor> _marginals = [];

    private DiscretePosterior(EnumeratedRuns runs)
    {
        _runs = runs;
        LogEvidence = Differentiate();
    }

    /// <summary>
    /// log p(x) in nats where the model has no continuous latent variables c. Where it has, the average over their draws of log Σ_z p(x, z | c), to which
    /// the prior of a c that reads a summed-out variable counts too.
    /// </summary>
    public double LogEvidence { get; }

    /// <summary>The variables that are summed out, and log p(x).</summary>
    public override string ToString() => FormattableString.Invariant($"exact posterior of {Loops.Some([.. _marginals.Select(entry => $"{entry.Key} {new Shape(entry.Value.shape)}")])}; log p(x) {LogEvidence:G6}");

    /// <summary>Runs guide and model once.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide for its continuous latent variables; discrete ones that it has take its probabilities.</param>
    /// <param name="data">The data.</param>
    /// <param name="key">Where the draws of continuous latent variables come from.</param>
    /// <param name="particles">How many draws of these the probabilities are averaged over. Range: at least 1.</param>
    /// <exception cref="ModelException">Model, guide and data do not fit, or the sum has no exact form; the message lists why.</exception>
    public static DiscretePosterior Of<TData>(Model<TData> model, Guide<TData> guide, TData data, RandomKey key, int particles = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentOutOfRangeException.ThrowIfLessThan(particles, 1);
        guide = guide.Serving(model);
        var elbo = Elbo.Enumerated(particles);
        using var noGrad = no_grad();
        var measured = Measurement<TData>.Of(model, guide, elbo, data, key.Fold("measure"), TrainableParameters.Of([], model, guide), validate: true);
        if (elbo.HasParticleAxis)
        {
            RequireShapes(model, guide, elbo, data, key, measured);
        }

        var pass = new ElboPass(run => guide.Execute(data, key, run), run => model.Execute(data, key, run), new RunSettings(measured.Layout, particles), NoFreeze, model, 0);
        return new(EnumeratedRuns.Of(pass, (_, posterior) => posterior.EnumerateSupport() is not null, elbo.SumsOut));

        static IDisposable NoFreeze() => no_grad();
    }

    private static void RequireShapes<TData>(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data, RandomKey key, Measurement<TData> measured)
    {
        var parameters = TrainableParameters.Of([], model, guide);
        var count = Trial<TData>.FreshCount([.. measured.Model.Sites.Concat(measured.Guide.Sites).SelectMany(site => site.Distribution.Arguments.Select(argument => argument.Value).Append(site.Value)), .. parameters.ByName.Values]);
        using var frozen = parameters.Freeze();
        try
        {
            if (new Trial<TData>(elbo, guide, model, data, key.Fold("shapes"), new RunSettings(measured.Layout, count)).Problems(gradients: false) is { Count: > 0 } problems)
            {
                throw new ModelException(problems, measured.Model.ToString());
            }
        }
        catch (Exception refusal) when (refusal is ArgumentException or System.Runtime.InteropServices.ExternalException)
        {
            throw Trial<TData>.Refused(refusal, count, elbo.Particles);
        }
    }

    /// <summary>The posterior probabilities of one variable's values, averaged over the draws of the continuous ones.</summary>
    /// <param name="site">The variable.</param>
    /// <returns>Of shape plates + K, in the order of the support: 0, 1, … of a Categorical. They sum to 1.</returns>
    /// <exception cref="ModelException">It is no discrete latent variable of the model.</exception>
    public Tensor this[Latent site]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(site);
            return _marginals.TryGetValue(site, out var marginal) ? marginal
                : throw new ModelException($"Site '{site}' is no discrete latent variable of finite support in this run; there are {string.Join(", ", _marginals.Keys)}.");
        }
    }

    /// <summary>
    /// The likeliest values of all variables together (max-product elimination; Viterbi's path of a hidden Markov model). With several draws of
    /// the continuous variables each has likeliest values of its own; of these, those are given whose mean probability over all draws is greatest.
    /// </summary>
    /// <returns>Values of shape plates + event, however many draws there are.</returns>
    /// <exception cref="ModelException">The guide has one of the variables, so that its own site says its values.</exception>
    public DiscreteValues Mode()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var states = new JointStates(_runs);
        var likeliest = states.Likeliest();
        return Values(likeliest, states.MostProbable(likeliest));
    }

    /// <summary>
    /// Values of all variables together, drawn from their joint posterior (for a hidden Markov model: forward filtering, backward sampling).
    /// With several draws of the continuous variables, given one of them, which the key chooses.
    /// </summary>
    /// <param name="key">Where the draws come from.</param>
    /// <returns>Values of shape plates + event, however many draws there are.</returns>
    /// <exception cref="ModelException">The guide has one of the variables, so that its own site draws its values.</exception>
    public DiscreteValues Sample(RandomKey key)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Values(new JointStates(_runs).Draw(key), (long)(unchecked((ulong)key.Fold("draw").Value) % (ulong)_runs.Particles));
    }

    // The gradient of the log of a sum in the log of a factor is the probability of what the factor reads.
    private double Differentiate()
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var summed = _runs.Variables.Where(variable => !variable.InGuide).ToList();
        var ones = summed.ConvertAll(variable => new Factor(Zeros(variable), [variable], variable.Plates));
        var parts = _runs.Sums(ones).SelectMany(part => new PlatedElimination(LogSums.LogSumExp).Run(part.Factors)).ToList();
        var totals = parts.ConvertAll(part => _runs.Expectation.Total(part, 1, _runs.Particles).ToTensor());
        var alone = _runs.Model.Sites.OfType<ObservedSite>().Where(site => !_runs.IsInSum(site))
            .Sum(site => _runs.Expectation.Total(_runs.Prior(site), 1, _runs.Particles).ToTensor().ToDouble());
        if (totals.Count > 0)
        {
            var slopes = Gradients.Of(totals.Aggregate((sum, next) => sum.add(next)), ones.ConvertAll(one => one.Log));
            for (var i = 0; i < summed.Count; i++)
            {
                Keep(summed[i], slopes[i].mul(_runs.Particles / summed[i].Plates.Aggregate(1.0, (scale, plate) => scale * plate.Scale)));
            }
        }

        foreach (var variable in _runs.Variables.Where(variable => variable.InGuide))
        {
            Keep(variable, _runs.Expectation.Probability([variable]));
        }

        return alone + totals.Sum(total => total.ToDouble());
    }

    private Tensor Zeros(EnumeratedVariable variable) => zeros(_runs.BatchOf(variable).Prepend(variable.Size).ToArray(), _runs.Prior(_runs.Model[variable.Site]).Log.dtype).requires_grad_();

    private void Keep(EnumeratedVariable variable, Tensor probabilities)
    {
        var all = probabilities.detach().expand([variable.Size, .. _runs.BatchOf(variable)]).mean([1]);
        var plates = all.shape[^PlateRank(variable)..];
        _marginals.Add(variable.Site, all.reshape([variable.Size, .. plates]).movedim([0], [-1]).contiguous().MoveToOuterDisposeScope());
    }

    private static int PlateRank(EnumeratedVariable variable) => variable.Plates.Count == 0 ? 0 : variable.Plates.Max(plate => -plate.Axis);

    // One particle's values, without the axes of plates that no variable stands in.
    private static DiscreteValues Values(IReadOnlyDictionary<EnumeratedVariable, Tensor> indices, long particle) => new(indices.ToDictionary(
        entry => (SiteHandle)entry.Key.Site,
        entry => JointStates.ValuesAt(entry.Key, entry.Value[particle] is var index ? index.reshape(index.shape[^PlateRank(entry.Key)..]) : index).MoveToOuterDisposeScope()));
}

/// <summary>Values of a model's discrete latent variables, all together.</summary>
public sealed class DiscreteValues
{
    private readonly IReadOnlyDictionary<SiteHandle, Tensor> _values;

    internal DiscreteValues(IReadOnlyDictionary<SiteHandle, Tensor> values) => _values = values;

    /// <summary>One variable's value, of shape plates + event.</summary>
    /// <param name="site">The variable.</param>
    /// <exception cref="ModelException">It is no discrete latent variable of the model.</exception>
    public Tensor this[Latent site]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(site);
            return _values.TryGetValue(site, out var value) ? value
                : throw new ModelException($"Site '{site}' is no discrete latent variable of finite support in this run; there are {string.Join(", ", _values.Keys)}.");
        }
    }
}
