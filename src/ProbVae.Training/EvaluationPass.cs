using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>An evaluation's way through the batches: one look at each for the ELBO, the evidence and the codes, by one of the inference's processes.</summary>
internal sealed class EvaluationPass<TData>(Svi<TData> svi, EvaluationOptions options, RandomKey key) : IDisposable
{
    private readonly List<EvidenceElement> _elements = [];
    private readonly CodeGathering<TData> _codes = new(svi.Model, svi.Guide, options.Codes, options.MomentDraws);
    private Plate? _plate;
    private double _reconstruction;
    private double _kl;
    private double _ascended;

    public void Run(IEnumerable<TData> batches, CancellationToken cancellation)
    {
        foreach (var seen in svi.InParts(batches, (batch, before) => Look(batch, _elements.Count + before, cancellation), (writer, one) => one.Write(writer), Seen.Read, cancellation))
        {
            _plate = seen.Evidence.Plates[0];
            _elements.AddRange(seen.Evidence.Elements);

            // A step's terms stand for all rows of the plate.
            var share = 1 / _plate.Scale;
            (_reconstruction, _kl, _ascended) = (_reconstruction + (share * seen.LogLikelihood), _kl + (share * seen.Kl), _ascended - (share * seen.Loss));
            _codes.Add(seen.Codes);
        }
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

    // The noise of a batch depends on the rows before it, whichever process looks at it.
    private Seen Look(TData batch, long before, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var estimate = Evidence.ByImportance(svi.Model, svi.Guide, batch, key.Fold("evidence").Fold(before), options.Draws, options.Memory, cancellation: cancellation);
        RequireOne(estimate.Plates);
        var step = svi.Evaluate(batch, key: key.Fold("elbo").Fold(before));
        return new(estimate, step.LogLikelihood, step.Kl, step.Loss, _codes.Encode(batch, key.Fold("codes").Fold(before)));
    }

    private CodeUse Use(string site)
    {
        using var codes = _codes.Codes(site);
        return new(site, codes.Numbers, codes.ActiveUnits(), codes.MutualInformation(), codes.MarginalKl());
    }

    private void RequireOne(IReadOnlyList<Plate> plates)
    {
        if (plates.Count != 1)
        {
            throw new ModelException($"ModelEvaluation: the sites of the model '{svi.Model.Name}' have {(plates.Count == 0 ? "no plate" : $"{plates.Count} plates")} in common; exactly one is needed, of rows that are independent. Evidence.ByImportance and Svi.Evaluate measure such a model on its whole data.");
        }
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>What one batch told.</summary>
    private sealed record Seen(EvidenceEstimate Evidence, double LogLikelihood, double Kl, double Loss, IReadOnlyList<EncodedRows> Codes)
    {
        public void Write(BinaryWriter writer)
        {
            Evidence.Write(writer);
            Array.ForEach([LogLikelihood, Kl, Loss], writer.Write);
            writer.Write(Codes.Count);
            foreach (var codes in Codes)
            {
                codes.Write(writer);
            }
        }

        public static Seen Read(BinaryReader reader) => new(
            EvidenceEstimate.Read(reader), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => EncodedRows.Read(reader))]);
    }
}
