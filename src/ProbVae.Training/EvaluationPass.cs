using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>An evaluation's way through the batches: one look at each for the ELBO, the evidence and the codes.</summary>
internal sealed class EvaluationPass<TData>(Svi<TData> svi, EvaluationOptions options, RandomKey key) : IDisposable
{
    private readonly List<EvidenceElement> _elements = [];
    private readonly CodeGathering<TData> _codes = new(svi.Model, svi.Guide, options.Codes, options.MomentDraws);
    private Plate? _plate;
    private double _reconstruction;
    private double _kl;
    private double _ascended;

    public void Add(TData batch, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var before = _elements.Count;
        var estimate = Evidence.ByImportance(svi.Model, svi.Guide, batch, key.Fold("evidence").Fold(before), options.Draws, options.Memory, cancellation: cancellation);
        _plate = Joined(estimate.Plates);
        _elements.AddRange(estimate.Elements);
        var step = svi.Evaluate(batch, key: key.Fold("elbo").Fold(before));

        // A step's terms stand for all rows of the plate.
        var share = 1 / estimate.Plates[0].Scale;
        (_reconstruction, _kl, _ascended) = (_reconstruction + (share * step.LogLikelihood), _kl + (share * step.Kl), _ascended - (share * step.Loss));
        _codes.Add(batch, key.Fold("codes"));
    }

    public ModelEvaluation Result()
    {
        var rows = _plate is null ? throw new ArgumentException("ModelEvaluation: there is no batch; give at least one.") : _elements.Count;
        var mean = _elements.Average(element => element.LogEvidence);
        var judged = _elements.All(element => !double.IsNaN(element.ParetoK));
        return new(
            _plate.Name,
            rows,
            svi.StepCount,
            (_reconstruction - _kl) / rows,
            _ascended / rows,
            _reconstruction / rows,
            _kl / rows,
            mean,
            rows > 1 ? Finite(Math.Sqrt(_elements.Sum(element => Math.Pow(element.LogEvidence - mean, 2)) / (rows - 1) / rows)) : null,
            Finite(Math.Sqrt(_elements.Sum(element => element.StandardError * element.StandardError)) / rows),
            options.Draws,
            _elements.Average(element => element.EffectiveSampleSize),
            _elements.Min(element => element.EffectiveSampleSize),
            judged ? Finite(_elements.Average(element => element.ParetoK)) : null,
            judged ? _elements.Count(element => element.ParetoK > ModelEvaluation.ParetoLimit) / (double)rows : null,
            [.. _codes.Sites.Select(Use)]);
    }

    public void Dispose() => _codes.Dispose();

    private CodeUse Use(Latent site)
    {
        using var codes = _codes.Codes(site);
        return new(site.Name, codes.Numbers, codes.ActiveUnits(), codes.MutualInformation(), codes.MarginalKl());
    }

    private Plate Joined(IReadOnlyList<Plate> plates)
    {
        if (plates.Count != 1)
        {
            throw new ModelException($"ModelEvaluation: the sites of the model '{svi.Model.Name}' have {(plates.Count == 0 ? "no plate" : $"{plates.Count} plates")} in common; exactly one is needed, of rows that are independent. Evidence.ByImportance and Svi.Evaluate measure such a model on its whole data.");
        }

        return plates[0];
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
